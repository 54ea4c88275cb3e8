use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::search::Suggestion;

/// What a visitor may be about to type.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestionList {
    /// The text as given.
    pub search: String,
    /// Titles, then channels, then tags.
    pub data: Vec<SuggestionObject>,
}

/// One suggestion.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestionObject {
    /// `title`, `channel` or `tag`.
    pub kind: &'static str,
    /// What is shown, and searched for.
    pub text: String,
    /// Of titles and channels: the address on the origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Of channels: `name@host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Of channels and tags: videos that are safe for work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
}

impl From<Suggestion> for SuggestionObject {
    fn from(suggestion: Suggestion) -> Self {
        match suggestion {
            Suggestion::Title { text, url } => Self { kind: "title", text, url: Some(url), handle: None, count: None },
            Suggestion::Channel { text, url, handle, n_videos } => {
                Self { kind: "channel", text, url: Some(url), handle: Some(handle), count: Some(n_videos) }
            }
            Suggestion::Tag { text, n_videos } => {
                Self { kind: "tag", text, url: None, handle: None, count: Some(n_videos) }
            }
        }
    }
}

/// The form that browsers read: the text and the suggestions, each once.
pub fn opensearch(search: &str, suggestions: &[Suggestion]) -> (String, Vec<String>) {
    let mut seen = HashSet::new();
    let texts = suggestions.iter().map(Suggestion::text).filter(|text| seen.insert(text.to_lowercase()));
    (search.to_owned(), texts.map(str::to_owned).collect())
}

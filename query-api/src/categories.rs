//! What the categories of events are called.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// See `data/README.md`.
static LABELS: &str = include_str!("../data/categories.json");

/// A category of events.
#[derive(Clone, Debug, Deserialize)]
pub struct Category {
    /// As searches take it: `MUSIC`.
    pub id: String,
    /// By language; English is always there.
    labels: BTreeMap<String, String>,
}

static CATEGORIES: LazyLock<Vec<Category>> = LazyLock::new(|| {
    serde_json::from_str(LABELS).unwrap_or_else(|error| {
        tracing::error!("reading the categories that are part of the program: {error}; they have no labels");
        Vec::new()
    })
});

impl Category {
    /// What it is called in a language, a primary subtag; in English where that is not known.
    pub fn label(&self, language: Option<&str>) -> &str {
        let in_language = language.and_then(|language| self.labels.get(language));
        in_language.or_else(|| self.labels.get("en")).map_or(self.id.as_str(), String::as_str)
    }
}

/// Every category, in the order of Mobilizon.
pub fn all() -> &'static [Category] {
    &CATEGORIES
}

/// What a category is called; its id when nobody knows it.
pub fn label(id: &str, language: Option<&str>) -> String {
    let known = all().iter().find(|category| category.id == id);
    known.map_or_else(|| id.to_owned(), |category| category.label(language).to_owned())
}

#[cfg(test)]
mod tests {
    use indexer::schema::EVENT_CATEGORIES;

    use super::*;

    #[test]
    fn every_category_has_an_english_label_and_many_others() {
        let ids: Vec<&str> = all().iter().map(|category| category.id.as_str()).collect();
        assert_eq!(ids, EVENT_CATEGORIES);
        assert!(all().iter().all(|category| category.labels.contains_key("en")));
        assert_eq!(label("MUSIC", Some("fr")), "Musique");
        assert_eq!(label("MUSIC", Some("xx")), "Music");
        assert_eq!(label("NONSENSE", None), "NONSENSE");
    }
}

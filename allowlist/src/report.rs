//! What visitors report: that something should not be shown, or not so.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::moderation::{Target, TargetError};

/// Longest comment in characters.
pub const MAX_COMMENT: usize = 1000;

/// Longest contact in characters.
pub const MAX_CONTACT: usize = 200;

/// Why something is reported. The list is closed: moderators sort by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportReason {
    /// Advertising, or the same many times.
    Spam,
    /// Against the law.
    Illegal,
    /// For adults, and not marked so.
    AdultNotMarked,
    /// It attacks somebody.
    Harassment,
    /// It is not what its category or language says.
    WrongCategory,
    /// It shows what somebody wants to keep private.
    Privacy,
    /// Something else; the comment says what.
    Other,
}

impl ReportReason {
    /// Every reason, in the order of the form.
    pub const ALL: [Self; 7] = [
        Self::Spam,
        Self::Illegal,
        Self::AdultNotMarked,
        Self::Harassment,
        Self::WrongCategory,
        Self::Privacy,
        Self::Other,
    ];

    /// The name in forms, files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Illegal => "illegal",
            Self::AdultNotMarked => "adult-not-marked",
            Self::Harassment => "harassment",
            Self::WrongCategory => "wrong-category",
            Self::Privacy => "privacy",
            Self::Other => "other",
        }
    }

    /// The same for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Spam => "Spam",
            Self::Illegal => "Against the law",
            Self::AdultNotMarked => "For adults, and not marked so",
            Self::Harassment => "It attacks somebody",
            Self::WrongCategory => "Wrong category or language",
            Self::Privacy => "It shows something private",
            Self::Other => "Something else",
        }
    }
}

/// A text that is no name of a reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no reason; the reasons are spam, illegal, adult-not-marked, harassment, wrong-category, privacy and other"
)]
pub struct UnknownReason(pub String);

impl FromStr for ReportReason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or_else(|| UnknownReason(text.to_owned()))
    }
}

impl fmt::Display for ReportReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportState {
    /// Nobody decided yet.
    Open,
    /// Something was done about what it names.
    Done,
    /// Nothing was to be done.
    Dismissed,
}

impl ReportState {
    /// The name in files, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Dismissed => "dismissed",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::Dismissed].into_iter().find(|state| state.as_str() == name)
    }
}

/// What visitors reported of one item for one reason: it is counted, not repeated. Of the visitors nothing is kept but what
/// they wrote.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its number.
    pub id: u64,
    /// The key of the item, such as `video/tube.example/UUID`.
    pub item: String,
    /// Why.
    pub reason: ReportReason,
    /// How often it was reported while nobody had decided.
    pub n_reports: u64,
    /// How it stands.
    pub state: ReportState,
    /// When it was first reported.
    pub created_at: Timestamp,
    /// When it was last reported.
    pub last_at: Timestamp,
    /// What visitors wrote, the first ones.
    pub comments: Vec<ReportComment>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closure>,
}

/// What one visitor wrote.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportComment {
    /// When.
    pub at: Timestamp,
    /// The comment; may be empty.
    pub text: String,
    /// How to reach them; may be empty.
    pub contact: String,
}

/// How a report ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Closure {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Report {
    /// What a decision on it is about.
    ///
    /// # Errors
    /// [`TargetError`] where the item is no key.
    pub fn target(&self) -> Result<Target, TargetError> {
        target_of(&self.item)
    }
}

/// What a decision on an item is about: a channel with its videos, a group with its events, else the one item.
///
/// # Errors
/// [`TargetError`] where the text is no key.
pub fn target_of(item: &str) -> Result<Target, TargetError> {
    let mut parts = item.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(kind @ ("channel" | "group")), Some(host), Some(name)) => format!("{kind}:{name}@{host}").parse(),
        _ => format!("item:{item}").parse(),
    }
}

/// A text of a visitor as it is kept: trimmed, lines parted by `\n`, and without what steers terminals. `None` where it is too
/// long.
pub fn cleaned(text: &str, max_chars: usize) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.trim().chars().filter(|character| *character == '\n' || !character.is_control()).collect();
    (text.chars().count() <= max_chars).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for reason in ReportReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        assert!("Spam".parse::<ReportReason>().is_err() && "".parse::<ReportReason>().is_err());
        for state in [ReportState::Open, ReportState::Done, ReportState::Dismissed] {
            assert_eq!(ReportState::from_name(state.as_str()), Some(state));
        }
    }

    #[test]
    fn a_channel_is_decided_on_with_its_videos() {
        let target = |item: &str| target_of(item).map(|target| target.to_string());
        assert_eq!(target("channel/tube.example/films").unwrap(), "channel:films@tube.example");
        assert_eq!(target("group/agenda.example/choir").unwrap(), "group:choir@agenda.example");
        assert_eq!(target("event/agenda.example/42").unwrap(), "item:event/agenda.example/42");
        for bad in ["", "video", "video/tube.example", "word/tube.example/x", "channel/tube.example/a b"] {
            assert!(target(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_visitors_write_is_kept_without_what_steers_terminals() {
        assert_eq!(cleaned("  a\r\nb\rc\u{1b}[2J\0  ", 20).unwrap(), "a\nb\nc[2J");
        assert_eq!(cleaned("été", 3).unwrap(), "été");
        assert_eq!(cleaned("étés", 3), None);
    }
}

//! What moderators of this index decided, and the file that tells those who serve it.
//!
//! Decisions act at reading time, so they need no rebuild and can be taken back; only a purge also removes what is stored.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::{Boost, Conditions, HostGlob, Layer, Place, Placed, WordList};
use crate::{Host, HostError};

/// Name of the file below the index directory.
pub const FILE_NAME: &str = "moderation.json";

/// Grows with any change that older readers would misread.
const FORMAT: u32 = 1;

/// The factor of what is ranked down.
pub const DOWNRANK_FACTOR: f32 = 0.1;

/// The `file` of places that a decision made.
pub const PLACE: &str = "moderation";

/// What a decision does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is not shown.
    Hide,
    /// It is shown after others.
    Downrank,
    /// It is not shown, what is stored of it is removed, and it does not come back.
    Purge,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::Hide, Self::Downrank, Self::Purge];

    /// The name in files and on the command line, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hide => "hide",
            Self::Downrank => "downrank",
            Self::Purge => "purge",
        }
    }

    /// The action of a name, whatever its case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str().eq_ignore_ascii_case(name))
    }
}

/// What a decision is about, written `instance:tube.example`, `account:name@host`, `channel:name@host`, `group:name@host`,
/// `item:video/tube.example/9c9de5e8-…` or `word:some words`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// Everything of an instance.
    Instance(Host),
    /// Everything of an account; also what an organiser made.
    Account(String),
    /// A channel with its videos and playlists.
    Channel(String),
    /// A group with its events.
    Group(String),
    /// One document by its key.
    Item(String),
    /// Everything with the word, or the words side by side, in title, description, tags or names.
    Word(String),
}

/// A text that names no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No known word before the colon.
    #[error(
        "`{0}` names no target; write `instance:tube.example`, `account:name@tube.example`, `channel:name@tube.example`, \
         `group:name@events.example`, `item:video/tube.example/UUID` or `word:some words`"
    )]
    Form(String),
    /// The host in it is none.
    #[error(transparent)]
    Host(#[from] HostError),
    /// `name@host` was expected.
    #[error("`{0}` is not a handle; write `name@tube.example`")]
    Handle(String),
    /// A key was expected.
    #[error("`{0}` is not a key; write `video/tube.example/UUID`, or channel, playlist, event or group with its id")]
    Key(String),
    /// Nothing to compare.
    #[error("`{0}` holds no letter or digit, or is longer than 200 characters")]
    Word(String),
}

/// One decision in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Its number in the registry; never used twice.
    pub id: u64,
    /// What it does.
    pub action: Action,
    /// What it is about.
    pub target: Target,
    /// Why, for the people concerned; shown on the page about the index by count only.
    pub reason: String,
    /// Where it came from, when it was imported: a file or a URL.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// When it was made.
    pub at: Timestamp,
}

/// The whole file. No name of a moderator is in it: it travels with a published index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModerationFile {
    format: u32,
    /// When it was written.
    pub written_at: Timestamp,
    /// The decisions in force, by number.
    pub decisions: Vec<Decision>,
    /// Instances that left the lists: hidden at once, while their tombstones are on the way.
    pub delisted: Vec<Host>,
}

impl ModerationFile {
    /// A file of these decisions.
    pub fn new(written_at: Timestamp, decisions: Vec<Decision>, delisted: Vec<Host>) -> Self {
        Self { format: FORMAT, written_at, decisions, delisted }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.format != FORMAT {
            return Err(format!("its format is {}, this version reads {FORMAT}", file.format));
        }
        Ok(file)
    }

    /// The decisions as a layer of rules; the line of a place is the number of the decision, 0 for what was delisted.
    pub fn layer(&self) -> Layer {
        let mut layer = Layer::everything(PLACE);
        let place = |id: u64| Place { file: Arc::from(PLACE), line: usize::try_from(id).unwrap_or(usize::MAX) };
        for decision in &self.decisions {
            let place = place(decision.id);
            match decision.action {
                Action::Hide | Action::Purge => decision.target.add_to(&mut layer.exclude, place),
                Action::Downrank => {
                    let mut on = Conditions::default();
                    decision.target.add_to(&mut on, place.clone());
                    layer.boosts.targets.push(Placed { value: Boost { on, factor: DOWNRANK_FACTOR }, place });
                }
            }
        }
        for host in &self.delisted {
            Target::Instance(host.clone()).add_to(&mut layer.exclude, place(0));
        }
        layer
    }
}

impl Target {
    fn add_to(&self, conditions: &mut Conditions, place: Place) {
        match self {
            Self::Instance(host) => {
                // A host holds no character that a pattern does not know.
                if let Ok(value) = HostGlob::parse(host.as_str()) {
                    conditions.hosts.push(Placed { value, place });
                }
            }
            Self::Account(handle) => conditions.accounts.push(Placed { value: handle.clone(), place }),
            Self::Channel(handle) => conditions.channels.push(Placed { value: handle.clone(), place }),
            Self::Group(handle) => conditions.groups.push(Placed { value: handle.clone(), place }),
            Self::Item(key) => conditions.items.push(Placed { value: key.clone(), place }),
            Self::Word(word) => {
                let words = vec![Placed { value: word.clone(), place: place.clone() }];
                let list = WordList { name: "moderation".to_owned(), language: None, words };
                conditions.words.push(Placed { value: list, place });
            }
        }
    }

    /// The host that it is on, where it names one.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Instance(host) => Some(host.as_str()),
            Self::Account(handle) | Self::Channel(handle) | Self::Group(handle) => {
                handle.split_once('@').map(|(_, host)| host)
            }
            Self::Item(key) => key.split('/').nth(1),
            Self::Word(_) => None,
        }
    }
}

fn handle(text: &str) -> Result<String, TargetError> {
    let text = text.trim().trim_start_matches('@');
    let refused = || TargetError::Handle(text.to_owned());
    let (name, host) = text.split_once('@').ok_or_else(refused)?;
    let host = Host::parse(host)?;
    let is_plain = |character: char| !character.is_whitespace() && !character.is_control() && character != '/';
    if name.is_empty() || name.chars().count() > 128 || !name.chars().all(is_plain) {
        return Err(refused());
    }
    Ok(format!("{}@{host}", name.to_lowercase()))
}

fn key(text: &str) -> Result<String, TargetError> {
    let refused = || TargetError::Key(text.to_owned());
    let mut parts = text.splitn(3, '/');
    let (Some(kind), Some(host), Some(id)) = (parts.next(), parts.next(), parts.next()) else { return Err(refused()) };
    let kind: crate::rules::RecordKind = kind.parse().map_err(|_| refused())?;
    let host = Host::parse(host)?;
    let is_plain = |character: char| !character.is_whitespace() && !character.is_control() && character != '/';
    if id.is_empty() || id.chars().count() > 128 || !id.chars().all(is_plain) {
        return Err(refused());
    }
    Ok(format!("{kind}/{host}/{}", id.to_lowercase()))
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (what, name) = text.split_once(':').ok_or_else(|| TargetError::Form(text.to_owned()))?;
        let name = name.trim();
        match what.trim() {
            "instance" => Ok(Self::Instance(Host::parse(name)?)),
            "account" => handle(name).map(Self::Account),
            "channel" => handle(name).map(Self::Channel),
            "group" => handle(name).map(Self::Group),
            "item" => key(name).map(Self::Item),
            "word" => {
                let is_word = name.chars().any(char::is_alphanumeric) && name.chars().count() <= 200;
                let word = is_word.then(|| Self::Word(name.split_whitespace().collect::<Vec<_>>().join(" ")));
                word.ok_or_else(|| TargetError::Word(name.to_owned()))
            }
            _ => Err(TargetError::Form(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = TargetError;

    fn try_from(text: String) -> Result<Self, TargetError> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(host) => write!(f, "instance:{host}"),
            Self::Account(handle) => write!(f, "account:{handle}"),
            Self::Channel(handle) => write!(f, "channel:{handle}"),
            Self::Group(handle) => write!(f, "group:{handle}"),
            Self::Item(key) => write!(f, "item:{key}"),
            Self::Word(word) => write!(f, "word:{word}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_reads_back_as_it_is_written() {
        for (text, written) in [
            ("instance:Tube.Example.", "instance:tube.example"),
            ("account: @Anna@Tube.example", "account:anna@tube.example"),
            ("channel:films@tube.example:8443", "channel:films@tube.example:8443"),
            ("group:chorale@agenda.example", "group:chorale@agenda.example"),
            ("item:event/agenda.example/42", "item:event/agenda.example/42"),
            ("word:  buy   now ", "word:buy now"),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(target.to_string(), written);
            assert_eq!(written.parse::<Target>().unwrap(), target);
        }
        for bad in [
            "",
            "tube.example",
            "instance:",
            "account:anna",
            "item:video/tube.example",
            "word:…",
            "channel:a b@c.example",
        ] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }

    #[test]
    fn decisions_become_a_layer_that_names_them() {
        let decide = |id, action, target: &str| Decision {
            id,
            action,
            target: target.parse().unwrap(),
            reason: "spam".to_owned(),
            source: None,
            at: Timestamp::UNIX_EPOCH,
        };
        let decisions = vec![
            decide(1, Action::Hide, "account:a@b.example"),
            decide(2, Action::Downrank, "word:casino"),
            decide(3, Action::Purge, "item:video/b.example/1"),
        ];
        let file = ModerationFile::new(Timestamp::UNIX_EPOCH, decisions, vec!["gone.example".parse().unwrap()]);
        let text = serde_json::to_string(&file).unwrap();
        assert_eq!(ModerationFile::parse(&text).unwrap(), file);
        let layer = file.layer();
        assert_eq!(layer.exclude.accounts.len(), 1);
        assert_eq!(layer.exclude.items.first().unwrap().place.line, 3);
        assert_eq!(layer.exclude.hosts.first().unwrap().value.as_str(), "gone.example");
        assert_eq!(layer.boosts.targets.len(), 1);
        assert!(ModerationFile::parse(&text.replace("\"format\":1", "\"format\":2")).is_err());
    }
}

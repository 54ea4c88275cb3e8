//! What a fake Mobilizon host holds: groups and persons.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::spec::{AddressSpec, Visibility};

/// Who may become a member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openness {
    /// Invited ones.
    InviteOnly,
    /// Accepted ones.
    Moderated,
    /// Everybody.
    Open,
}

impl Openness {
    /// The word of the GraphQL API; ActivityPub writes it in lower case.
    pub fn word(self) -> &'static str {
        match self {
            Self::InviteOnly => "INVITE_ONLY",
            Self::Moderated => "MODERATED",
            Self::Open => "OPEN",
        }
    }
}

/// A person who organises events. Nobody bears these names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSpec {
    /// The user name.
    pub username: String,
    /// The name shown.
    pub name: Option<String>,
}

/// A group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSpec {
    /// The user name, part of its address.
    pub username: String,
    /// The host it was made on.
    pub host: String,
    /// The name shown.
    pub name: Option<String>,
    /// HTML.
    pub summary: Option<String>,
    /// Who may find it; [`Visibility::Restricted`] is not used.
    pub visibility: Visibility,
    /// Who may become a member.
    pub openness: Openness,
    /// Whether followers need consent.
    pub approves_followers: bool,
    /// Whether a moderator suspended it.
    pub suspended: bool,
    /// Members; told since 3.0.
    pub n_members: u32,
    /// Followers.
    pub n_followers: u32,
    /// Where it is.
    pub address: Option<AddressSpec>,
    /// Whether it has an avatar.
    pub has_avatar: bool,
    /// Whether it has a banner.
    pub has_banner: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Fields of the GraphQL object that are said as they stand here, whatever the others say.
    pub raw: Map<String, Value>,
}

impl GroupSpec {
    /// Its ActivityPub id, which is also its page.
    pub fn url(&self) -> String {
        format!("https://{}/@{}", self.host, self.username)
    }

    /// Whether an anonymous index may hold it.
    pub fn is_listed(&self) -> bool {
        self.visibility == Visibility::Public
            && !self.suspended
            && self.raw.get("visibility").is_none_or(|said| said == "PUBLIC")
            && self.raw.get("suspended").is_none_or(|said| said == false)
    }
}

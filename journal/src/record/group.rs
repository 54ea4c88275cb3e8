//! A public group of a Mobilizon instance.

use jiff::Timestamp;

use super::{Actor, Address, Image, RecordId};

/// A local group that is public and not suspended, as its own instance described it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name, display name, ActivityPub id, host and avatar.
    pub actor: Actor,
    /// Sizes of the banner.
    pub banners: Vec<Image>,
    /// HTML as the origin sent it, not cleaned: whoever shows it cleans it.
    pub summary: Option<String>,
    /// Where it is at home.
    pub address: Option<Address>,
    /// Who may join.
    pub openness: Option<Openness>,
    /// Members counted by the origin (Mobilizon 3.0 and later).
    pub n_members: Option<u64>,
    /// Followers counted by the origin.
    pub n_followers: Option<u64>,
    /// Public events it has organised, past ones included.
    pub n_events: Option<u64>,
    /// When our crawler saw it first: Mobilizon does not say when a group was made.
    pub first_seen_at: Timestamp,
}

impl Group {
    /// The key of the group.
    pub fn record_id(&self) -> RecordId {
        RecordId::group(self.actor.host.clone(), &self.actor.name)
    }
}

/// Who may join a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Openness {
    /// Everybody.
    Open,
    /// Whom the group approves.
    Moderated,
    /// Who is invited.
    InviteOnly,
}

impl Openness {
    /// Every openness.
    pub const ALL: [Self; 3] = [Self::Open, Self::Moderated, Self::InviteOnly];

    /// As ActivityPub writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Moderated => "moderated",
            Self::InviteOnly => "invite_only",
        }
    }

    /// The openness of that name, in whatever case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|openness| openness.as_str().eq_ignore_ascii_case(name))
    }
}

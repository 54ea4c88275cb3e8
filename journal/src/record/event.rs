//! A public event of a Mobilizon or Gancio instance.

use allowlist::Host;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Actor, Address, Image, RecordId};

/// A public, local event that is no draft, as its own instance described it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The origin instance.
    pub host: Host,
    /// Unique among the events of `host`: a UUID (hyphenated, lower case) on Mobilizon, a decimal number on Gancio.
    pub origin_id: String,
    /// The ActivityPub id.
    pub url: String,
    /// The page for people, where that is not `url`.
    pub page_url: Option<String>,
    /// Plain text, never empty.
    pub title: String,
    /// HTML as the origin sent it, not cleaned: whoever shows it cleans it.
    pub description: Option<String>,
    /// When it takes place.
    pub time: EventTime,
    /// Whether it takes place.
    pub status: EventStatus,
    /// Who may come; `None` where the origin does not say.
    pub join_mode: Option<JoinMode>,
    /// Where to register instead, https or http.
    pub external_participation_url: Option<String>,
    /// Upper case, not checked against any list: admins add categories of their own.
    pub category: Option<String>,
    /// ISO 639 code as the origin sent it; `None` also for its `und`.
    pub language: Option<String>,
    /// The banner; several are sizes of the same picture.
    pub pictures: Vec<Image>,
    /// Without leading `#`, trimmed, not empty, without duplicates.
    pub tags: Vec<String>,
    /// The person or service that made it, unless hidden.
    pub organizer: Option<Actor>,
    /// The group it belongs to.
    pub group: Option<Actor>,
    /// Where it takes place.
    pub address: Option<Address>,
    /// It takes place online, perhaps besides an address.
    pub is_online: bool,
    /// Its page elsewhere, https or http.
    pub online_address: Option<String>,
    /// People who come; `None` where the origin does not say or the organiser hides it.
    pub n_participants: Option<u64>,
    /// Places; `None` for any number.
    pub capacity: Option<u64>,
    /// Whether people without an account may register.
    pub anonymous_participation: Option<bool>,
    /// Further facts under Mobilizon's keys, such as `mz:accessibility:wheelchairAccessible`; only keys known to it.
    pub metadata: Vec<(String, String)>,
    /// Shared by the occurrences of a recurring event, and unique on `host`.
    pub series: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When it was last edited; participation need not move it.
    pub updated_at: Option<Timestamp>,
}

impl Event {
    /// The key of the event.
    pub fn record_id(&self) -> RecordId {
        RecordId::event(self.host.clone(), &self.origin_id)
    }

    /// The UUID, which events of Gancio do not have.
    pub fn uuid(&self) -> Option<Uuid> {
        Uuid::parse_str(&self.origin_id).ok()
    }
}

/// When an event takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTime {
    /// The instant of its start.
    pub starts_at: Timestamp,
    /// The instant of its end, later than the start; `None` for an open end.
    pub ends_at: Option<Timestamp>,
    /// The IANA name of the zone its times are meant in; only names that are in the tz database.
    pub time_zone: Option<String>,
    /// False where only the date of the start means something.
    pub shows_start_time: bool,
    /// False where only the date of the end means something.
    pub shows_end_time: bool,
}

/// Whether an event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum EventStatus {
    /// Perhaps.
    Tentative,
    /// Yes; also where the origin does not say.
    #[default]
    Confirmed,
    /// No.
    Cancelled,
}

impl EventStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Tentative, Self::Confirmed, Self::Cancelled];

    /// As Mobilizon and iCalendar write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The status of that name, in whatever case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(name))
    }
}

/// Who may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinMode {
    /// Everybody.
    Free,
    /// Whom the organiser approves.
    Restricted,
    /// Who is invited.
    Invite,
    /// Who registers elsewhere.
    External,
}

impl JoinMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Free, Self::Restricted, Self::Invite, Self::External];

    /// As ActivityPub and the index write it, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Restricted => "restricted",
            Self::Invite => "invite",
            Self::External => "external",
        }
    }

    /// The mode of that name, in whatever case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str().eq_ignore_ascii_case(name))
    }
}

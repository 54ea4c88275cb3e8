//! What a fake Mobilizon host holds: events and addresses.

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Whether an event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventStatus {
    /// It may.
    Tentative,
    /// It will.
    Confirmed,
    /// It will not.
    Cancelled,
}

impl EventStatus {
    /// The word of the GraphQL API and of ActivityPub.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// Who may see an event or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody; it is listed.
    Public,
    /// Everybody with the link; it is not listed.
    Unlisted,
    /// Who was let in. Events only.
    Restricted,
    /// Members or invited ones.
    Private,
}

impl Visibility {
    /// The word of the GraphQL API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Unlisted => "UNLISTED",
            Self::Restricted => "RESTRICTED",
            Self::Private => "PRIVATE",
        }
    }

    /// Whether somebody who has the link sees it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }
}

/// How one takes part in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinOptions {
    /// Anybody may.
    Free,
    /// The organiser accepts each one.
    Restricted,
    /// By invitation.
    Invite,
    /// On another site; known since 3.2.
    External,
}

impl JoinOptions {
    /// The word of the GraphQL API; ActivityPub writes it in lower case.
    pub fn word(self) -> &'static str {
        match self {
            Self::Free => "FREE",
            Self::Restricted => "RESTRICTED",
            Self::Invite => "INVITE",
            Self::External => "EXTERNAL",
        }
    }
}

/// An address. Every part may be missing, as in reality.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddressSpec {
    /// The name of the place.
    pub description: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// The town.
    pub locality: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The localised name of the country.
    pub country: Option<String>,
    /// `house`, `street`, `city` and so on.
    pub kind: Option<String>,
    /// `lon;lat` in decimal degrees, as the API says it; a crafted host may say anything.
    pub geom: Option<String>,
    /// The time zone that was derived from the point; told since 2.0.
    pub timezone: Option<String>,
}

impl AddressSpec {
    /// The same address with coordinates, in degrees.
    pub fn at(mut self, longitude: f64, latitude: f64) -> Self {
        self.geom = Some(format!("{longitude:?};{latitude:?}"));
        self
    }

    /// Longitude and latitude, when [`Self::geom`] says two numbers.
    pub fn point(&self) -> Option<(f64, f64)> {
        let (longitude, latitude) = self.geom.as_deref()?.split_once(';')?;
        Some((longitude.parse().ok()?, latitude.parse().ok()?))
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSpec {
    /// Its uuid, part of its address.
    pub uuid: Uuid,
    /// The host it was made on.
    pub host: String,
    /// 3 to 200 characters.
    pub title: String,
    /// HTML.
    pub description: Option<String>,
    /// The beginning, to the second.
    pub begins_on: Timestamp,
    /// The end; `None` is an open end.
    pub ends_on: Option<Timestamp>,
    /// False: only the date is shown.
    pub shows_start_time: bool,
    /// False: only the date of the end is shown.
    pub shows_end_time: bool,
    /// An IANA name; told since 2.0.
    pub timezone: Option<String>,
    /// Whether it takes place.
    pub status: EventStatus,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it is not published yet.
    pub draft: bool,
    /// How one takes part.
    pub join: JoinOptions,
    /// The other site of [`JoinOptions::External`].
    pub external_url: Option<String>,
    /// In upper case; versions before 2.1 write it in lower case.
    pub category: String,
    /// A code of ISO 639-1, or `und`; told since 2.0.
    pub language: Option<String>,
    /// Titles of tags, without `#`.
    pub tags: Vec<String>,
    /// Where it takes place.
    pub address: Option<AddressSpec>,
    /// Whether it takes place online only; told since 2.0.
    pub is_online: bool,
    /// A web address.
    pub online_address: Option<String>,
    /// The user name of the person who organises it, on its host.
    pub organizer: String,
    /// The user name of the group it is attributed to, on its host.
    pub group: Option<String>,
    /// Participants who are not the organiser.
    pub n_participants: u32,
    /// Whether their number is not to be shown; told since 5.0. The API gives it all the same.
    pub hides_participants: bool,
    /// The greatest number of participants; 0 has no limit.
    pub capacity: u32,
    /// A picture: the number of the times it was replaced.
    pub picture: Option<u32>,
    /// Keys and values of the metadata; told since 2.0.
    pub metadata: Vec<(String, Value)>,
    /// The publication; `None` for a draft.
    pub published_at: Option<Timestamp>,
    /// When it was made.
    pub inserted_at: Timestamp,
    /// The last change.
    pub updated_at: Timestamp,
    /// Fields of the GraphQL object that are said as they stand here, whatever the others say: for hosts that lie.
    pub raw: Map<String, Value>,
}

impl EventSpec {
    /// Its ActivityPub id, which is also its page.
    pub fn url(&self) -> String {
        format!("https://{}/events/{}", self.host, self.uuid)
    }

    /// Whether an anonymous index may hold it, as far as the event says: public and published, with a beginning and an
    /// address of its own host. What is said in place of the truth ([`Self::raw`]) counts.
    pub fn is_listed(&self) -> bool {
        let says = |field: &str| self.raw.get(field);
        self.visibility == Visibility::Public
            && !self.draft
            && says("visibility").is_none_or(|said| said == "PUBLIC")
            && says("draft").is_none_or(|said| said == false)
            && says("url").is_none_or(|said| said == &Value::from(self.url()))
            && says("beginsOn").is_none_or(|said| said.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()))
    }

    /// Whether it lasts beyond `now`, as Mobilizon counts: by its end, or by its beginning when it has none.
    pub fn is_unfinished(&self, now: Timestamp) -> bool {
        match self.ends_on {
            Some(end) => end > now,
            None => self.begins_on >= now,
        }
    }

    /// How many places are left; `None` without a limit.
    pub fn n_free_places(&self) -> Option<u32> {
        (self.capacity > 0).then(|| self.capacity.saturating_sub(self.n_participants))
    }
}

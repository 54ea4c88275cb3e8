//! Mobilizon hosts made by hand: the names, uuids and dates that a test needs, and nothing else.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::group::{GroupSpec, Openness, PersonSpec};
use super::host::{MobilizonHost, whole_seconds};
use super::spec::{EventSpec, EventStatus, JoinOptions, Visibility};
use super::version::MobilizonVersion;

/// Collects what a host is to hold. Each part is told with its names and a change of its other fields.
///
/// ```
/// use simulator::HostSetup;
/// use simulator::mobilizon::{AddressSpec, CraftedMobilizon, MobilizonVersion};
/// use simulator::uuid_of;
///
/// let now = "2026-01-01T00:00:00Z".parse()?;
/// let host = CraftedMobilizon::new("agenda.example", MobilizonVersion::V5_1, now)
///     .group("choir", "The choir", |group| group.n_members = 12)
///     .event(uuid_of("concert"), "A concert", |event| {
///         event.group = Some("choir".to_owned());
///         event.address = Some(AddressSpec { locality: Some("Lyon".to_owned()), ..AddressSpec::default() }.at(4.83, 45.76));
///     })
///     .host();
/// assert_eq!(HostSetup::mobilizon(host).name(), "agenda.example");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CraftedMobilizon {
    host: MobilizonHost,
    now: Timestamp,
}

/// Made-up groups are this old.
const AGE_OF_GROUPS: SignedDuration = SignedDuration::from_hours(3 * 365 * 24);

impl CraftedMobilizon {
    /// A host with one person, `organizer`, and nothing else.
    ///
    /// - `now`: the time base of dates that are not set.
    pub fn new(name: &str, version: MobilizonVersion, now: Timestamp) -> Self {
        let mut host = MobilizonHost::empty(name, version);
        host.persons.push(PersonSpec { username: "organizer".to_owned(), name: Some("Orla Ganizer".to_owned()) });
        Self { host, now: whole_seconds(now) }
    }

    /// Changes what is said of the host.
    pub fn change(mut self, change: impl FnOnce(&mut MobilizonHost)) -> Self {
        change(&mut self.host);
        self
    }

    /// Adds a public group of the host, three years old unless told otherwise; with another `host` it is a remote one.
    pub fn group(mut self, username: &str, name: &str, change: impl FnOnce(&mut GroupSpec)) -> Self {
        let mut group = GroupSpec {
            username: username.to_owned(),
            host: self.host.name.clone(),
            name: Some(name.to_owned()),
            summary: None,
            visibility: Visibility::Public,
            openness: Openness::Open,
            approves_followers: false,
            suspended: false,
            n_members: 1,
            n_followers: 0,
            address: None,
            has_avatar: false,
            has_banner: false,
            created_at: self.now.checked_sub(AGE_OF_GROUPS).unwrap_or(self.now),
            raw: serde_json::Map::new(),
        };
        change(&mut group);
        self.host.groups.push(group);
        self
    }

    /// Adds a public, confirmed event of the host, published a day ago, that begins in a day and lasts two hours unless
    /// told otherwise; with another `host` it is a remote one.
    pub fn event(mut self, uuid: Uuid, title: &str, change: impl FnOnce(&mut EventSpec)) -> Self {
        let hours = |hours| self.now.checked_add(SignedDuration::from_hours(hours)).unwrap_or(self.now);
        let mut event = EventSpec {
            uuid,
            host: self.host.name.clone(),
            title: title.to_owned(),
            description: None,
            begins_on: hours(24),
            ends_on: Some(hours(26)),
            shows_start_time: true,
            shows_end_time: true,
            timezone: Some("Europe/Paris".to_owned()),
            status: EventStatus::Confirmed,
            visibility: Visibility::Public,
            draft: false,
            join: JoinOptions::Free,
            external_url: None,
            category: "MEETING".to_owned(),
            language: Some("en".to_owned()),
            tags: Vec::new(),
            address: None,
            is_online: false,
            online_address: None,
            organizer: "organizer".to_owned(),
            group: None,
            n_participants: 0,
            hides_participants: false,
            capacity: 0,
            picture: None,
            metadata: Vec::new(),
            published_at: Some(hours(-24)),
            inserted_at: hours(-24),
            updated_at: hours(-24),
            raw: serde_json::Map::new(),
        };
        change(&mut event);
        if event.draft {
            event.published_at = None;
        }
        self.host.events.push(event);
        self
    }

    /// The host.
    pub fn host(self) -> MobilizonHost {
        self.host
    }
}

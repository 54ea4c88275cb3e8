//! The generator of Mobilizon hosts, the same for the same seed and time base.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use uuid::Uuid;

use super::categories::CATEGORIES;
use super::group::{GroupSpec, Openness, PersonSpec};
use super::host::{MobilizonHost, whole_seconds};
use super::phrases::{KINDS, sentences};
use super::spec::{AddressSpec, EventSpec, EventStatus, JoinOptions, Visibility};
use super::version::MobilizonVersion;
use crate::catalogue::words::{TOPICS, Vocabulary, vocabulary};
use crate::catalogue::{Rng, text, vocabulary_at};
use crate::cities::{CITIES, City};

/// First words of host names.
const PREFIXES: [&str; 8] = ["agenda", "mobilizon", "events", "rdv", "termine", "kalender", "eventos", "meet"];

/// Second words of host names.
const WORDS: &str = "verveine|kastanie|ruisseau|lantern|azahar|tramontana|weide|clairiere|magnolia|burdock|helecho|sorbo|quai|schwalbe|estuary|brezo|salvia|pivert|holunder|kestrel|romero|betulla|glycine|distel|bracken|almendro|ortica|colline|moor|willow";

/// A category that only its host knows.
const OWN_CATEGORY: (&str, &str) = ("REPAIR_CAFE", "Repair café");

/// Categories that go with each of [`KINDS`].
const KIND_CATEGORIES: [&str; 10] = [
    "MUSIC",
    "CRAFTS",
    "NETWORKING",
    "OUTDOORS_ADVENTURE",
    "FILM_MEDIA",
    "PARTY",
    "MOVEMENTS_POLITICS",
    "FOOD_DRINK",
    "LEARNING",
    "ARTS",
];

/// A planned set of Mobilizon hosts.
///
/// ```
/// use simulator::mobilizon::MobilizonCatalogue;
///
/// let now = "2026-01-01T00:00:00Z".parse()?;
/// let host = MobilizonCatalogue::new(7, now, 8).host(2, 40, 4).unwrap();
/// assert_eq!((host.listed_events().count(), host.listed_groups().count()), (40, 4));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MobilizonCatalogue {
    seed: u64,
    now: Timestamp,
    n_hosts: usize,
}

impl MobilizonCatalogue {
    /// Plans hosts.
    ///
    /// - `now`: events lie around it: a third is over, some are under way, most begin within three months.
    /// - `n_hosts`: names are distinct for any number; versions 1.1 to 5.1 take turns, newer ones more often.
    pub fn new(seed: u64, now: Timestamp, n_hosts: usize) -> Self {
        Self { seed, now: whole_seconds(now), n_hosts }
    }

    /// The name of a host.
    pub fn name(&self, nth: usize) -> String {
        let words: Vec<&str> = WORDS.split('|').collect();
        let word = words.get(nth % words.len()).copied().unwrap_or_default();
        let prefix = PREFIXES.get((nth / words.len() + nth) % PREFIXES.len()).copied().unwrap_or_default();
        match nth / (words.len() * PREFIXES.len()) {
            0 => format!("{prefix}-{word}.example"),
            round => format!("{prefix}-{word}-{round}.example"),
        }
    }

    /// The city a host is at home in; half of its events take place there or near.
    pub fn city(&self, nth: usize) -> City {
        city_at(nth)
    }

    /// Makes a host that lists `n_events` events and `n_groups` groups. It has others that must not show (drafts,
    /// unlisted, restricted and private events, an unlisted, a private and a suspended group; one in twelve, at least
    /// five) and events and groups of its neighbour, which it follows. `None` when there is no such host.
    pub fn host(&self, nth: usize, n_events: u32, n_groups: u32) -> Option<MobilizonHost> {
        if nth >= self.n_hosts {
            return None;
        }
        let mut host = self.skeleton(nth, n_groups);
        for nth_event in 0..n_events {
            host.events.push(self.event(&host, nth, nth_event));
        }
        for nth_hidden in 0..(n_events / 12).max(5) {
            let mut event = self.event(&host, nth, 1_000_000 + nth_hidden);
            match nth_hidden % 5 {
                0 => event.draft = true,
                1 => event.visibility = Visibility::Unlisted,
                2 => event.visibility = Visibility::Restricted,
                3 => event.visibility = Visibility::Private,
                _ => event.group = host.groups.iter().find(|group| group.suspended).map(|group| group.username.clone()),
            }
            if event.draft {
                event.published_at = None;
            }
            host.events.push(event);
        }
        if self.n_hosts > 1 {
            let neighbour = (nth + 1) % self.n_hosts;
            let other = self.skeleton(neighbour, 2);
            for nth_event in 0..(n_events / 10).max(2) {
                host.events.push(self.event(&other, neighbour, nth_event));
            }
            host.groups.extend(other.groups.into_iter().filter(GroupSpec::is_listed));
        }
        Some(host)
    }

    /// A host with its persons and groups.
    fn skeleton(&self, nth: usize, n_groups: u32) -> MobilizonHost {
        let mut rng = Rng::of(&[self.seed, 0x30b1, nth as u64]);
        let city = city_at(nth);
        let words = language_of(&city);
        let version = match nth % 8 {
            0 => MobilizonVersion::V1_1,
            1 | 2 => MobilizonVersion::V3_0,
            3 | 4 => MobilizonVersion::V4_1,
            _ => MobilizonVersion::V5_1,
        };
        let mut host = MobilizonHost::empty(&self.name(nth), version);
        host.seed = rng.next();
        host.display_name =
            format!("{} {}", capital(PREFIXES.get(nth % PREFIXES.len()).copied().unwrap_or_default()), city.name);
        host.description = text::sentences(&mut rng, words, nth % TOPICS, 1);
        host.languages = vec![primary(city.language)];
        if nth % 5 == 2 {
            host.extra_categories.push((OWN_CATEGORY.0.to_owned(), OWN_CATEGORY.1.to_owned()));
        }
        for nth_person in 0..3 + rng.below(4) {
            let name = rng.chance(0.8).then(|| text::person(&mut rng, words));
            host.persons.push(PersonSpec { username: format!("{}_{nth_person}", text::handle(&mut rng)), name });
        }
        for nth_group in 0..n_groups + 3 {
            let mut rng = Rng::of(&[self.seed, 0x6409, nth as u64, u64::from(nth_group)]);
            let mut group = plan_group(&mut rng, &host.name, &city, words, nth_group, self.now);
            match nth_group.checked_sub(n_groups) {
                Some(0) => group.visibility = Visibility::Unlisted,
                Some(1) => group.visibility = Visibility::Private,
                Some(_) => group.suspended = true,
                None => {}
            }
            host.groups.push(group);
        }
        host
    }

    fn event(&self, host: &MobilizonHost, nth: usize, nth_event: u32) -> EventSpec {
        let mut rng = Rng::of(&[self.seed, 0xe7e2, nth as u64, u64::from(nth_event)]);
        let days = match rng.below(20) {
            0..=5 => -1.0 - rng.unit().powi(2) * 240.0,
            6 => 0.0,
            7..=17 => rng.unit().powi(2) * 60.0,
            _ => 60.0 + rng.unit() * 240.0,
        };
        let mut event = plan_event(&mut rng, host, self.now, days, nth_event as usize);
        let age = SignedDuration::from_mins(60 + rng.below(60 * 24 * 40) as i64);
        let published = event.begins_on.min(self.now).checked_sub(age).unwrap_or(self.now);
        event.inserted_at = whole_seconds(published);
        event.published_at = Some(event.inserted_at);
        event.updated_at = event.inserted_at;
        if rng.chance(0.3) {
            let later = SignedDuration::from_mins(rng.below(age.as_mins().max(1) as usize) as i64);
            event.updated_at = whole_seconds(event.inserted_at.checked_add(later).unwrap_or(self.now)).min(self.now);
        }
        event
    }
}

impl MobilizonHost {
    /// Adds a public event, published at `now`, that begins within some weeks.
    pub fn add_event(&mut self, now: Timestamp) -> EventSpec {
        let mut rng = Rng::of(&[self.seed, 0xadd, u64::from(self.n_added)]);
        let nth = self.n_added as usize;
        self.n_added += 1;
        let now = whole_seconds(now);
        let days = 0.5 + rng.unit() * 40.0;
        let mut event = plan_event(&mut rng, self, now, days, nth);
        event.status = EventStatus::Confirmed;
        event.inserted_at = now;
        event.published_at = Some(now);
        event.updated_at = now;
        self.events.push(event.clone());
        event
    }
}

fn city_at(nth: usize) -> City {
    CITIES.get(nth % CITIES.len()).copied().unwrap_or(FALLBACK)
}

/// Never used: there are cities.
const FALLBACK: City = City {
    name: "",
    country: "",
    region: "",
    postal_prefix: "",
    latitude: 0.0,
    longitude: 0.0,
    timezone: "Etc/UTC",
    language: "en",
};

fn language_of(city: &City) -> &'static Vocabulary {
    vocabulary(city.language).unwrap_or_else(|| vocabulary_at(1))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A language without its script.
fn primary(code: &str) -> String {
    code.split('-').next().unwrap_or(code).to_owned()
}

fn new_uuid(rng: &mut Rng) -> Uuid {
    let number = (u128::from(rng.next()) << 64) | u128::from(rng.next());
    uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
}

fn plan_group(rng: &mut Rng, host: &str, city: &City, words: &Vocabulary, nth: u32, now: Timestamp) -> GroupSpec {
    let topic = rng.below(TOPICS);
    let days = 60 + rng.below(1_500) as i64;
    let name = match rng.below(3) {
        0 => capital(text::noun(rng, words, topic)),
        _ => format!("{} · {}", text::proper_name(rng, words), text::noun(rng, words, topic)),
    };
    let has_place = rng.chance(0.6);
    GroupSpec {
        username: format!("{}_{nth}", text::handle(rng).replace('.', "_")),
        host: host.to_owned(),
        name: (!rng.chance(0.1)).then_some(name),
        summary: rng.chance(0.8).then(|| format!("<p>{}</p>", text::sentences(rng, words, topic, 2))),
        visibility: Visibility::Public,
        openness: match rng.below(4) {
            0 => Openness::InviteOnly,
            1 => Openness::Moderated,
            _ => Openness::Open,
        },
        approves_followers: rng.chance(0.3),
        suspended: false,
        n_members: 1 + rng.zipf(120) as u32,
        n_followers: rng.zipf(60) as u32,
        address: has_place.then(|| address(rng, city, words)),
        has_avatar: rng.chance(0.7),
        has_banner: rng.chance(0.4),
        created_at: whole_seconds(now.checked_sub(SignedDuration::from_hours(days * 24)).unwrap_or(now)),
        raw: serde_json::Map::new(),
    }
}

/// An invented place in a city or near.
pub(crate) fn address(rng: &mut Rng, city: &City, words: &Vocabulary) -> AddressSpec {
    // Most within four kilometres of the centre, some in the country around.
    let reach = if rng.chance(0.8) { 0.035 } else { 0.3 };
    let round = |number: f64| (number * 1e6).round() / 1e6;
    let latitude = round(city.latitude + (rng.unit() - 0.5) * 2.0 * reach);
    let longitude = city.longitude + (rng.unit() - 0.5) * 2.0 * reach / city.latitude.to_radians().cos();
    // Around the antimeridian the eastern and the western end meet.
    let longitude = round((longitude + 540.0).rem_euclid(360.0) - 180.0);
    let (place, street) = (text::proper_name(rng, words), text::proper_name(rng, words));
    AddressSpec {
        description: rng.chance(0.8).then_some(place),
        street: rng.chance(0.9).then(|| format!("{} {street}", 1 + rng.below(140))),
        locality: Some(city.name.to_owned()),
        postal_code: rng.chance(0.8).then(|| format!("{}{:02}", city.postal_prefix, rng.below(20))),
        region: Some(city.region.to_owned()),
        country: Some(city.country.to_owned()),
        kind: Some("house".to_owned()),
        geom: None,
        timezone: Some(city.timezone.to_owned()),
    }
    .at(longitude, latitude)
}

/// Plans an event that begins `days` after `now`; dates of publication are left to the caller.
fn plan_event(rng: &mut Rng, host: &MobilizonHost, now: Timestamp, days: f64, nth: usize) -> EventSpec {
    let home = (0..CITIES.len()).map(city_at).find(|city| host.display_name.ends_with(city.name)).unwrap_or(FALLBACK);
    let city = if rng.chance(0.6) { home } else { city_at(rng.below(CITIES.len())) };
    let words = language_of(&city);
    let topic = rng.below(TOPICS);
    let (title, category) = title(rng, words, topic);
    let category = match rng.below(12) {
        0 => "MEETING".to_owned(),
        1 => CATEGORIES.get(rng.below(CATEGORIES.len())).copied().unwrap_or("MEETING").to_owned(),
        2 => host.extra_categories.first().map_or_else(|| category.clone(), |(id, _)| id.clone()),
        _ => category,
    };
    let time = plan_time(rng, now, days, &city, nth);
    // Online only, online besides, or on the spot.
    let (is_online, is_hybrid) = (rng.chance(0.08), rng.chance(0.08));
    let mut address = (!is_online).then(|| self::address(rng, &city, words));
    match rng.below(25) {
        // A text that no geocoder knew.
        0 => {
            if let Some(address) = &mut address {
                (address.geom, address.timezone) = (None, None);
            }
        }
        1 => address = address.map(|address| address.at(0.0, 0.0)),
        2 => address = None,
        _ => {}
    }
    let n_own_groups = host.groups.iter().filter(|group| group.host == host.name && group.is_listed()).count();
    let own = |group: &&GroupSpec| group.host == host.name && group.is_listed();
    let group = rng.chance(0.6).then(|| rng.zipf(n_own_groups));
    let group = group.and_then(|nth| host.groups.iter().filter(own).nth(nth)).map(|group| group.username.clone());
    let capacity = if rng.chance(0.2) { 5 + rng.below(60) as u32 } else { 0 };
    let n_participants = match (capacity, rng.below(3)) {
        // Full.
        (1.., 0) => capacity,
        (1.., _) => rng.below(capacity as usize) as u32,
        (0, _) => rng.zipf(150) as u32,
    };
    let join = match rng.below(12) {
        0 | 1 => JoinOptions::Restricted,
        2 => JoinOptions::Invite,
        3 if host.version >= MobilizonVersion::V4_1 => JoinOptions::External,
        _ => JoinOptions::Free,
    };
    let mut tags: Vec<String> = (0..rng.below(5)).map(|_| text::noun(rng, words, topic).to_owned()).collect();
    tags.sort();
    tags.dedup();
    let mut metadata: Vec<(String, serde_json::Value)> = Vec::new();
    if is_hybrid || is_online {
        metadata.push(("mz:visio:jitsi_meet".to_owned(), format!("https://talk.example/{}", rng.below(9_999)).into()));
    }
    if rng.chance(0.2) {
        let says = ["no", "partially", "fully"];
        let value = says.get(rng.below(says.len())).copied().unwrap_or_default();
        metadata.push(("mz:accessibility:wheelchairAccessible".to_owned(), value.into()));
    }
    let organizer = host.persons.get(rng.below(host.persons.len())).map(|person| person.username.clone());
    EventSpec {
        uuid: new_uuid(rng),
        host: host.name.clone(),
        title,
        description: rng.chance(0.9).then(|| description(rng, words, topic)),
        begins_on: time.begins_on,
        ends_on: time.ends_on,
        shows_start_time: time.shows_start,
        shows_end_time: time.shows_end,
        timezone: (!rng.chance(0.05)).then(|| city.timezone.to_owned()),
        status: match rng.below(25) {
            0 => EventStatus::Cancelled,
            1 | 2 => EventStatus::Tentative,
            _ => EventStatus::Confirmed,
        },
        visibility: Visibility::Public,
        draft: false,
        external_url: (join == JoinOptions::External).then(|| format!("https://tickets.example/{}", rng.below(9_999))),
        join,
        category,
        language: (!rng.chance(0.1)).then(|| primary(city.language)),
        tags,
        address,
        is_online,
        online_address: (is_online || is_hybrid).then(|| format!("https://talk.example/{}", rng.below(9_999))),
        organizer: organizer.unwrap_or_else(|| "organizer".to_owned()),
        group,
        n_participants,
        hides_participants: rng.chance(0.1),
        capacity,
        picture: rng.chance(0.7).then_some(0),
        metadata,
        published_at: None,
        inserted_at: now,
        updated_at: now,
        raw: serde_json::Map::new(),
    }
}

/// One to three paragraphs of HTML.
fn description(rng: &mut Rng, words: &Vocabulary, topic: usize) -> String {
    let own = sentences(words.code);
    let mut paragraphs = String::new();
    for _ in 0..1 + rng.below(3) {
        let text = match &own {
            Some(own) => {
                let mut patterns: Vec<&str> = (0..2 + rng.below(2)).map(|_| rng.any(own)).collect();
                patterns.dedup();
                let filled: Vec<String> =
                    patterns.into_iter().map(|pattern| text::fill(rng, words, topic, pattern)).collect();
                filled.join(" ")
            }
            None => text::sentences(rng, words, topic, 2),
        };
        paragraphs.push_str(&format!("<p>{text}</p>"));
    }
    paragraphs
}

fn title(rng: &mut Rng, words: &Vocabulary, topic: usize) -> (String, String) {
    let kinds = KINDS.iter().find(|(code, _)| *code == words.code).map(|(_, kinds)| *kinds);
    let (title, kind) = match kinds {
        Some(kinds) => {
            let nth = rng.below(KIND_CATEGORIES.len());
            let kind = kinds.split('|').nth(nth).unwrap_or_default();
            let subject = match rng.below(3) {
                0 => text::proper_name(rng, words),
                1 => text::noun(rng, words, topic).to_owned(),
                _ => format!("{} & {}", text::proper_name(rng, words), text::noun(rng, words, topic)),
            };
            let colon = if words.code == "fr" { " : " } else { ": " };
            (format!("{kind}{colon}{subject}"), nth)
        }
        None => (text::title(rng, words, topic), topic),
    };
    let category = KIND_CATEGORIES.get(kind).copied().unwrap_or("MEETING");
    (title.chars().take(200).collect(), category.to_owned())
}

/// The time of an event.
struct Planned {
    begins_on: Timestamp,
    ends_on: Option<Timestamp>,
    shows_start: bool,
    shows_end: bool,
}

/// Plans a time on the clock of a city.
fn plan_time(rng: &mut Rng, now: Timestamp, days: f64, city: &City, nth: usize) -> Planned {
    let zone = TimeZone::get(city.timezone).unwrap_or(TimeZone::UTC);
    let day = now.checked_add(SignedDuration::from_mins((days * 1_440.0) as i64)).unwrap_or(now);
    let date = day.to_zoned(zone.clone()).date();
    let on_clock = |hour: usize, minute: usize| {
        let time = Time::new(hour as i8, minute as i8, 0, 0).unwrap_or(Time::midnight());
        date.to_datetime(time).to_zoned(zone.clone()).map_or(day, |zoned| zoned.timestamp())
    };
    let plus = |begin: Timestamp, minutes: i64| begin.checked_add(SignedDuration::from_mins(minutes)).ok();
    let begin = on_clock(9 + rng.below(12), [0, 0, 0, 30, 15, 45].get(rng.below(6)).copied().unwrap_or(0));
    let plain = Planned { begins_on: begin, ends_on: None, shows_start: true, shows_end: true };
    match nth % 16 {
        // Under way: it began some hours ago.
        3 if days.abs() < 1.0 => {
            let begin = whole_seconds(now.checked_sub(SignedDuration::from_hours(2)).unwrap_or(now));
            Planned { begins_on: begin, ends_on: plus(begin, 60 * (4 + rng.below(6) as i64)), ..plain }
        }
        // An exhibition of months.
        5 => Planned { ends_on: plus(begin, 1_440 * (35 + rng.below(150) as i64)), ..plain },
        // A day or some days, without a time of day.
        9 => {
            let begin = on_clock(0, 0);
            let last = rng.chance(0.5).then(|| {
                let last = date.checked_add((rng.below(3) as i64).days()).unwrap_or(date);
                last.to_datetime(Time::constant(23, 59, 0, 0)).to_zoned(zone.clone()).map_or(day, |end| end.timestamp())
            });
            Planned { begins_on: begin, ends_on: last, shows_start: false, shows_end: false }
        }
        // An open end.
        1 | 12 => plain,
        // A weekend.
        14 => Planned { ends_on: plus(begin, 60 * 30), ..plain },
        _ => Planned { ends_on: plus(begin, 30 * (2 + rng.below(7) as i64)), ..plain },
    }
}

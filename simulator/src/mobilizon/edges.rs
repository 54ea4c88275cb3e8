//! Hosts made by hand of everything that events, places and groups can be wrong about, with what becomes of each.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::crafted::CraftedMobilizon;
use super::spec::{AddressSpec, EventSpec, EventStatus, JoinOptions, Visibility};
use super::version::MobilizonVersion;
use crate::catalogue::uuid_of;

/// What an honest index holds of one event of [`edge_host`].
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// The title, which says the case. Its uuid is [`uuid_of`] the title.
    pub title: &'static str,
    /// Whether an index may hold it.
    pub is_indexed: bool,
    /// Latitude and longitude that an index may hold; `None` when there is no place on earth in what was said.
    pub point: Option<(f64, f64)>,
    /// The end that an index may hold, in hours after the beginning.
    pub ends_after: Option<i64>,
    /// Whether it is online only.
    pub is_online: bool,
    /// The category that the index says.
    pub category: &'static str,
}

impl Edge {
    const fn of(title: &'static str) -> Self {
        Self { title, is_indexed: true, point: None, ends_after: Some(2), is_online: false, category: "MEETING" }
    }

    const fn at(mut self, latitude: f64, longitude: f64) -> Self {
        self.point = Some((latitude, longitude));
        self
    }

    const fn hidden(mut self) -> Self {
        self.is_indexed = false;
        self
    }

    const fn until(mut self, hours: Option<i64>) -> Self {
        self.ends_after = hours;
        self
    }
}

type Change = fn(&mut EventSpec);

/// Everything that begins a day after the time base and lasts two hours, but for what its change says.
const EDGES: &[(Edge, Change)] = &[
    (Edge::of("a plain event").at(45.764, 4.8357), |event| place(event, "4.8357;45.764")),
    // Time.
    (Edge::of("the end before the start").until(None), |event| end(event, -3)),
    (Edge::of("the end at the start").until(None), |event| end(event, 0)),
    (Edge::of("ten years long").until(Some(87_660)), |event| end(event, 87_660)),
    (Edge::of("an open end").until(None), |event| event.ends_on = None),
    (Edge::of("no zone"), |event| event.timezone = None),
    (Edge::of("an unknown zone"), |event| event.timezone = Some("Mars/Olympus".to_owned())),
    (Edge::of("after the hour that daylight saving takes away").until(Some(1)), |event| {
        // 01:30 UTC is 03:30 in Paris on the last Sunday of March: there is no 02:30 on that day.
        event.begins_on = "2026-03-29T01:30:00Z".parse().unwrap_or(event.begins_on);
        end(event, 1);
    }),
    (Edge::of("all day").until(None), |event| {
        event.shows_start_time = false;
        event.shows_end_time = false;
        event.ends_on = None;
    }),
    (Edge::of("under way since yesterday").until(Some(48)), |event| {
        event.begins_on = event.begins_on.checked_sub(SignedDuration::from_hours(48)).unwrap_or(event.begins_on);
        end(event, 48);
    }),
    (Edge::of("a start that is no time").hidden(), |event| raw(event, "beginsOn", json!("soon"))),
    (Edge::of("no start").hidden(), |event| raw(event, "beginsOn", Value::Null)),
    // Whether it takes place, and for whom.
    (Edge::of("cancelled"), |event| event.status = EventStatus::Cancelled),
    (Edge::of("tentative"), |event| event.status = EventStatus::Tentative),
    (Edge::of("a draft").hidden(), |event| event.draft = true),
    (Edge::of("unlisted").hidden(), |event| event.visibility = Visibility::Unlisted),
    (Edge::of("restricted").hidden(), |event| event.visibility = Visibility::Restricted),
    (Edge::of("private").hidden(), |event| event.visibility = Visibility::Private),
    (Edge::of("of a suspended group").hidden(), |event| event.group = Some("suspended".to_owned())),
    (Edge { is_online: true, ..Edge::of("online only") }, |event| {
        event.is_online = true;
        event.online_address = Some("https://talk.example/room".to_owned());
    }),
    (Edge::of("a draft that leaks").hidden(), |event| raw(event, "draft", json!(true))),
    (Edge::of("an unlisted one that leaks").hidden(), |event| raw(event, "visibility", json!("UNLISTED"))),
    (Edge::of("a private one that leaks").hidden(), |event| raw(event, "visibility", json!("PRIVATE"))),
    (Edge::of("no visibility").hidden(), |event| raw(event, "visibility", Value::Null)),
    (Edge::of("by invitation"), |event| event.join = JoinOptions::Invite),
    (Edge::of("a remote copy").hidden(), |event| event.host = "elsewhere.example".to_owned()),
    (Edge::of("local by its own words").hidden(), |event| {
        let url = format!("https://elsewhere.example/events/{}", event.uuid);
        raw(event, "url", json!(url));
    }),
    // Places. The API says `lon;lat`.
    (Edge::of("beyond the pole and the antimeridian"), |event| place(event, "181.0;91.0")),
    (Edge::of("longitude 181"), |event| place(event, "181.0;45.764")),
    (Edge::of("not a number"), |event| place(event, "NaN;NaN")),
    (Edge::of("nowhere in the gulf"), |event| place(event, "0.0;0.0")),
    (Edge::of("nowhere, in whole numbers"), |event| place(event, "0;0")),
    (Edge::of("coordinates in words"), |event| place(event, "east;north")),
    (Edge::of("one coordinate"), |event| place(event, "4.8357")),
    (Edge::of("the north pole").at(90.0, 0.0), |event| place(event, "0.0;90.0")),
    (Edge::of("the south pole").at(-90.0, 0.0), |event| place(event, "0.0;-90.0")),
    (Edge::of("the antimeridian from the east").at(-16.8, 180.0), |event| place(event, "180.0;-16.8")),
    (Edge::of("the antimeridian from the west").at(-16.8, -179.999), |event| place(event, "-179.999;-16.8")),
    // A latitude that can only be a longitude: the two were swapped.
    (Edge::of("swapped, and it shows").at(45.764, 124.8357), |event| place(event, "45.764;124.8357")),
    (Edge::of("an address without a place on the map"), |event| {
        event.address = Some(AddressSpec { locality: Some("Lyon".to_owned()), ..AddressSpec::default() });
    }),
    (Edge::of("an address of nothing"), |event| event.address = Some(AddressSpec::default())),
    (Edge::of("no address"), |event| event.address = None),
    // What clients fall over.
    (Edge::of("tags that are null"), |event| raw(event, "tags", Value::Null)),
    (Edge { category: "MUSIC", ..Edge::of("a category in small letters") }, |event| {
        raw(event, "category", json!("music"));
    }),
    (Edge::of("a category of the host"), |event| event.category = "REPAIR_CAFE".to_owned()),
    (Edge::of("no category"), |event| raw(event, "category", Value::Null)),
    (Edge::of("no options"), |event| raw(event, "options", Value::Null)),
    (Edge::of("no organiser"), |event| raw(event, "organizerActor", Value::Null)),
    (Edge::of("full"), |event| (event.capacity, event.n_participants) = (10, 10)),
    (Edge::of("participants that are nobody's business"), |event| {
        event.hides_participants = true;
        event.n_participants = 40;
    }),
];

fn place(event: &mut EventSpec, geom: &str) {
    let address = AddressSpec { description: Some("A place".to_owned()), ..AddressSpec::default() };
    event.address = Some(AddressSpec { geom: Some(geom.to_owned()), ..address });
}

fn end(event: &mut EventSpec, hours: i64) {
    event.ends_on = event.begins_on.checked_add(SignedDuration::from_hours(hours)).ok();
}

fn raw(event: &mut EventSpec, field: &str, value: Value) {
    event.raw.insert(field.to_owned(), value);
}

/// The events of [`edge_host`] and what an index holds of each.
pub fn edges() -> Vec<Edge> {
    EDGES.iter().map(|(edge, _)| edge.clone()).collect()
}

/// User names of the groups of [`edge_host`], and whether an index may hold each.
pub const EDGE_GROUPS: [(&str, bool); 8] = [
    ("plain", true),
    ("nameless", true),
    ("unplaced", true),
    ("hostile", true),
    ("unlisted", false),
    ("private", false),
    ("suspended", false),
    ("leaking", false),
];

/// A host that is honest about what is hidden, and wrong about everything else. From version 3.0 on, [`edges`] and
/// [`EDGE_GROUPS`] say what an index holds of it; before, zones and places online are not told.
///
/// - `now`: events begin a day later, unless their case is about time.
pub fn edge_host(name: &str, version: MobilizonVersion, now: Timestamp) -> CraftedMobilizon {
    let mut host = CraftedMobilizon::new(name, version, now)
        .group("plain", "A plain group", |group| group.n_members = 7)
        .group("nameless", "", |group| group.name = None)
        .group("unplaced", "Of no place", |group| group.address = Some(AddressSpec::default()))
        .group("hostile", "A <b>bold</b> group", |group| {
            group.summary =
                Some("<script>alert(1)</script><p onclick=\"alert(1)\">All are <i>welcome</i></p>".to_owned());
        })
        .group("unlisted", "An unlisted group", |group| group.visibility = Visibility::Unlisted)
        .group("private", "A private group", |group| group.visibility = Visibility::Private)
        .group("suspended", "A suspended group", |group| group.suspended = true)
        .group("leaking", "A hidden group that leaks", |group| {
            group.raw.insert("visibility".to_owned(), json!("UNLISTED"));
        });
    for (edge, change) in EDGES {
        host = host.event(uuid_of(edge.title), edge.title, change);
    }
    host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_lists_what_the_edges_say() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let host = edge_host("edges.example", MobilizonVersion::V5_1, now).host();
        let mut listed: Vec<&str> = host.listed_events().map(|event| event.title.as_str()).collect();
        let mut expected: Vec<&str> =
            EDGES.iter().filter(|(edge, _)| edge.is_indexed).map(|(edge, _)| edge.title).collect();
        listed.sort_unstable();
        expected.sort_unstable();
        assert_eq!(listed, expected);
        let listed: Vec<&str> = host.listed_groups().map(|group| group.username.as_str()).collect();
        assert_eq!(listed, EDGE_GROUPS.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect::<Vec<_>>());
        for (edge, _) in EDGES.iter().filter(|(edge, _)| edge.is_indexed) {
            let event = host.event(uuid_of(edge.title)).unwrap();
            let said = event.ends_on.map(|end| (end.as_second() - event.begins_on.as_second()) / 3_600);
            assert_eq!(said.filter(|hours| *hours > 0), edge.ends_after, "{}", edge.title);
            if let Some((latitude, longitude)) = edge.point {
                let said = event.address.as_ref().unwrap().point();
                assert!(said == Some((longitude, latitude)) || said == Some((latitude, longitude)), "{}", edge.title);
            }
        }
    }
}

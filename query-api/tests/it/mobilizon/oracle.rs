//! Every filter and order of events and groups, as parameters of a URL, against the plainest possible implementation.

use std::cell::Cell;
use std::cmp::Reverse;

use indexer::geography::GeoPoint;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use journal::record::{Event, EventStatus, Group, JoinMode, Openness, Point};
use proptest::prelude::*;
use serde_json::Value;

use super::fixture::{BASE, assert_events, assert_groups, event_on, group_on, place, records};
use crate::fixture::{Site, actor, encoded, publish_records, time};

const HOSTS: [&str; 3] = ["a.example", "b.example", "c.example"];
const TITLES: [&str; 3] = ["whale song", "whale", "song"];
const CATEGORIES: [&str; 3] = ["MUSIC", "SPORTS", "MEETING"];
const LANGUAGES: [Option<&str>; 5] = [Some("fr"), Some("pt"), Some("nb"), Some("nn"), None];
const TAGS: [&str; 3] = ["Vélo", "paris", "Été"];
const ZONES: [Option<&str>; 3] = [None, Some("Asia/Tokyo"), Some("America/New_York")];
const GROUPS: [&str; 2] = ["gul", "Lug"];

/// Numbers below `n`, spread without a pattern.
fn pick(seed: u64, shift: u32, n: u64) -> usize {
    usize::try_from((seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) % n).unwrap()
}

/// Hours on the grid that events and bounds lie on, so that they meet.
fn hour(n: i64) -> Timestamp {
    time("2026-03-01T00:00:00Z") + SignedDuration::from_hours(n)
}

/// A grid that goes around the globe and over both poles, also nowhere.
fn point(seed: u64) -> Option<(f64, f64)> {
    const LATS: [f64; 6] = [-90.0, -45.0, 0.5, 30.0, 45.0, 90.0];
    const LONS: [f64; 7] = [-180.0, -170.0, -60.0, 1.0, 60.0, 170.0, 180.0];
    (pick(seed, 27, 4) != 0).then(|| (LATS[pick(seed, 31, 6)], LONS[pick(seed, 37, 7)]))
}

fn events() -> Vec<Event> {
    (0..400_u64)
        .map(|n| {
            let hours = |shift, below| i64::try_from(pick(n, shift, below)).unwrap();
            let mut event = event_on(HOSTS[pick(n, 3, 3)], n, TITLES[pick(n, 5, 3)], "2026-03-01T00:00:00Z");
            event.description = None;
            event.time.starts_at = hour(hours(7, 200));
            event.time.ends_at =
                (pick(n, 9, 3) != 0).then(|| event.time.starts_at + SignedDuration::from_hours(1 + hours(11, 40)));
            event.time.time_zone = ZONES[pick(n, 13, 3)].map(str::to_owned);
            event.time.shows_start_time = pick(n, 15, 4) != 0;
            event.time.shows_end_time = pick(n, 17, 4) != 0;
            event.status = EventStatus::ALL[pick(n, 19, 3)];
            event.category = Some(CATEGORIES[pick(n, 21, 3)].to_owned());
            event.language = LANGUAGES[pick(n, 23, 5)].map(str::to_owned);
            event.tags = TAGS
                .iter()
                .enumerate()
                .filter(|(at, _)| pick(n, 25 + u32::try_from(*at).unwrap(), 2) == 0)
                .map(|(_, tag)| (*tag).to_owned())
                .collect();
            event.address = point(n).and_then(|(lat, lon)| place("Somewhere", lat, lon));
            event.is_online = pick(n, 33, 3) == 0;
            event.join_mode = (pick(n, 35, 5) != 0).then(|| JoinMode::ALL[pick(n, 29, 4)]);
            event.capacity = (pick(n, 39, 2) == 0).then_some(3);
            event.n_participants = (pick(n, 41, 4) != 0).then(|| pick(n, 43, 6) as u64);
            event.published_at = Some(time("2025-01-01T00:00:00Z") + SignedDuration::from_hours(hours(45, 30)));
            event.group = (pick(n, 47, 2) == 0).then(|| actor(&event.host, GROUPS[pick(n, 49, 2)], "@"));
            event
        })
        .collect()
}

fn groups() -> Vec<Group> {
    (0..200_u64)
        .map(|n| {
            let mut group =
                group_on(HOSTS[pick(n, 3, 3)], &format!("G{n}"), TITLES[pick(n, 5, 3)], pick(n, 7, 6) as u64);
            group.n_events = (pick(n, 9, 4) != 0).then(|| pick(n, 11, 4) as u64);
            group.first_seen_at =
                time("2025-03-01T00:00:00Z") + SignedDuration::from_hours(i64::try_from(pick(n, 13, 12)).unwrap());
            group.address = point(n).and_then(|(lat, lon)| place("Somewhere", lat, lon));
            group.openness = (pick(n, 15, 4) != 0).then(|| Openness::ALL[pick(n, 17, 3)]);
            group
        })
        .collect()
}

/// A search as a client words it.
#[derive(Clone, Debug)]
struct Ask {
    text: Option<&'static str>,
    bounds: (Option<i64>, Option<i64>),
    near: Option<(f64, f64)>,
    radius_km: Option<f64>,
    bbox: Option<[f64; 4]>,
    sort: Option<&'static str>,
    start: usize,
    count: usize,
    lists: Lists,
    flags: [Option<bool>; 2],
}

#[derive(Clone, Debug)]
struct Lists {
    categories: Vec<&'static str>,
    statuses: Vec<&'static str>,
    languages: Vec<&'static str>,
    tags_one_of: Vec<&'static str>,
    tags_all_of: Vec<&'static str>,
    hosts: Vec<&'static str>,
    join_modes: Vec<&'static str>,
    openness: Vec<&'static str>,
    groups: Vec<&'static str>,
}

fn some_of(items: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![3 => Just(Vec::new()), 1 => prop::sample::subsequence(items, 1..=items.len().min(2))]
}

fn lists() -> impl Strategy<Value = Lists> {
    (
        some_of(&CATEGORIES),
        some_of(&["TENTATIVE", "CONFIRMED", "CANCELLED"]),
        some_of(&["fr_FR", "pt_BR", "no", "und"]),
        some_of(&["#velo", "PARIS"]),
        some_of(&["vélo", "ete"]),
        some_of(&HOSTS),
        some_of(&["free", "external"]),
        some_of(&["open", "invite_only"]),
        some_of(&["gul@a.example", "LUG@b.example"]),
    )
        .prop_map(|lists| Lists {
            categories: lists.0,
            statuses: lists.1,
            languages: lists.2,
            tags_one_of: lists.3,
            tags_all_of: lists.4,
            hosts: lists.5,
            join_modes: lists.6,
            openness: lists.7,
            groups: lists.8,
        })
}

fn asks(sorts: &'static [Option<&'static str>]) -> impl Strategy<Value = Ask> {
    let bound = || prop::option::weighted(0.4, -10_i64..250);
    let near = prop::option::weighted(0.5, (-90_i32..=90, -400_i32..400));
    let bbox = prop::option::weighted(
        0.2,
        (
            prop::sample::select(vec![90.0, 45.0, 30.0]),
            prop::sample::select(vec![-180.0, -60.0, 170.0, 1.0]),
            prop::sample::select(vec![-90.0, 0.5, 20.0]),
            prop::sample::select(vec![-170.0, 60.0, 180.0, 190.0, 400.0]),
        ),
    );
    let text = prop::sample::select(vec![None, None, Some("whale"), Some("song"), Some("whale song")]);
    let page = (0_usize..40, 0_usize..60);
    let flag = || prop::option::weighted(0.15, any::<bool>());
    let radius = prop::option::weighted(0.8, 0.0..21_000.0);
    let place = (near, radius, bbox);
    (text, (bound(), bound()), place, prop::sample::select(sorts), page, lists(), [flag(), flag()]).prop_map(
        |(text, bounds, (near, radius_km, bbox), sort, (start, count), lists, flags)| Ask {
            text,
            bounds,
            near: near.map(|(lat, lon)| (f64::from(lat), f64::from(lon))),
            radius_km,
            bbox: bbox.map(|(north, west, south, east)| [north, west, south, east]),
            sort,
            start,
            count,
            lists,
            flags,
        },
    )
}

impl Ask {
    fn query(&self) -> String {
        let mut pairs = vec![("start", self.start.to_string()), ("count", self.count.to_string())];
        pairs.extend(self.text.map(|text| ("search", text.to_owned())));
        pairs.extend(self.bounds.0.map(|min| ("startDateMin", hour(min).to_string())));
        pairs.extend(self.bounds.1.map(|max| ("startDateMax", hour(max).to_string())));
        pairs.extend(self.near.map(|(lat, lon)| ("latlon", format!("{lat}:{lon}"))));
        // Mobilizon sends a distance always, with a point and without one.
        pairs.push(("distance", self.radius_km.map_or("anywhere".to_owned(), |km| format!("{km:?}_km"))));
        pairs.extend(self.bbox.map(|[n, w, s, e]| ("bbox", format!("{n}, {w}:{s}, {e}"))));
        pairs.extend(self.sort.map(|sort| ("sort", sort.to_owned())));
        for (name, list) in [
            ("categoryOneOf[]", &self.lists.categories),
            ("statusOneOf[]", &self.lists.statuses),
            ("languageOneOf[]", &self.lists.languages),
            ("tagsOneOf[]", &self.lists.tags_one_of),
            ("tagsAllOf[]", &self.lists.tags_all_of),
            ("hostOneOf[]", &self.lists.hosts),
            ("joinMode[]", &self.lists.join_modes),
            ("openness[]", &self.lists.openness),
            ("group[]", &self.lists.groups),
        ] {
            pairs.extend(list.iter().map(|item| (name, (*item).to_owned())));
        }
        for (name, flag) in ["isOnline", "hasFreePlaces"].into_iter().zip(self.flags) {
            pairs.extend(flag.map(|flag| (name, flag.to_string())));
        }
        pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }

    fn has_words(&self, title: &str) -> bool {
        self.text.is_none_or(|text| text.split(' ').all(|word| title.split(' ').any(|of| of == word)))
    }

    fn has_place(&self, point: Option<Point>) -> bool {
        let within = |near: Option<(f64, f64)>| match (near, self.radius_km, point) {
            (None, ..) | (_, None, _) => true,
            (Some(near), Some(km), Some(point)) => distance_m(near, point) <= km * 1000.0,
            (Some(_), Some(_), None) => false,
        };
        let on_map = |bbox: Option<[f64; 4]>| match (bbox, point) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some([north, west, south, east]), Some(point)) => {
                // A meridian is on the map when one of its numbers is between west and the next east.
                let east = if east < west { east + 360.0 } else { east };
                let is_there = |lon: f64| (-3..=3).any(|turn| (west..=east).contains(&(lon + 360.0 * f64::from(turn))));
                (south..=north).contains(&point.lat()) && (point.lat().abs() == 90.0 || is_there(point.lon()))
            }
        };
        within(self.near) && on_map(self.bbox)
    }

    fn has_time(&self, event: &Event) -> bool {
        let ms = |at: Timestamp| at.as_millisecond();
        let (starts_at, over_at) = (ms(event.time.starts_at), ms(over_at(event)));
        match (self.bounds.0.map(|min| ms(hour(min))), self.bounds.1.map(|max| ms(hour(max)))) {
            (None, None) => true,
            (None, Some(max)) => over_at <= max,
            (Some(min), max) => (over_at > min || starts_at >= min) && max.is_none_or(|max| starts_at <= max),
        }
    }

    fn passes(&self, event: &Event) -> bool {
        let lists = &self.lists;
        let folded = |tag: &str| tag.trim_start_matches('#').to_lowercase().replace('é', "e");
        let has_tag = |wanted: &&str| event.tags.iter().any(|tag| folded(tag) == folded(wanted));
        let language = event.language.as_deref().unwrap_or("und");
        let speaks = |wanted: &&str| match *wanted {
            "no" => ["nb", "nn", "no"].contains(&language),
            wanted => wanted.split('_').next() == Some(language),
        };
        let is_in =
            |list: &Vec<&str>, value: Option<&str>| list.is_empty() || value.is_some_and(|value| list.contains(&value));
        let group = event.group.as_ref().map(|group| format!("{}@{}", group.name, group.host).to_lowercase());
        let is_full = event.capacity.zip(event.n_participants).is_some_and(|(capacity, n)| n >= capacity);
        self.has_words(&event.title)
            && self.has_time(event)
            && self.has_place(event.address.as_ref().and_then(|address| address.point))
            && is_in(&lists.categories, event.category.as_deref())
            && is_in(&lists.statuses, Some(event.status.as_str()))
            && is_in(&lists.hosts, Some(event.host.as_str()))
            && is_in(&lists.join_modes, event.join_mode.map(JoinMode::as_str))
            && (lists.languages.is_empty() || lists.languages.iter().any(speaks))
            && (lists.tags_one_of.is_empty() || lists.tags_one_of.iter().any(has_tag))
            && lists.tags_all_of.iter().all(has_tag)
            && (lists.groups.is_empty()
                || lists.groups.iter().any(|name| group.as_deref() == Some(&name.to_lowercase())))
            && self.flags[0].is_none_or(|wanted| wanted == event.is_online)
            && self.flags[1].is_none_or(|wanted| wanted != is_full)
    }

    fn passes_group(&self, group: &Group) -> bool {
        let handle = format!("{}@{}", group.actor.name, group.actor.host).to_lowercase();
        let openness = group.openness.map(Openness::as_str);
        self.has_words(&group.actor.display_name)
            && self.has_place(group.address.as_ref().and_then(|address| address.point))
            && (self.lists.hosts.is_empty() || self.lists.hosts.contains(&group.actor.host.as_str()))
            && (self.lists.openness.is_empty()
                || openness.is_some_and(|openness| self.lists.openness.contains(&openness)))
            && (self.lists.groups.is_empty() || self.lists.groups.iter().any(|name| name.to_lowercase() == handle))
    }

    /// The name of the order with its direction; `None` where relevance decides.
    fn order(&self, usual: (&'static str, bool)) -> Option<(&'static str, bool)> {
        let known = self
            .sort
            .map(|sort| (sort.trim_start_matches('-'), sort.starts_with('-')))
            .filter(|(name, _)| !["match", "nonsense"].contains(name) && (*name != "distance" || self.near.is_some()));
        match known {
            Some(known) => Some(known),
            None => self.text.is_none().then_some(usual),
        }
    }

    fn distance_key(&self, point: Option<Point>, descending: bool) -> (bool, i64) {
        let Some((near, point)) = self.near.zip(point) else {
            return (true, 0);
        };
        // The same formula as that of the index, so that equal distances are equal to the last bit.
        let turns = if near.1.abs() > 180.0 { (near.1 / 360.0).round() } else { 0.0 };
        let [near, point] = [(near.0, near.1 - 360.0 * turns), (point.lat(), point.lon())]
            .map(|(lat, lon)| GeoPoint::new(lat, lon).unwrap());
        let distance = i64::try_from(indexer::geography::distance_m(near, point).to_bits()).unwrap();
        (false, if descending { -distance } else { distance })
    }
}

fn over_at(event: &Event) -> Timestamp {
    let (last, has_time) = match event.time.ends_at {
        Some(ends_at) => (ends_at, event.time.shows_end_time),
        None => (event.time.starts_at, event.time.shows_start_time),
    };
    if has_time {
        return last;
    }
    let zone = event.time.time_zone.as_deref().map_or(TimeZone::UTC, |zone| TimeZone::get(zone).unwrap());
    last.to_zoned(zone)
        .date()
        .tomorrow()
        .unwrap()
        .to_zoned(TimeZone::get(event.time.time_zone.as_deref().unwrap_or("UTC")).unwrap())
        .unwrap()
        .timestamp()
}

fn distance_m((lat, lon): (f64, f64), point: Point) -> f64 {
    let (lat, lon, other_lat, other_lon) =
        (lat.to_radians(), lon.to_radians(), point.lat().to_radians(), point.lon().to_radians());
    let half = |a: f64, b: f64| ((a - b) / 2.0).sin().powi(2);
    let chord = half(lat, other_lat) + lat.cos() * other_lat.cos() * half(lon, other_lon);
    2.0 * 6_371_008.8 * chord.sqrt().min(1.0).asin()
}

fn site(events: &[Event], groups: &[Group]) -> Site {
    // Two commits and rewritten documents: several segments, some with deleted documents.
    let mut before = events.to_vec();
    before.iter_mut().for_each(|event| event.title = "something else".to_owned());
    let config = query_api::QueryApiConfig { public_url: Some(BASE.parse().unwrap()), ..Default::default() };
    let site = Site::empty(config);
    publish_records(site.dir.path(), 1, &records(&before[..300], &groups[..120]));
    publish_records(site.dir.path(), 10_000, &records(&events[..200], &groups[60..]));
    publish_records(site.dir.path(), 20_000, &records(&events[200..], &[]));
    assert!(site.api.refresh().unwrap());
    site
}

/// Compares an answer with what must come, sorted; an order that is not given is that of relevance.
fn compare(ask: &Ask, answer: &Value, expected: &[String], is_ordered: bool) -> Result<(), TestCaseError> {
    let found: Vec<String> =
        answer["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    prop_assert_eq!(answer["total"].as_u64().unwrap(), expected.len() as u64);
    prop_assert_eq!(found.len(), expected.len().saturating_sub(ask.start).min(ask.count));
    if is_ordered {
        let page: Vec<String> = expected.iter().skip(ask.start).take(ask.count).cloned().collect();
        prop_assert_eq!(found, page);
    } else {
        prop_assert!(found.iter().all(|id| expected.contains(id)));
    }
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn every_search_for_events_agrees_with_a_plain_loop() {
    const SORTS: [Option<&str>; 11] = [
        None,
        Some("startTime"),
        Some("-startTime"),
        Some("createdAt"),
        Some("-createdAt"),
        Some("participantCount"),
        Some("-participantCount"),
        Some("distance"),
        Some("-distance"),
        Some("-match"),
        Some("nonsense"),
    ];
    let (events, groups) = (events(), groups());
    let site = site(&events, &groups);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let n_found = Cell::new(0);
    proptest!(config(), |(ask in asks(&SORTS))| {
        let answer = runtime.block_on(site.ask(&format!("/api/v1/search/events?{}", ask.query())));
        assert_events(&answer);
        let is_past = ask.bounds.0.is_none() && ask.bounds.1.is_some();
        let order = ask.order(("startTime", is_past));
        let mut found: Vec<&Event> = events.iter().filter(|event| ask.passes(event)).collect();
        found.sort_by_cached_key(|event| {
            let starts_ms = event.time.starts_at.as_millisecond();
            let (name, descending) = order.unwrap_or(("startTime", false));
            let signed = |value: i64| if descending { -value } else { value };
            let key = match name {
                "startTime" => (false, signed(starts_ms)),
                "createdAt" => (false, signed(event.published_at.unwrap().as_millisecond())),
                "participantCount" => (false, signed(i64::try_from(event.n_participants.unwrap_or(0)).unwrap())),
                _ => ask.distance_key(event.address.as_ref().and_then(|address| address.point), descending),
            };
            (key, starts_ms, indexer::key_hash(&event.record_id().to_string()))
        });
        let expected: Vec<String> = found.iter().map(|event| event.url.clone()).collect();
        n_found.set(n_found.get() + expected.len());
        compare(&ask, &answer, &expected, order.is_some())?;
    });
    assert!(n_found.get() > 400, "searches that find nothing show nothing: {n_found:?}");
}

#[test]
fn every_search_for_groups_agrees_with_a_plain_loop() {
    const SORTS: [Option<&str>; 9] = [
        None,
        Some("memberCount"),
        Some("-memberCount"),
        Some("createdAt"),
        Some("-createdAt"),
        Some("distance"),
        Some("-distance"),
        Some("-match"),
        Some("nonsense"),
    ];
    let (events, groups) = (events(), groups());
    let site = site(&events, &groups);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let n_found = Cell::new(0);
    proptest!(config(), |(ask in asks(&SORTS))| {
        let answer = runtime.block_on(site.ask(&format!("/api/v1/search/groups?{}", ask.query())));
        assert_groups(&answer);
        let order = ask.order(("memberCount", true));
        let mut found: Vec<&Group> = groups.iter().filter(|group| ask.passes_group(group)).collect();
        found.sort_by_cached_key(|group| {
            let (name, descending) = order.unwrap_or(("memberCount", true));
            let signed = |value: i64| if descending { -value } else { value };
            let key = match name {
                "memberCount" => (false, signed(i64::try_from(group.n_members.unwrap()).unwrap())),
                "createdAt" => (false, signed(group.first_seen_at.as_millisecond())),
                _ => ask.distance_key(group.address.as_ref().and_then(|address| address.point), descending),
            };
            (key, Reverse(group.n_events.unwrap_or(0)), indexer::key_hash(&group.record_id().to_string()))
        });
        let expected: Vec<String> = found.iter().map(|group| group.actor.url.clone()).collect();
        n_found.set(n_found.get() + expected.len());
        compare(&ask, &answer, &expected, order.is_some())?;
    });
    assert!(n_found.get() > 400, "searches that find nothing show nothing: {n_found:?}");
}

//! What our own event searches understand beyond Mobilizon's: days by name, time zones, and places by name.

use indexer::geography::GeoPoint;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::geo::{Distance, distance, point};
use super::reader::Reader;
use super::value;
use super::{Location, ParamsError, RawParams, read_event_query, read_group_query};
use crate::places::{self, MAX_CHARS};
use crate::query::{EventQuery, EventTimes, GroupQuery};
use crate::time::{When, find_zone};

/// Kilometres around a place where a visitor says nothing.
const DEFAULT_RADIUS: &str = "25_km";

/// What is neither cancelled nor asked for otherwise.
const USUAL_STATUSES: [&str; 2] = ["CONFIRMED", "TENTATIVE"];

/// Short names of parameters, and those that they stand for.
const ALIASES: [(&str, &str); 6] = [
    ("q", "search"),
    ("category", "categoryOneOf"),
    ("language", "languageOneOf"),
    ("status", "statusOneOf"),
    ("tags", "tagsOneOf"),
    ("tag", "tagsOneOf"),
];

/// A search around a place, as it was understood.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NearPlace {
    /// The label of the place; `None` for a point.
    pub label: Option<String>,
    /// Its centre.
    pub point: GeoPoint,
    /// IANA name of its zone; `None` for a point.
    pub time_zone: Option<&'static str>,
}

/// A checked search for events by our own parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventSearch {
    /// What is searched for.
    pub query: EventQuery,
    /// The place that was named.
    pub near: Option<NearPlace>,
    /// IANA name of the zone in which days were read.
    pub time_zone: String,
    /// Whether statuses were chosen.
    pub has_statuses: bool,
    /// Whether a time was chosen, by name or by dates.
    pub has_times: bool,
    /// Whether occurrences of a series are one result.
    pub is_by_series: bool,
}

/// A checked search for groups by our own parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupSearch {
    /// What is searched for.
    pub query: GroupQuery,
    /// The place that was named.
    pub near: Option<NearPlace>,
}

/// Reads the parameters of an event search, Mobilizon's and our own: `when` (a name or days), `tz`, `near` (a place, or
/// `latitude,longitude`), `radius`, and short names of others. Where neither `when` nor dates are given, `usual` says when.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once; a place or a zone that nobody knows is one.
pub fn read_event_search(params: &RawParams, usual: EventTimes, now: Timestamp) -> Result<EventSearch, ParamsError> {
    let mut errors = Vec::new();
    let own = super::native::kept(&mut errors, Reader::run(params, |reader| Ok(reader.discovery())))?;
    let own_choices = own.clone().unwrap_or_default();
    let mut plain = without_aliases(params);
    own_choices.set_area(&mut plain);
    let query = super::native::kept(&mut errors, read_event_query(&plain))?;
    let (Some(Discovery { when, zone, near, is_by_series, .. }), Some(mut query)) = (own, query) else {
        return Err(ParamsError::Invalid(errors));
    };
    // A form sends every field: a list without any status is no choice.
    let has_statuses = !query.filter.statuses.is_empty();
    if !has_statuses {
        query.filter.statuses = USUAL_STATUSES.map(str::to_owned).to_vec();
    }
    let of_place = || near.as_ref().and_then(|near| near.time_zone).and_then(|name| find_zone(name).ok());
    let zone = zone.or_else(of_place).unwrap_or(TimeZone::UTC);
    let has_dates = query.filter.times != EventTimes::default();
    match when {
        Some(when) => query.filter.times = when.period(now, &zone).into(),
        None if has_dates => {}
        None => query.filter.times = usual,
    }
    let has_times = when.is_some() || has_dates;
    let time_zone = zone.iana_name().unwrap_or("UTC").to_owned();
    Ok(EventSearch { query, near, time_zone, has_statuses, has_times, is_by_series })
}

/// Reads the parameters of a group search, Mobilizon's and our own: `near` and `radius`, and short names of others.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once; a place that nobody knows is one.
pub fn read_group_search(params: &RawParams) -> Result<GroupSearch, ParamsError> {
    let mut errors = Vec::new();
    let own = super::native::kept(&mut errors, Reader::run(params, |reader| Ok(reader.discovery())))?;
    let mut plain = without_aliases(params);
    own.clone().unwrap_or_default().set_area(&mut plain);
    let query = super::native::kept(&mut errors, read_group_query(&plain))?;
    match (own, query) {
        (Some(own), Some(query)) => Ok(GroupSearch { query, near: own.near }),
        _ => Err(ParamsError::Invalid(errors)),
    }
}

/// The present for a search: the same within a minute, so that an answer can be kept that long.
pub fn search_time(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second().div_euclid(60) * 60).unwrap_or(now)
}

/// Our own parameters.
#[derive(Clone, Debug, Default)]
struct Discovery {
    when: Option<When>,
    zone: Option<TimeZone>,
    near: Option<NearPlace>,
    radius: Option<String>,
    is_by_series: bool,
}

impl Discovery {
    /// Writes the place as Mobilizon would.
    fn set_area(&self, params: &mut RawParams) {
        let Some(near) = &self.near else { return };
        let latlon = format!("{}:{}", near.point.lat(), near.point.lon());
        params.set("latlon", Location::Query, Value::from(latlon));
        let radius = self.radius.as_deref().unwrap_or(DEFAULT_RADIUS);
        if self.radius.is_some() || params.get("distance").is_none() {
            params.set("distance", Location::Query, Value::from(radius));
        }
    }
}

impl Reader<'_> {
    fn discovery(&mut self) -> Discovery {
        let when_msg = "Should have a valid when: such as today, weekend, past, 2026-12-24 or 2026-12-24..2026-12-26";
        let tz_msg = "Should have a valid tz: a name of the tz database, such as Europe/Paris";
        let near_msg = "Should have a valid near: a place that is known, or latitude,longitude in degrees";
        let radius_msg = "Should have a valid radius such as 25_km, 15_mi or 500_m";
        let is_blank = |value: &Value| value::text(value).is_some_and(|text| text.trim().is_empty());
        // A form sends every field, also those that were left empty.
        let when = self.read("when", when_msg, |value| {
            if is_blank(value) { Some(None) } else { When::parse(&value::text(value)?).map(Some) }
        });
        let zone = self.read("tz", tz_msg, |value| {
            if is_blank(value) { Some(None) } else { find_zone(value::text(value)?.trim()).ok().map(Some) }
        });
        let language = self.page_language();
        let near = self.read("near", near_msg, |value| {
            if is_blank(value) { Some(None) } else { near_place(value, language.as_deref()).map(Some) }
        });
        let radius = self.read("radius", radius_msg, |value| {
            if is_blank(value) {
                return Some(None);
            }
            let is_positive = !matches!(distance(value)?, Distance::Metres(metres) if metres <= 0.0);
            is_positive.then(|| value::text(value))
        });
        let is_by_series =
            self.read("groupBy", "Should have a valid groupBy: series", |value| match value::text(value)?.trim() {
                "series" => Some(true),
                "" => Some(false),
                _ => None,
            });
        let is_by_series = is_by_series.unwrap_or_default();
        Discovery {
            is_by_series,
            when: when.flatten(),
            zone: zone.flatten(),
            near: near.flatten(),
            radius: radius.flatten(),
        }
    }
}

fn near_place(value: &Value, language: Option<&str>) -> Option<NearPlace> {
    if let Some(Some(point)) = point(value) {
        return Some(NearPlace { label: None, point, time_zone: None });
    }
    let text = value::text(value)?;
    let place = (text.chars().count() <= MAX_CHARS).then(|| places::resolve(&text, language)).flatten()?;
    Some(NearPlace { label: Some(place.label()), point: place.point, time_zone: Some(place.time_zone) })
}

/// The parameters under the names that Mobilizon has for them.
pub(super) fn without_aliases(params: &RawParams) -> RawParams {
    let mut plain = params.clone();
    for (short, name) in ALIASES {
        if plain.get(name).is_none()
            && let Some((location, value)) = params.get(short)
        {
            plain.set(name, location, value.clone());
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use indexer::geography::Area;

    use super::*;
    use crate::params::parse_query_string;

    fn now() -> Timestamp {
        "2026-03-11T14:30:00Z".parse().unwrap()
    }

    fn usual() -> EventTimes {
        EventTimes { not_over_at: Some(1), ..EventTimes::default() }
    }

    fn read(query: &str) -> Result<EventSearch, Vec<&'static str>> {
        let params = parse_query_string(query, Location::Query);
        read_event_search(&params, usual(), now()).map_err(|error| match error {
            ParamsError::Invalid(errors) => errors.into_iter().map(|error| error.param).collect(),
            ParamsError::TooLarge { param, .. } => vec![param],
        })
    }

    fn ms(text: &str) -> Option<i64> {
        Some(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn days_are_those_of_the_visitor_else_of_the_place_else_of_utc() {
        let rows = [
            ("when=tomorrow", "UTC", "2026-03-12T00:00:00Z", "2026-03-12T23:59:59.999Z"),
            ("when=tomorrow&near=Kathmandu", "Asia/Kathmandu", "2026-03-11T18:15:00Z", "2026-03-12T18:14:59.999Z"),
            ("when=tomorrow&near=27.7,85.3", "UTC", "2026-03-12T00:00:00Z", "2026-03-12T23:59:59.999Z"),
            (
                "when=tomorrow&near=Kathmandu&tz=europe/paris",
                "Europe/Paris",
                "2026-03-11T23:00:00Z",
                "2026-03-12T22:59:59.999Z",
            ),
        ];
        for (query, zone, from, by) in rows {
            let search = read(query).unwrap();
            assert_eq!(search.time_zone, zone, "{query}");
            assert_eq!(search.query.filter.times.not_over_at, ms(from), "{query}");
            assert_eq!(search.query.filter.times.starts_by, ms(by), "{query}");
        }
    }

    #[test]
    fn without_a_choice_it_is_the_usual_time_and_what_is_not_cancelled() {
        let search = read("search=x&when=&tz=&near=&radius=").unwrap();
        assert_eq!(search.query.filter.times, usual());
        assert_eq!(search.query.filter.statuses, USUAL_STATUSES);
        assert_eq!((search.near, search.has_statuses), (None, false));
        for query in ["statusOneOf=", "status=", "status=%20", "statusOneOf[]=", "status=,", "statusOneOf=&status="] {
            let search = read(query).unwrap();
            assert_eq!(
                (search.query.filter.statuses.as_slice(), search.has_statuses),
                (&USUAL_STATUSES.map(str::to_owned)[..], false),
                "{query}"
            );
        }
        let dated = read("startDateMin=2020-01-01T00:00:00Z&status=CANCELLED").unwrap();
        assert_eq!(dated.query.filter.times.not_over_at, ms("2020-01-01T00:00:00Z"));
        assert_eq!((dated.query.filter.statuses.as_slice(), dated.has_statuses), (&["CANCELLED".to_owned()][..], true));
        let both = read("startDateMin=2020-01-01T00:00:00Z&when=past").unwrap();
        assert_eq!(
            both.query.filter.times,
            EventTimes { over_by: Some(now().as_millisecond()), ..EventTimes::default() }
        );
    }

    #[test]
    fn a_place_is_a_circle_around_it() {
        let radius = |query: &str| match read(query).unwrap().query.filter.areas.as_slice() {
            [Area::Circle(circle)] => circle.radius_m().round() as i64,
            other => panic!("{query}: {other:?}"),
        };
        assert_eq!(radius("near=Lyon"), 25_000);
        assert_eq!(radius("near=Lyon&radius=10"), 10_000);
        assert_eq!(radius("near=Lyon&radius=5_mi"), 8_047);
        assert_eq!(radius("near=45.7,4.8&distance=50_km"), 50_000);
        assert_eq!(radius("near=45.7,4.8&distance=50_km&radius=5_km"), 5_000);
        assert_eq!(radius("latlon=45.7:4.8"), 50_000, "as Mobilizon asks");
        assert!(read("near=Lyon&radius=anywhere").unwrap().query.filter.areas.is_empty());
        assert_eq!(read("near=wien&lang=fr").unwrap().near.unwrap().label.as_deref(), Some("Vienne, AT"));
    }

    #[test]
    fn what_nobody_knows_is_named() {
        for (query, params) in [
            ("tz=Mars/Olympus", vec!["tz"]),
            ("tz=CEST", vec!["tz"]),
            ("when=yesterday", vec!["when"]),
            ("near=Atlantis-on-Sea", vec!["near"]),
            ("radius=-5", vec!["radius"]),
            ("radius=wide", vec!["radius"]),
            ("when=x&tz=x&isOnline=maybe", vec!["when", "tz", "isOnline"]),
        ] {
            assert_eq!(read(query).unwrap_err(), params, "{query}");
        }
    }

    #[test]
    fn the_present_is_a_whole_minute() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(search_time(at("2026-03-11T14:30:59.9Z")), now());
        assert_eq!(search_time(at("1969-12-31T23:59:30Z")), at("1969-12-31T23:59:00Z"));
    }
}

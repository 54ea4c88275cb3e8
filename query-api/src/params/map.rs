//! The parameters of the map.

use jiff::Timestamp;

use super::discovery::{EventSearch, GroupSearch, read_event_search, read_group_search};
use super::native::kept;
use super::reader::Reader;
use super::value;
use super::{ParamsError, RawParams};
use crate::map::MAX_ZOOM;
use crate::query::EventTimes;

/// The zoom at which maps begin.
const DEFAULT_ZOOM: u8 = 3;

/// What is counted on a map.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MapQuery {
    /// The search.
    pub search: MapSearch,
    /// How near the map shows it: at 0 the world is one tile of 256 pixels, and each step is twice as near.
    pub zoom: u8,
}

/// The search of a map.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MapSearch {
    /// Events.
    Events(Box<EventSearch>),
    /// Groups.
    Groups(Box<GroupSearch>),
}

/// Reads the parameters of a map: `kind`, `zoom`, and those of the search of that kind.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once.
pub fn read_map_query(params: &RawParams, now: Timestamp) -> Result<MapQuery, ParamsError> {
    let mut errors = Vec::new();
    let own = Reader::run(params, |reader| {
        let zoom_msg = format!("Should have a number zoom (0 to {MAX_ZOOM})");
        // Maps zoom in parts of a step; the cells are those of the step that is shown.
        let zoom = reader.read("zoom", &zoom_msg, |value| {
            let number: f64 = value::text(value)?.trim().parse().ok()?;
            (0..=MAX_ZOOM).rev().find(|zoom| f64::from(*zoom) <= number).filter(|_| number < f64::from(MAX_ZOOM) + 1.0)
        });
        let is_groups = reader.read("kind", "Should have a valid kind: events or groups", |value| {
            match value::text(value)?.as_str() {
                "events" | "event" => Some(false),
                "groups" | "group" => Some(true),
                _ => None,
            }
        });
        Ok((zoom.unwrap_or(DEFAULT_ZOOM), is_groups.unwrap_or(false)))
    });
    let own = kept(&mut errors, own)?;
    let search = if own.is_some_and(|(_, is_groups)| is_groups) {
        kept(&mut errors, read_group_search(params))?.map(|search| MapSearch::Groups(Box::new(search)))
    } else {
        let upcoming = EventTimes { not_over_at: Some(now.as_millisecond()), ..EventTimes::default() };
        kept(&mut errors, read_event_search(params, upcoming, now))?.map(|search| MapSearch::Events(Box::new(search)))
    };
    match (own, search) {
        (Some((zoom, _)), Some(search)) => Ok(MapQuery { search, zoom }),
        _ => Err(ParamsError::Invalid(errors)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{Location, parse_query_string};

    #[test]
    fn a_zoom_is_the_step_that_is_shown() {
        let zoom = |query: &str| read_map_query(&parse_query_string(query, Location::Query), Timestamp::UNIX_EPOCH);
        for (query, expected) in [("", 3), ("zoom=0", 0), ("zoom=12", 12), ("zoom=12.75", 12), ("zoom=22.9", 22)] {
            assert_eq!(zoom(query).unwrap().zoom, expected, "{query}");
        }
        for query in ["zoom=-1", "zoom=23", "zoom=NaN", "zoom=x", "zoom=inf"] {
            assert!(zoom(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_map_shows_what_comes() {
        let now: Timestamp = "2026-03-11T14:30:00Z".parse().unwrap();
        match read_map_query(&parse_query_string("", Location::Query), now).unwrap().search {
            MapSearch::Events(search) => {
                assert_eq!(search.query.filter.times.not_over_at, Some(now.as_millisecond()));
            }
            MapSearch::Groups(_) => panic!("events are usual"),
        }
    }
}

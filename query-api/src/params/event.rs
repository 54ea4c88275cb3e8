//! The parameters of the event search, as Mobilizon sends them, and those that only our own clients know.

use indexer::analysis;

use super::id::canonical_handle;
use super::lenient::one;
use super::reader::{MAX_VALUES, Reader};
use super::value;
use super::{ParamsError, RawParams};
use crate::query::{EventFilter, EventQuery, EventTimes, Sort, SortKey};

/// How people may join, as the index writes it.
const JOIN_MODES: [&str; 4] = ["external", "free", "invite", "restricted"];

/// What an event may promise, as the index writes it.
const ACCESSIBILITY: [&str; 4] = ["sign_language", "smoke_free", "subtitle", "wheelchair"];

/// Reads the parameters of an event search. What Mobilizon can send is never refused for being odd: unknown names and
/// orders are ignored, numbers are bounded, a long text is cut.
///
/// # Errors
/// [`ParamsError::Invalid`] with every date and place that cannot be read, and every wrong value of a parameter that
/// Mobilizon does not have.
pub fn read_event_query(params: &RawParams) -> Result<EventQuery, ParamsError> {
    Reader::run(params, |reader| {
        let (start, count) = reader.lenient_page();
        let text = reader.lenient_text();
        let (near, areas) = reader.areas();
        let filter = EventFilter { areas, ..reader.event_filter() };
        let sort = reader.lenient_sort(sort_key).filter(|sort| match sort.key {
            SortKey::Match => text.is_some(),
            SortKey::Distance => near.is_some(),
            _ => true,
        });
        let usual = if text.is_some() {
            Sort::default()
        } else {
            Sort { key: SortKey::StartTime, descending: filter.times.is_past() }
        };
        Ok(EventQuery {
            text,
            start,
            count,
            sort: sort.unwrap_or(usual),
            boost_languages: reader.lenient_boosts(),
            filter,
            near,
        })
    })
}

impl Reader<'_> {
    /// Every condition on events but those on places, which [`Self::areas`] reads.
    pub fn event_filter(&mut self) -> EventFilter {
        let fold = |tag: &str| {
            let folded = analysis::fold_whole(tag.trim_start_matches('#'));
            if folded.is_empty() { Vec::new() } else { vec![folded] }
        };
        let upper = |name: &str| one(&name.to_uppercase());
        EventFilter {
            times: self.event_times(),
            categories: self.lenient_list("categoryOneOf", upper),
            languages: self.lenient_languages(),
            statuses: self.lenient_list("statusOneOf", upper),
            tags_one_of: self.lenient_list("tagsOneOf", fold),
            tags_all_of: self.lenient_list("tagsAllOf", fold),
            is_online: self.read("isOnline", "Should have a valid isOnline boolean", value::boolean),
            join_modes: self.some_of("joinMode", &JOIN_MODES),
            has_free_places: self.read("hasFreePlaces", "Should have a valid hasFreePlaces boolean", value::boolean),
            is_long: self.read("isLong", "Should have a valid isLong boolean", value::boolean),
            accessible: self.some_of("accessible", &ACCESSIBILITY),
            origin: self.lenient_origin(),
            hosts: self.lenient_hosts(),
            groups: self.lenient_names(&["group"], canonical_handle),
            areas: Vec::new(),
        }
    }

    fn event_times(&mut self) -> EventTimes {
        let min = self.read("startDateMin", "Should have a valid startDateMin date", value::instant_in_url_ms);
        let max = self.read("startDateMax", "Should have a valid startDateMax date", value::instant_in_url_ms);
        EventTimes::between(min.flatten(), max.flatten())
    }

    /// The items of a list of names that only clients of ours send.
    pub fn some_of(&mut self, param: &'static str, known: &[&str]) -> Vec<String> {
        let lower = |item: &str| one(&item.to_lowercase());
        let items = self.lenient_list(param, lower);
        if items.len() > MAX_VALUES || items.iter().any(|item| !known.contains(&item.as_str())) {
            self.refuse(param, format!("Should have a valid {param}: some of {}", known.join(", ")));
            return Vec::new();
        }
        items
    }
}

fn sort_key(name: &str) -> Option<SortKey> {
    Some(match name {
        "match" => SortKey::Match,
        "startTime" => SortKey::StartTime,
        "createdAt" => SortKey::CreatedAt,
        "participantCount" => SortKey::Participants,
        "name" => SortKey::Name,
        "distance" => SortKey::Distance,
        _ => return None,
    })
}

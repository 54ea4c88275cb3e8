//! The parameters of the group search, as Mobilizon sends them, and those that only our own clients know.

use super::id::canonical_handle;
use super::reader::Reader;
use super::{ParamsError, RawParams};
use crate::query::{GroupFilter, GroupQuery, Sort, SortKey};

/// Who may join, as the index writes it.
const OPENNESS: [&str; 3] = ["invite_only", "moderated", "open"];

/// Reads the parameters of a group search, as leniently as [`super::read_event_query`] does.
///
/// # Errors
/// [`ParamsError::Invalid`] with every place that cannot be read, and every wrong value of a parameter that Mobilizon does
/// not have.
pub fn read_group_query(params: &RawParams) -> Result<GroupQuery, ParamsError> {
    Reader::run(params, |reader| {
        let (start, count) = reader.lenient_page();
        let text = reader.lenient_text();
        let (near, areas) = reader.areas();
        let filter = GroupFilter { areas, ..reader.group_filter() };
        let sort = reader.lenient_sort(sort_key).filter(|sort| match sort.key {
            SortKey::Match => text.is_some(),
            SortKey::Distance => near.is_some(),
            _ => true,
        });
        let usual = if text.is_some() { Sort::default() } else { Sort { key: SortKey::Members, descending: true } };
        Ok(GroupQuery {
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
    /// Every condition on groups but those on places, which [`Self::areas`] reads.
    pub fn group_filter(&mut self) -> GroupFilter {
        GroupFilter {
            languages: self.lenient_languages(),
            openness: self.some_of("openness", &OPENNESS),
            origin: self.lenient_origin(),
            hosts: self.lenient_hosts(),
            handles: self.lenient_names(&["handles", "group"], canonical_handle),
            areas: Vec::new(),
        }
    }
}

fn sort_key(name: &str) -> Option<SortKey> {
    Some(match name {
        "match" => SortKey::Match,
        "memberCount" => SortKey::Members,
        "createdAt" => SortKey::CreatedAt,
        "name" | "displayName" => SortKey::Name,
        "distance" => SortKey::Distance,
        _ => return None,
    })
}

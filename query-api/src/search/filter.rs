//! A filter as an expression over sets of documents, pure and comparable, so that it can be the key of a cache.

use std::sync::Arc;

use indexer::geography::Area;
use indexer::schema::{ChannelFields, EventFields, GroupFields, PlaylistFields, UNKNOWN_LANGUAGE, VideoFields};
use tantivy::Term;
use tantivy::schema::Field;
use uuid::Uuid;

use super::geo::Within;
use crate::query::{
    Bounds, ChannelFilter, EventFilter, GroupFilter, HostFilter, Nsfw, OriginFilter, PlaylistFilter, VideoFilter,
};

/// A set of documents, by what its documents have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Expr {
    /// Any of the terms.
    AnyTerm(Vec<Term>),
    /// A value of a column within inclusive bounds.
    Range(RangeColumn, i64, i64),
    /// Events that are over after this time, or start at it or after it, in milliseconds since 1970.
    NotOver(i64),
    /// Within an area; what has no coordinates is nowhere in it.
    Within(Arc<Within>),
    /// In every set; all documents when there is none.
    And(Vec<Arc<Expr>>),
    /// In any set.
    Or(Vec<Arc<Expr>>),
    /// Not in the set.
    Not(Arc<Expr>),
}

/// Columns that ranges are asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum RangeColumn {
    PublishedAt,
    OriginallyPublishedAt,
    Duration,
    StartsAt,
    OverAt,
}

/// The conditions of a filter on videos. Ranges stand at the top level.
pub(super) fn of_videos(filter: &VideoFilter, fields: &VideoFields) -> Vec<Arc<Expr>> {
    let mut all = Vec::new();
    lower_nsfw(filter, fields, &mut all);
    if let Some(is_live) = filter.is_live {
        all.push(Expr::AnyTerm(vec![Term::from_field_u64(fields.is_live, u64::from(is_live))]));
    }
    let numbers = |field, values: &[i64]| values.iter().map(|value| Term::from_field_i64(field, *value)).collect();
    let one_of: [Vec<Term>; 4] = [
        numbers(fields.category, &filter.categories),
        numbers(fields.licence, &filter.licences),
        texts(fields.language, &filter.languages),
        texts(fields.tag, &filter.tags_one_of),
    ];
    all.extend(one_of.into_iter().filter(|terms| !terms.is_empty()).map(Expr::AnyTerm));
    for tag in &filter.tags_all_of {
        all.push(Expr::AnyTerm(vec![Term::from_field_text(fields.tag, tag)]));
    }
    all.extend(any_uuid(filter.uuids.as_deref(), fields.uuid));
    lower_origin(&filter.origin, fields.host, &[fields.account], &mut all);
    let ranges = [
        (RangeColumn::PublishedAt, filter.published_ms),
        (RangeColumn::OriginallyPublishedAt, filter.originally_published_ms),
        (RangeColumn::Duration, filter.duration_s),
    ];
    for (column, Bounds { min, max }) in ranges {
        if min.is_some() || max.is_some() {
            all.push(Expr::Range(column, min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX)));
        }
    }
    all.into_iter().map(Arc::new).collect()
}

/// The conditions of a filter on channels.
pub(super) fn of_channels(filter: &ChannelFilter, fields: &ChannelFields) -> Vec<Arc<Expr>> {
    let mut all = Vec::new();
    all.extend(filter.handles.as_deref().map(|handles| Expr::AnyTerm(texts(fields.handle, handles))));
    lower_origin(&filter.origin, fields.host, &[fields.account], &mut all);
    all.into_iter().map(Arc::new).collect()
}

/// The conditions of a filter on playlists.
pub(super) fn of_playlists(filter: &PlaylistFilter, fields: &PlaylistFields) -> Vec<Arc<Expr>> {
    let mut all = Vec::new();
    all.extend(any_uuid(filter.uuids.as_deref(), fields.uuid));
    lower_origin(&filter.origin, fields.host, &[fields.account], &mut all);
    all.into_iter().map(Arc::new).collect()
}

/// The conditions of a filter on events. Those on times stand at the top level.
pub(super) fn of_events(filter: &EventFilter, fields: &EventFields) -> Vec<Arc<Expr>> {
    let mut all = Vec::new();
    let one_of: [Vec<Term>; 5] = [
        texts(fields.category, &filter.categories),
        texts(fields.language, &filter.languages),
        texts(fields.status, &filter.statuses),
        texts(fields.tag, &filter.tags_one_of),
        texts(fields.join_mode, &filter.join_modes),
    ];
    all.extend(one_of.into_iter().filter(|terms| !terms.is_empty()).map(Expr::AnyTerm));
    for (field, values) in [(fields.tag, &filter.tags_all_of), (fields.accessible, &filter.accessible)] {
        all.extend(values.iter().map(|value| Expr::AnyTerm(vec![Term::from_field_text(field, value)])));
    }
    for (field, flag) in [
        (fields.is_online, filter.is_online),
        (fields.has_free_places, filter.has_free_places),
        (fields.is_long, filter.is_long),
    ] {
        all.extend(flag.map(|flag| Expr::AnyTerm(vec![Term::from_field_u64(field, u64::from(flag))])));
    }
    for (field, names) in [(fields.host, &filter.hosts), (fields.group_handle, &filter.groups)] {
        all.extend(names.as_deref().map(|names| Expr::AnyTerm(texts(field, names))));
    }
    // Who mutes a group means what it puts on: to a client the group made it.
    lower_origin(&filter.origin, fields.host, &[fields.account, fields.group_handle], &mut all);
    all.extend(within(&filter.areas));
    let times = filter.times;
    all.extend(times.starts_by.map(|max| Expr::Range(RangeColumn::StartsAt, i64::MIN, max)));
    all.extend(times.over_by.map(|max| Expr::Range(RangeColumn::OverAt, i64::MIN, max)));
    all.extend(times.not_over_at.map(Expr::NotOver));
    all.into_iter().map(Arc::new).collect()
}

/// The conditions of a filter on groups. One whose language could not be guessed passes every choice of languages.
pub(super) fn of_groups(filter: &GroupFilter, fields: &GroupFields) -> Vec<Arc<Expr>> {
    let mut all = Vec::new();
    if !filter.languages.is_empty() {
        let mut languages = texts(fields.language, &filter.languages);
        languages.push(Term::from_field_text(fields.language, UNKNOWN_LANGUAGE));
        all.push(Expr::AnyTerm(languages));
    }
    if !filter.openness.is_empty() {
        all.push(Expr::AnyTerm(texts(fields.openness, &filter.openness)));
    }
    for (field, names) in [(fields.host, &filter.hosts), (fields.handle, &filter.handles)] {
        all.extend(names.as_deref().map(|names| Expr::AnyTerm(texts(field, names))));
    }
    // A group has no owner: who mutes an account means the group itself.
    lower_origin(&filter.origin, fields.host, &[fields.handle], &mut all);
    all.extend(within(&filter.areas));
    all.into_iter().map(Arc::new).collect()
}

/// The conditions that something is in each of some areas.
pub(super) fn within(areas: &[Area]) -> impl Iterator<Item = Expr> + '_ {
    areas.iter().map(|area| Expr::Within(Arc::new(Within::new(area.clone()))))
}

fn texts(field: Field, values: &[String]) -> Vec<Term> {
    values.iter().map(|value| Term::from_field_text(field, value)).collect()
}

fn any_uuid(uuids: Option<&[Uuid]>, field: Field) -> Option<Expr> {
    let term = |uuid: &Uuid| Term::from_field_text(field, &uuid.hyphenated().to_string());
    uuids.map(|uuids| Expr::AnyTerm(uuids.iter().map(term).collect()))
}

/// `accounts` are the fields that name who made something.
fn lower_origin(filter: &OriginFilter, host: Field, accounts: &[Field], all: &mut Vec<Expr>) {
    match &filter.host {
        Some(HostFilter::Is(name)) => all.push(Expr::AnyTerm(vec![Term::from_field_text(host, name)])),
        Some(HostFilter::Nothing) => all.push(Expr::Or(Vec::new())),
        None => {}
    }
    let blocked_accounts = accounts.iter().map(|account| texts(*account, &filter.blocked_accounts));
    let blocked = std::iter::once(texts(host, &filter.blocked_hosts)).chain(blocked_accounts);
    all.extend(blocked.filter(|terms| !terms.is_empty()).map(|terms| not(Expr::AnyTerm(terms))));
}

/// PeerTube 7.2 and later: the flags included widen the choice of `nsfw`, the flags excluded narrow it afterwards.
fn lower_nsfw(filter: &VideoFilter, fields: &VideoFields, all: &mut Vec<Expr>) {
    let nsfw_is = |value: bool| Expr::AnyTerm(vec![Term::from_field_u64(fields.nsfw, u64::from(value))]);
    let any_flag = |mask: u32| {
        let bits = (0..u32::BITS).map(|bit| 1_u32 << bit).filter(|bit| mask & bit != 0);
        Expr::AnyTerm(bits.map(|bit| Term::from_field_u64(fields.nsfw_flag, u64::from(bit))).collect())
    };
    match filter.nsfw {
        Nsfw::Show => {}
        // What the included flags could add is not safe for work, so it is there already.
        Nsfw::Only => all.push(nsfw_is(true)),
        Nsfw::Hide if filter.nsfw_flags_included == 0 => all.push(nsfw_is(false)),
        Nsfw::Hide => {
            let flagged = Expr::And(vec![Arc::new(nsfw_is(true)), Arc::new(any_flag(filter.nsfw_flags_included))]);
            all.push(Expr::Or(vec![Arc::new(nsfw_is(false)), Arc::new(flagged)]));
        }
    }
    if filter.nsfw_flags_excluded != 0 {
        all.push(not(any_flag(filter.nsfw_flags_excluded)));
    }
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Arc::new(expr))
}

#[cfg(test)]
mod tests {
    use indexer::geography::{Circle, GeoPoint};

    use super::*;

    #[test]
    fn an_area_is_one_condition() {
        let area = Area::Circle(Circle::new(GeoPoint::new(45.75, 4.85).unwrap(), 5_000.0));
        let (_, events) = EventFields::build();
        let (_, groups) = GroupFields::build();
        let of_events = EventFilter { areas: vec![area.clone()], ..EventFilter::default() };
        let of_groups = GroupFilter { areas: vec![area], ..GroupFilter::default() };
        assert_eq!(super::of_events(&of_events, &events).len(), 1);
        assert_eq!(super::of_groups(&of_groups, &groups).len(), 1);
    }
}

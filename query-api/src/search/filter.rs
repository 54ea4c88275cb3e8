//! A filter as an expression over sets of documents, pure and comparable, so that it can be the key of a cache.

use std::sync::Arc;

use indexer::schema::{ChannelFields, PlaylistFields, VideoFields};
use tantivy::Term;
use tantivy::schema::Field;
use uuid::Uuid;

use crate::query::{Bounds, ChannelFilter, HostFilter, Nsfw, OriginFilter, PlaylistFilter, VideoFilter};

/// A set of documents, by what its documents have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Expr {
    /// Any of the terms.
    AnyTerm(Vec<Term>),
    /// A value of a column within inclusive bounds.
    Range(RangeColumn, i64, i64),
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
    lower_origin(&filter.origin, fields.host, fields.account, &mut all);
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
    lower_origin(&filter.origin, fields.host, fields.account, &mut all);
    all.into_iter().map(Arc::new).collect()
}

/// The conditions of a filter on playlists.
pub(super) fn of_playlists(filter: &PlaylistFilter, fields: &PlaylistFields) -> Vec<Arc<Expr>> {
    let mut all = Vec::new();
    all.extend(any_uuid(filter.uuids.as_deref(), fields.uuid));
    lower_origin(&filter.origin, fields.host, fields.account, &mut all);
    all.into_iter().map(Arc::new).collect()
}

fn texts(field: Field, values: &[String]) -> Vec<Term> {
    values.iter().map(|value| Term::from_field_text(field, value)).collect()
}

fn any_uuid(uuids: Option<&[Uuid]>, field: Field) -> Option<Expr> {
    let term = |uuid: &Uuid| Term::from_field_text(field, &uuid.hyphenated().to_string());
    uuids.map(|uuids| Expr::AnyTerm(uuids.iter().map(term).collect()))
}

fn lower_origin(filter: &OriginFilter, host: Field, account: Field, all: &mut Vec<Expr>) {
    match &filter.host {
        Some(HostFilter::Is(name)) => all.push(Expr::AnyTerm(vec![Term::from_field_text(host, name)])),
        Some(HostFilter::Nothing) => all.push(Expr::Or(Vec::new())),
        None => {}
    }
    let blocked = [texts(host, &filter.blocked_hosts), texts(account, &filter.blocked_accounts)];
    all.extend(blocked.into_iter().filter(|terms| !terms.is_empty()).map(|terms| not(Expr::AnyTerm(terms))));
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

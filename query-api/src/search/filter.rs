//! A filter as an expression over sets of documents, pure and comparable, so that it can be the key of a cache.

use std::sync::Arc;

use indexer::schema::VideoFields;
use tantivy::Term;

use crate::query::{Bounds, HostFilter, Nsfw, VideoFilter};

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

/// The conjunction of all conditions of a filter. Ranges stand at the top level.
pub(super) fn lower(filter: &VideoFilter, fields: &VideoFields) -> Vec<Arc<Expr>> {
    let mut all = Vec::new();
    lower_nsfw(filter, fields, &mut all);
    if let Some(is_live) = filter.is_live {
        all.push(Expr::AnyTerm(vec![Term::from_field_u64(fields.is_live, u64::from(is_live))]));
    }
    match &filter.host {
        Some(HostFilter::Is(host)) => all.push(Expr::AnyTerm(vec![Term::from_field_text(fields.host, host)])),
        Some(HostFilter::Nothing) => all.push(Expr::Or(Vec::new())),
        None => {}
    }
    let texts = |field, values: &[String]| values.iter().map(|value| Term::from_field_text(field, value)).collect();
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
    if let Some(uuids) = &filter.uuids {
        let terms = uuids.iter().map(|uuid| Term::from_field_text(fields.uuid, &uuid.hyphenated().to_string()));
        all.push(Expr::AnyTerm(terms.collect()));
    }
    let blocked: [Vec<Term>; 2] =
        [texts(fields.host, &filter.blocked_hosts), texts(fields.account, &filter.blocked_accounts)];
    all.extend(blocked.into_iter().filter(|terms| !terms.is_empty()).map(|terms| not(Expr::AnyTerm(terms))));
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

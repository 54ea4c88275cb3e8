//! The values of one facet on sets of documents.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use indexer::analysis;
use indexer::schema::UNKNOWN_LANGUAGE;
use indexer::stored::{StoredEvent, StoredVideo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use super::columns::CodedColumn;
use super::model::{DURATIONS, Facet, FacetCounts, FacetValue, KindFilter, PUBLISHED};
use crate::categories;
use crate::error::Error;
use crate::query::Bounds;
use crate::search::kind::KindIndex;
use crate::search::segment::FilterSet;
use crate::search::{Deadline, SearchIndex};

/// Values of one segment that are compared with those of the others at most. When even that leaves a doubt, the answer says
/// that it is approximate.
const MAX_MERGED: usize = 1 << 16;

/// Counts the facets of one search.
pub(super) struct Counting<'a> {
    pub index: &'a SearchIndex,
    pub kind: &'a KindIndex,
    pub filter: &'a KindFilter,
    /// Most values of one facet.
    pub size: usize,
    pub deadline: Deadline,
}

/// The counts of all values, merged from the segments.
struct Totals {
    /// The most frequent values, the greatest first; equal ones in their own order.
    most: Vec<(String, usize)>,
    /// The chosen values that are not among them.
    chosen: Vec<(String, usize)>,
    n_values: usize,
    is_approximate: bool,
}

/// The counts of one segment.
struct CountedSegment {
    column: Arc<CodedColumn>,
    /// By place.
    counts: Vec<u32>,
    /// The places that have any; the first ones are sorted out as far as needed.
    found: Vec<(Reverse<u32>, usize)>,
}

impl Counting<'_> {
    /// Counts one facet on the documents of `sets`, segment by segment.
    pub fn count(&self, facet: Facet, sets: &[Arc<FilterSet>]) -> Result<FacetCounts, Error> {
        self.deadline.check()?;
        match facet {
            Facet::Published => Ok(self.count_published(sets)),
            Facet::Duration => self.count_durations(sets),
            _ => self.count_values(facet, sets),
        }
    }

    fn count_values(&self, facet: Facet, sets: &[Arc<FilterSet>]) -> Result<FacetCounts, Error> {
        let selected = self.filter.selected(facet);
        let Totals { mut most, chosen, n_values, is_approximate } = self.totals(facet, sets, &selected)?;
        most.extend(chosen);
        let mut values = Vec::with_capacity(most.len());
        for (id, count) in most {
            self.deadline.check()?;
            let label = self.label(facet, &id, sets)?;
            let is_selected = selected.contains(&id);
            values.push(FacetValue { id, label, count, is_selected, bounds: None });
        }
        let n_counted = values.iter().filter(|value| value.count > 0).count();
        Ok(FacetCounts { facet, has_more: n_values > n_counted, values, is_approximate })
    }

    /// The most frequent values of all segments together.
    ///
    /// Only the first ones of each segment are compared: what is in none of these lists is not more frequent than the last
    /// ones of all lists together. While that could still be too many, longer lists are taken.
    fn totals(&self, facet: Facet, sets: &[Arc<FilterSet>], selected: &[String]) -> Result<Totals, Error> {
        let engine = |source| self.kind.engine(source);
        let mut counted = Vec::new();
        let mut chosen: HashMap<&String, usize> = selected.iter().map(|value| (value, 0)).collect();
        for (segment, set) in self.kind.segments.iter().zip(sets).filter(|(_, set)| set.count > 0) {
            self.deadline.check()?;
            let column = self.index.facet_memory.column(segment, facet).map_err(engine)?;
            let counts = column.count(&set.bits);
            for (value, total) in &mut chosen {
                let place = column.place(value).map_err(engine)?;
                *total += place.and_then(|place| counts.get(place)).map_or(0, |n| *n as usize);
            }
            let found: Vec<(Reverse<u32>, usize)> =
                counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(place, n)| (Reverse(*n), place)).collect();
            counted.push(CountedSegment { column, counts, found });
        }
        let mut n_values = counted.iter().map(|segment| segment.found.len()).max().unwrap_or_default();
        let mut n_listed = if counted.len() == 1 { self.size } else { self.size * 4 + 16 };
        let (mut most, is_approximate) = loop {
            self.deadline.check()?;
            let Merged { totals, n_compared, n_unlisted } =
                merged(&mut counted, n_listed, self.size).map_err(engine)?;
            n_values = n_values.max(n_compared);
            let mut totals: Vec<(String, usize)> = totals.into_iter().collect();
            totals.sort_unstable_by(|left, right| order(facet, left).cmp(&order(facet, right)));
            totals.truncate(self.size);
            // Of one segment the first ones are the first ones. Of several an equal one might stand before by its text.
            let least = totals.get(self.size.wrapping_sub(1)).map_or(0, |(_, n)| *n);
            let is_exact = counted.len() == 1 || n_unlisted == 0 || n_unlisted < least;
            if is_exact || n_listed >= MAX_MERGED {
                break (totals, !is_exact);
            }
            n_listed *= 4;
        };
        most.retain(|(_, n)| *n > 0);
        let mut chosen: Vec<(String, usize)> = chosen
            .into_iter()
            .filter(|(value, _)| !most.iter().any(|(known, _)| known == *value))
            .map(|(value, n)| (value.clone(), n))
            .collect();
        chosen.sort_unstable_by(|left, right| order(facet, left).cmp(&order(facet, right)));
        Ok(Totals { most, chosen, n_values, is_approximate })
    }

    fn count_durations(&self, sets: &[Arc<FilterSet>]) -> Result<FacetCounts, Error> {
        let mut totals = [0_usize; DURATIONS.len()];
        for (segment, set) in self.kind.segments.iter().zip(sets) {
            let column = self.index.facet_memory.column(segment, Facet::Duration);
            let counts = column.map_err(|source| self.kind.engine(source))?.count(&set.bits);
            totals.iter_mut().zip(counts).for_each(|(total, n)| *total += n as usize);
        }
        let buckets = DURATIONS.iter().zip(totals).map(|(bucket, n)| (bucket.id, bucket.label, bucket.bounds, n));
        Ok(self.buckets(Facet::Duration, buckets))
    }

    fn count_published(&self, sets: &[Arc<FilterSet>]) -> FacetCounts {
        let since = PUBLISHED.map(|(_, _, span_ms)| self.kind.now_ms.saturating_sub(span_ms));
        let oldest = since.iter().copied().min().unwrap_or(i64::MAX);
        let mut totals = [0_usize; PUBLISHED.len()];
        let mut add = |date_ms: i64| {
            totals.iter_mut().zip(since).filter(|(_, since)| date_ms >= *since).for_each(|(total, _)| *total += 1);
        };
        for (segment, set) in self.kind.segments.iter().zip(sets) {
            let newest = segment.newest_first();
            let n_recent = newest.partition_point(|doc| segment.date_ms(*doc) >= oldest);
            if set.count < n_recent {
                set.bits.iter().for_each(|doc| add(segment.date_ms(doc)));
            } else {
                let recent = newest.iter().take(n_recent).filter(|doc| set.bits.contains(**doc));
                recent.for_each(|doc| add(segment.date_ms(*doc)));
            }
        }
        let buckets = PUBLISHED.iter().zip(since).zip(totals);
        let buckets = buckets.map(|(((id, label, _), since), n)| {
            let bounds = Bounds { min: Some(since), max: None };
            (*id, *label, bounds, n)
        });
        self.buckets(Facet::Published, buckets)
    }

    /// Every bucket, the empty ones too: they are few, and a list that keeps its shape is easier to read.
    fn buckets(
        &self,
        facet: Facet,
        buckets: impl Iterator<Item = (&'static str, &'static str, Bounds, usize)>,
    ) -> FacetCounts {
        let value = |(id, label, bounds, count): (&str, &str, Bounds, usize)| FacetValue {
            id: id.to_owned(),
            label: label.to_owned(),
            count,
            is_selected: self.filter.is_bucket_selected(facet, bounds),
            bounds: Some(bounds),
        };
        FacetCounts { facet, values: buckets.map(value).collect(), has_more: false, is_approximate: false }
    }

    /// What people read for a value: as a result that has it names it, because origins name their categories, licences and
    /// languages, and authors write their tags.
    fn label(&self, facet: Facet, id: &str, sets: &[Arc<FilterSet>]) -> Result<String, Error> {
        match self.filter {
            KindFilter::Events(_) | KindFilter::Groups(_) => self.hosted_label(facet, id, sets),
            _ => self.video_label(facet, id, sets),
        }
    }

    /// Of events and groups: tags as one of the results writes them, the rest as it is called in English.
    fn hosted_label(&self, facet: Facet, id: &str, sets: &[Arc<FilterSet>]) -> Result<String, Error> {
        if facet == Facet::Tag {
            let term = Term::from_field_text(self.index.snapshot.event_fields.tag, id);
            let Some((segment, doc)) = self.first_with(&term, sets)? else { return Ok(id.to_owned()) };
            let event: StoredEvent = self.kind.read(segment, doc)?;
            let tag = event.tags.into_iter().find(|tag| analysis::fold_whole(tag) == id);
            return Ok(tag.unwrap_or_else(|| id.to_owned()));
        }
        let known = match (facet, id) {
            (Facet::Category, id) => return Ok(categories::label(id, None)),
            (Facet::Language, UNKNOWN_LANGUAGE) => "Unknown",
            (Facet::Status, "TENTATIVE") => "Tentative",
            (Facet::Status, "CONFIRMED") => "Confirmed",
            (Facet::Status, "CANCELLED") => "Cancelled",
            (Facet::JoinMode, "free") => "Free to join",
            (Facet::JoinMode, "restricted") => "On approval",
            (Facet::JoinMode, "invite") => "By invitation",
            (Facet::JoinMode, "external") => "Registration elsewhere",
            (Facet::IsOnline, "true") => "Online",
            (Facet::IsOnline, _) => "In person",
            (Facet::HasFreePlaces, "true") => "With places left",
            (Facet::HasFreePlaces, _) => "Full",
            (Facet::Openness, "open") => "Open",
            (Facet::Openness, "moderated") => "On approval",
            (Facet::Openness, "invite_only") => "By invitation",
            (_, id) => id,
        };
        Ok(known.to_owned())
    }

    fn video_label(&self, facet: Facet, id: &str, sets: &[Arc<FilterSet>]) -> Result<String, Error> {
        let fields = &self.index.snapshot.video_fields;
        let number = |field| id.parse().ok().map(|number| Term::from_field_i64(field, number));
        let term = match (facet, id) {
            (Facet::IsLive, "true") => return Ok("Live".to_owned()),
            (Facet::IsLive, _) => return Ok("Recorded".to_owned()),
            (Facet::Nsfw, "true") => return Ok("Sensitive".to_owned()),
            (Facet::Nsfw, _) => return Ok("Safe for work".to_owned()),
            (Facet::Language, UNKNOWN_LANGUAGE) => return Ok("Unknown".to_owned()),
            (Facet::Category, _) => number(fields.category),
            (Facet::Licence, _) => number(fields.licence),
            (Facet::Language, _) => Some(Term::from_field_text(fields.language, id)),
            (Facet::Tag, _) => Some(Term::from_field_text(fields.tag, id)),
            _ => None,
        };
        let Some(term) = term else {
            return Ok(id.to_owned());
        };
        // Tags are too many to remember.
        let is_remembered = facet != Facet::Tag;
        let key = || (facet, id.to_owned());
        if is_remembered && let Some(known) = self.index.facet_memory.labels.get(&key()) {
            return Ok(known.to_string());
        }
        let Some((segment, doc)) = self.first_with(&term, sets)? else {
            return Ok(id.to_owned());
        };
        let video: StoredVideo = self.kind.read(segment, doc)?;
        let label = match facet {
            Facet::Category => video.category.map(|(_, label)| label),
            Facet::Licence => video.licence.map(|(_, label)| label),
            Facet::Language => video.language.map(|(_, label)| label),
            _ => video.tags.into_iter().find(|tag| analysis::fold_whole(tag) == id),
        };
        let label = label.filter(|label| !label.trim().is_empty()).unwrap_or_else(|| id.to_owned());
        if is_remembered {
            self.index.facet_memory.labels.insert(key(), label.as_str().into());
        }
        Ok(label)
    }

    /// The first counted document that has the term.
    fn first_with(&self, term: &Term, sets: &[Arc<FilterSet>]) -> Result<Option<(u32, u32)>, Error> {
        let engine = |source| self.kind.engine(source);
        for (segment, set) in self.kind.segments.iter().zip(sets) {
            let index = segment.reader.inverted_index(term.field()).map_err(engine)?;
            let postings = index.read_postings(term, IndexRecordOption::Basic);
            let Some(mut postings) = postings.map_err(|source| engine(source.into()))? else {
                continue;
            };
            let mut doc = postings.doc();
            while doc != TERMINATED && !set.bits.contains(doc) {
                doc = postings.advance();
            }
            if doc != TERMINATED {
                return Ok(Some((segment.ord, doc)));
            }
        }
        Ok(None)
    }
}

/// The most frequent values of several segments.
struct Merged {
    /// Of all values that may be among the first ones.
    totals: HashMap<String, usize>,
    /// Values in any list.
    n_compared: usize,
    /// The most that a value in none of the lists can have.
    n_unlisted: usize,
}

/// Merges the `n_listed` most frequent values of each segment into the `size` most frequent ones.
fn merged(counted: &mut [CountedSegment], n_listed: usize, size: usize) -> tantivy::Result<Merged> {
    // By segment: the most that a value can have there which is not in its list.
    let mut unlisted = vec![0; counted.len()];
    // By value: the total so far, and the segments that it counts.
    let mut totals: HashMap<String, (usize, Vec<usize>)> = HashMap::new();
    for ((nth, segment), unlisted) in counted.iter_mut().enumerate().zip(&mut unlisted) {
        let n_listed = n_listed.min(segment.found.len());
        if n_listed < segment.found.len() {
            // Places are in the order of the values, so ties are cut where they would be anyway.
            let (_, (Reverse(most_left), _), _) = segment.found.select_nth_unstable(n_listed);
            *unlisted = *most_left as usize;
        }
        let mut listed: Vec<(Reverse<u32>, usize)> = segment.found.iter().take(n_listed).copied().collect();
        listed.sort_unstable_by_key(|(_, place)| *place);
        let mut numbers = listed.iter().map(|(Reverse(n), _)| *n as usize);
        segment.column.for_each_value(listed.iter().map(|(_, place)| *place), |value| {
            let n = numbers.next().unwrap_or_default();
            match totals.get_mut(value) {
                Some((total, segments)) => {
                    *total += n;
                    segments.push(nth);
                }
                None => {
                    totals.insert(value.to_owned(), (n, vec![nth]));
                }
            }
        })?;
    }
    let n_unlisted: usize = unlisted.iter().sum();
    let n_compared = totals.len();
    let mut least: Vec<usize> = totals.values().map(|(total, _)| *total).collect();
    least.sort_unstable_by_key(|total| Reverse(*total));
    let least = least.get(size.wrapping_sub(1)).copied().unwrap_or_default();
    let mut complete = HashMap::with_capacity(totals.len());
    for (value, (mut total, segments)) in totals {
        let known: usize = segments.iter().filter_map(|nth| unlisted.get(*nth)).sum();
        // Looking a value up costs more than everything else, and most cannot come among the first any more.
        if total + n_unlisted - known < least {
            continue;
        }
        for ((nth, segment), unlisted) in counted.iter().enumerate().zip(&unlisted) {
            if *unlisted > 0 && !segments.contains(&nth) {
                let place = segment.column.place(&value)?;
                total += place.and_then(|place| segment.counts.get(place)).map_or(0, |n| *n as usize);
            }
        }
        complete.insert(value, total);
    }
    Ok(Merged { totals: complete, n_compared, n_unlisted })
}

/// Greater counts first, then smaller numbers, then by text.
fn order(facet: Facet, (value, n): &(String, usize)) -> (Reverse<usize>, Option<i64>, &str) {
    let number = if matches!(facet, Facet::Category | Facet::Licence) { value.parse().ok() } else { None };
    (Reverse(*n), number, value)
}

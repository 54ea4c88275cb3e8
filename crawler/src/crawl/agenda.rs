//! Events of whatever source: into the journal first, then into the state; and what becomes of those that are missing.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::{SignedDuration, Timestamp};
use journal::record::{Actor, Event, Record, RecordId};
use journal::{Body, Entry, TombstoneReason};
use tracing::{info, warn};

use super::answer::{count, save};
use super::sweep::PageFacts;
use super::visit::{Context, HostRun, tombstone};
use crate::error::Error;
use crate::reading::events::{EventsPage, ListedEvent, Withheld};
use crate::reading::origin::Rejection;
use crate::reading::remark::Remark;
use crate::state::{By, Changes, EventChange, GroupChange, KnownEvent, NEVER_MS, ReadEvent};

/// How long the word of an event's own page that it is not for search engines holds against its list.
const REFUSED_FOR_MS: i64 = 24 * 60 * 60 * 1000;

/// What the page of a list marks as seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The full scan.
    pub sweep: Option<u32>,
    /// The pass through what is not over.
    pub look: Option<u32>,
}

/// How much of an event a page tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// All of it.
    Whole,
    /// All but its description, which stays as known until a new or changed event was read by itself.
    WithoutDescription,
    /// Less than another route does: a new or changed event waits until it was read by itself, a known one stays as it is.
    Shallow,
}

/// What storing a page came to.
#[derive(Debug, Default)]
pub struct Stored {
    /// For the state.
    pub changes: Changes,
    /// For the scan.
    pub facts: PageFacts,
    /// Events that were unknown or had changed.
    pub n_news: u64,
    /// Records and tombstones written.
    pub n_written: usize,
}

/// Journals a page of events. The journal has it safely when this returns; the changes are for the caller to commit.
///
pub async fn store(
    ctx: &Context,
    run: &mut HostRun,
    page: EventsPage,
    marks: Marks,
    depth: Depth,
    now: Timestamp,
) -> Result<Stored, Error> {
    let known = ctx.db.events(run.id, &page.ids)?;
    let mut stored =
        Stored { facts: facts(run, &page.ids, page.n_rows, page.total, marks, &known), ..Stored::default() };
    count_items(run, &page);
    let entries = ctx.entries(page.events.iter().map(|listed| listed.event.record_id()).collect()).await?;
    let mut journalled = Vec::new();
    let mut withheld = Vec::new();
    for (listed, entry) in page.events.into_iter().zip(entries) {
        let ListedEvent { event, updated_ms, withheld: wish, is_wish_told, .. } = listed;
        let before = known.get(&event.origin_id);
        if ctx.door.keeps_out(&event.targets()) {
            // Without a row it would be read again by itself at each pass: it keeps one that names nobody.
            let read = nameless(&event, updated_ms, marks, now);
            stored.changes.events.push(EventChange::Read(read));
            continue;
        }
        let is_new = before.is_none_or(|before| !before.is_journalled);
        let is_refused = before.is_some_and(|before| before.refused_ms > 0);
        let is_asked_again = before.is_some_and(|before| is_due_again(before, now));
        let is_changed =
            before.is_none_or(|before| before.updated_ms != updated_ms || before.is_cancelled != is_cancelled(&event));
        let group = home_name(run, event.group.as_ref());
        if !group.is_empty() && wish.is_none() {
            stored.changes.groups.push(GroupChange::Named { name: group.clone(), now, sweep: None });
        }
        let person = home_name(run, event.organizer.as_ref());
        let by = match &wish {
            Some(wish) => Some(if wish.is_group { By::Group } else { By::Person }),
            None if is_wish_told => Some(By::Nobody),
            // What does not tell wishes brings nothing back that one keeps out.
            None if before.is_some_and(|before| before.is_withheld) => None,
            None => Some(ctx.db.withheld_by(run.id, &group, &person)?),
        };
        let is_withheld = by != Some(By::Nobody);
        let read = ReadEvent {
            id: event.origin_id.clone(),
            group,
            person,
            updated_ms,
            over_ms: event.time.ends_at.unwrap_or(event.time.starts_at).as_millisecond(),
            is_cancelled: is_cancelled(&event),
            // What is new is not missing from a scan that passed its place before it was there.
            sweep: marks.sweep.or(before.is_none().then_some(run.state.sweep.number)),
            look: marks.look.or(before.is_none().then_some(run.state.agenda.look.number)),
            due_ms: match depth {
                Depth::Whole => NEVER_MS,
                _ if is_changed => 0,
                // It may still wait to be read by itself.
                _ => before.map_or(NEVER_MS, |before| before.due_ms),
            },
            is_journalled: !is_withheld && !is_refused && (depth != Depth::Shallow || !is_new),
            read_ms: now.as_millisecond(),
            withheld: by,
        };
        let id = read.id.clone();
        stored.n_news += u64::from(is_changed);
        if is_withheld {
            let is_live = entry.is_some_and(|entry| matches!(entry.body, Body::Record(_)));
            if is_live {
                journalled.push(tombstone(event.record_id(), TombstoneReason::OptOut, now));
            }
            run.state.counts.n_records -= u64::from(!is_new).min(run.state.counts.n_records);
            withheld.extend(wish);
        } else if !is_refused && read.is_journalled {
            run.state.counts.n_records += u64::from(is_new);
            let known = entry.as_ref();
            match depth {
                // ActivityPub tells less than what was read before: only a change is a reason to take it.
                Depth::Whole if !is_wish_told && !is_new && !is_changed => {}
                Depth::Whole => journalled.extend(entry_of(event, known, now)),
                Depth::WithoutDescription => journalled.extend(entry_of(merge(event, known), known, now)),
                Depth::Shallow => {}
            }
        }
        stored.changes.events.push(EventChange::Read(read));
        if is_asked_again {
            stored.changes.events.push(EventChange::Confirm { id });
        }
    }
    for id in page.not_public {
        if known.get(&id).is_some_and(|known| known.is_journalled) {
            journalled.push(tombstone(RecordId::event(run.host.clone(), &id), TombstoneReason::Hidden, now));
            note_withdrawn(run);
            stored.changes.events.push(EventChange::Removed { id });
        }
    }
    stored.n_written = ctx.append(&run.host, journalled).await?;
    stored.n_written += withdraw_of(ctx, run, &withheld, &mut stored.changes, now).await?;
    Ok(stored)
}

/// The row of an event that stays out.
fn nameless(event: &Event, updated_ms: i64, marks: Marks, now: Timestamp) -> ReadEvent {
    ReadEvent {
        id: event.origin_id.clone(),
        group: String::new(),
        person: String::new(),
        updated_ms,
        over_ms: event.time.ends_at.unwrap_or(event.time.starts_at).as_millisecond(),
        is_cancelled: is_cancelled(event),
        sweep: marks.sweep,
        look: marks.look,
        due_ms: NEVER_MS,
        is_journalled: false,
        read_ms: now.as_millisecond(),
        withheld: Some(By::Nobody),
    }
}

/// What a page tells the scan it belongs to.
///
/// Rows that the state knows are new unless this scan has marked them; others are new unless the page before had them.
pub fn facts(
    run: &HostRun,
    ids: &[String],
    n_rows: usize,
    total: Option<u64>,
    marks: Marks,
    known: &HashMap<String, KnownEvent>,
) -> PageFacts {
    let sweep = if marks.look.is_some() { &run.state.agenda.look } else { &run.state.sweep };
    let is_new = |id: &&String| match known.get(*id) {
        Some(known) if marks.look.is_some() => Some(known.look) != marks.look,
        Some(known) => Some(known.sweep) != marks.sweep,
        None => !sweep.previous.contains(&short(id)),
    };
    let n_new = count(ids.iter().filter(is_new).count());
    PageFacts { n_rows: count(n_rows), n_new, n_own: n_new, total, rows: ids.iter().map(|id| short(id)).collect() }
}

/// What was known of the part of an event that its list leaves out.
fn merge(listed: Event, entry: Option<&Entry>) -> Event {
    match entry.map(|entry| &entry.body) {
        Some(Body::Record(Record::Event(known))) if listed.description.is_none() => {
            Event { description: known.description.clone(), ..listed }
        }
        _ => listed,
    }
}

/// The entry to write; `None` when a moderator removed the event, or it is as known.
fn entry_of(event: Event, known: Option<&Entry>, now: Timestamp) -> Option<Entry> {
    match known.map(|entry| &entry.body) {
        Some(Body::Tombstone { reason: TombstoneReason::Moderated, .. }) => return None,
        Some(Body::Record(Record::Event(known))) if **known == event => return None,
        _ => {}
    }
    Some(Entry { seen_at: now, body: Body::Record(Record::Event(Box::new(event))) })
}

/// Takes in what was found out about one event that was asked for by itself.
pub async fn store_one(
    ctx: &Context,
    run: &mut HostRun,
    id: &str,
    found: Result<ListedEvent, Rejection>,
    now: Timestamp,
) -> Result<(Changes, usize), Error> {
    match found {
        Ok(listed) => {
            let page =
                EventsPage { ids: vec![id.to_owned()], events: vec![listed], n_rows: 1, ..EventsPage::default() };
            let stored = store(ctx, run, page, Marks::default(), Depth::Whole, now).await?;
            Ok((stored.changes, stored.n_written))
        }
        Err(Rejection::NotPublic(_)) => withdraw_one(ctx, run, id, TombstoneReason::Hidden, now).await,
        Err(rejection) => {
            let counts = &mut run.state.counts;
            counts.n_item_errors += 1;
            counts.last_item_error = Some(rejection.to_string());
            let events = vec![EventChange::Rejected { id: id.to_owned() }];
            Ok((Changes { events, ..Changes::default() }, 0))
        }
    }
}

/// The same for an event that was asked about and answered for itself: an earlier word that it is not for search engines
/// holds no longer.
pub async fn store_seen(
    ctx: &Context,
    run: &mut HostRun,
    id: &str,
    found: Result<ListedEvent, Rejection>,
    now: Timestamp,
) -> Result<(Changes, usize), Error> {
    if found.is_ok() {
        let seen = EventChange::StillThere { id: id.to_owned(), now, due_ms: NEVER_MS };
        save(ctx, run, &Changes { events: vec![seen], ..Changes::default() }, now)?;
    }
    store_one(ctx, run, id, found, now).await
}

/// Withdraws one event.
pub async fn withdraw_one(
    ctx: &Context,
    run: &mut HostRun,
    id: &str,
    reason: TombstoneReason,
    now: Timestamp,
) -> Result<(Changes, usize), Error> {
    let known = ctx.db.events(run.id, &[id.to_owned()])?;
    let mut n_written = 0;
    if known.get(id).is_some_and(|known| known.is_journalled) {
        n_written = ctx.withdraw(&run.host, vec![RecordId::event(run.host.clone(), id)], reason, now).await?;
        note_withdrawn(run);
    }
    // One that asks not to be indexed is kept in mind, so that its list does not bring it back.
    let change = match reason {
        TombstoneReason::OptOut => EventChange::Refused { id: id.to_owned(), now },
        _ => EventChange::Removed { id: id.to_owned() },
    };
    Ok((Changes { events: vec![change], ..Changes::default() }, n_written))
}

/// Withdraws every event of those who ask not to be indexed.
pub async fn withdraw_of(
    ctx: &Context,
    run: &mut HostRun,
    wishes: &[Withheld],
    changes: &mut Changes,
    now: Timestamp,
) -> Result<usize, Error> {
    let mut seen = BTreeSet::new();
    let mut n_written = 0;
    for wish in wishes.iter().filter(|wish| !wish.name.is_empty()) {
        if !seen.insert((&wish.name, wish.is_group)) {
            continue;
        }
        let ids = ctx.db.journalled_events(run.id, Some((&wish.name, wish.is_group)))?;
        if ids.is_empty() {
            continue;
        }
        info!(instance.host = %run.host, "{} events of {} are withdrawn: {}", ids.len(), run.host, wish.how);
        let records = ids.iter().map(|id| RecordId::event(run.host.clone(), id)).collect();
        n_written += ctx.withdraw(&run.host, records, TombstoneReason::OptOut, now).await?;
        run.state.counts.n_records = run.state.counts.n_records.saturating_sub(count(ids.len()));
        let by = if wish.is_group { By::Group } else { By::Person };
        changes.events.extend(ids.into_iter().map(|id| EventChange::Withheld { id, by }));
    }
    Ok(n_written)
}

/// Whether an event whose own page said that it is not for search engines, while its list goes on showing it, is asked
/// about again.
pub fn is_due_again(known: &KnownEvent, now: Timestamp) -> bool {
    known.refused_ms > 0 && now.as_millisecond() - known.refused_ms > REFUSED_FOR_MS
}

/// When an event that could not be read is asked for again.
pub fn later_ms(now: Timestamp) -> i64 {
    now.checked_add(SignedDuration::from_hours(6)).unwrap_or(now).as_millisecond()
}

fn note_withdrawn(run: &mut HostRun) {
    let counts = &mut run.state.counts;
    counts.n_withdrawn += 1;
    counts.n_records = counts.n_records.saturating_sub(1);
}

fn count_items(run: &mut HostRun, page: &EventsPage) {
    let counts = &mut run.state.counts;
    counts.n_remote += count(page.n_remote);
    counts.n_spoofed += count(page.spoofs.len());
    counts.n_item_errors += count(page.errors.len());
    if let Some(last) = page.spoofs.last().or(page.errors.last()) {
        counts.last_item_error = Some(last.to_string());
        // One line a page, however many items are wrong.
        warn!(
            instance.host = %run.host,
            spoofed = page.spoofs.len(),
            broken = page.errors.len(),
            "left out items of {}: {last}", run.host
        );
    }
    let mended: Vec<Remark> = page.events.iter().flat_map(|listed| listed.remarks.iter().copied()).collect();
    counts.n_mended += count(mended.len());
    counts.last_mended = mended.last().map(Remark::to_string).or(counts.last_mended.take());
}

fn is_cancelled(event: &Event) -> bool {
    event.status == journal::record::EventStatus::Cancelled
}

/// The name of an actor that is at home on the host, lower case; empty for none.
fn home_name(run: &HostRun, actor: Option<&Actor>) -> String {
    actor.filter(|actor| actor.host == run.host).map(|actor| actor.name.to_lowercase()).unwrap_or_default()
}

/// A short form of an id for the comparison of two pages.
pub fn short(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

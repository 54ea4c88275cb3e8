//! Lists of events: pages of whole ones, looks, and what changed last.

use jiff::Timestamp;
use journal::TombstoneReason;
use journal::record::RecordId;
use tracing::warn;

use super::answer::{json, refuse};
use super::details::without_hidden_number;
use super::task::Task;
use crate::crawl::agenda::{Depth, Marks, Stored, facts, is_due_again, store};
use crate::crawl::answer::{count, good, save};
use crate::crawl::passes::{Scope, begin, end_look, end_poll, end_sweep};
use crate::crawl::plan::MAX_POLL_PAGES;
use crate::crawl::sweep::{PageFacts, PageShape, Verdict};
use crate::crawl::visit::{Context, HostRun, tombstone};
use crate::error::Error;
use crate::mobilizon::{Glance, LookPage, Purpose, Query, parse_changes, parse_events, parse_look};
use crate::net::Fetched;
use crate::politeness::Pace;
use crate::state::{Changes, EventChange};

/// Pages on which events of other instances may fill a scan that they cannot be kept out of.
const MAX_FOREIGN_PAGES: u64 = 400;

/// Clocks are whole seconds, and two edits may share one.
const EDIT_SLACK_MS: i64 = 5_000;

/// What a page of a list was asked for: the query, what it spans, its rows.
type Asked = (&'static Query, Scope, u64);

/// Applies a page of whole events.
pub async fn events(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    asked: Asked,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let Some(body) = json(ctx, run, task, &fetched, pace)? else { return Ok(0) };
    let page = match parse_events(body, &run.host, now) {
        Ok(mut page) => {
            let events = std::mem::take(&mut page.events).into_iter();
            page.events = events.map(|listed| without_hidden_number(&run.state, task, listed)).collect();
            page
        }
        Err(refusal) => return refuse(ctx, run, task, refusal, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    if page.n_global > 0 && page.events.is_empty() {
        return note_global(ctx, run, now);
    }
    let marks = begin(run, asked.1, true, now);
    let n_own = page.events.len();
    let Stored { changes, facts, n_news, n_written } = store(ctx, run, page, marks, Depth::Whole, now).await?;
    advance(ctx, run, asked, Page { facts, changes, n_news, n_own }, now).await?;
    Ok(n_written)
}

/// Applies a page of a look.
pub async fn look(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    asked: Asked,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let Some(body) = json(ctx, run, task, &fetched, pace)? else { return Ok(0) };
    let page = match parse_look(body, &run.host) {
        Ok(page) => page,
        Err(refusal) => return refuse(ctx, run, task, refusal, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    if page.n_global > 0 && page.glances.is_empty() {
        return note_global(ctx, run, now);
    }
    let marks = begin(run, asked.1, false, now);
    let known = ctx.db.events(run.id, &page.ids)?;
    let facts = facts(run, &page.ids, page.n_rows, page.total, marks, &known);
    run.state.counts.n_remote += count(page.n_remote);
    let n_own = page.glances.len();
    let glanced = glance(ctx, run, &[page], marks, now).await?;
    advance(ctx, run, asked, Page { facts, changes: glanced.changes, n_news: glanced.n_news, n_own }, now).await?;
    Ok(glanced.n_written)
}

/// Applies what changed last. It goes on until it meets what the last one saw.
pub async fn changes(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let Some(body) = json(ctx, run, task, &fetched, pace)? else { return Ok(0) };
    let page = match parse_changes(body, &run.host) {
        Ok(page) => page,
        Err(refusal) => return refuse(ctx, run, task, refusal, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    let newest: Vec<String> = page.newest.glances.iter().map(|glance| glance.id.clone()).collect();
    let n_known = ctx.db.events(run.id, &newest)?.len();
    let is_full = |look: &LookPage| count(look.n_rows) >= Task::CHANGES_ROWS;
    let floor = run.state.mobilizon.newest_edit_ms;
    let has_more_edits =
        is_full(&page.edited) && page.edited.oldest_ms.is_some_and(|oldest| oldest > floor - EDIT_SLACK_MS);
    let has_more_news = is_full(&page.newest) && n_known == 0 && !newest.is_empty();
    // The first one only finds out where the next one may stop: the pass before it has seen everything.
    let goes_on = floor > 0 && (has_more_edits || has_more_news);
    let next = &mut run.state.mobilizon.next_edit_ms;
    *next = page.edited.newest_ms.unwrap_or(0).max(*next);
    let glanced = glance(ctx, run, &[page.edited, page.newest, page.cancelled], Marks::default(), now).await?;
    let poll = &mut run.state.poll;
    poll.n_failed = 0;
    poll.n_fresh += glanced.n_news;
    if goes_on && poll.n_pages + 1 < MAX_POLL_PAGES {
        poll.start += Task::CHANGES_ROWS;
        poll.n_pages += 1;
    } else {
        if goes_on {
            // So much has changed that a pass through all of it finds it with fewer requests.
            run.state.agenda.look.started_at = None;
        }
        run.state.mobilizon.newest_edit_ms = run.state.mobilizon.next_edit_ms.max(floor);
        run.state.mobilizon.next_edit_ms = 0;
        end_poll(ctx, run, now);
    }
    save(ctx, run, &glanced.changes, now)?;
    Ok(glanced.n_written)
}

/// A search that a global index has answered: another way is taken from here on.
fn note_global(ctx: &Context, run: &mut HostRun, now: Timestamp) -> Result<usize, Error> {
    warn!(instance.host = %run.host, "a global index answers the searches of {}; its own lists are read", run.host);
    run.state.mobilizon.is_search_global = true;
    (run.state.sweep.is_running, run.state.agenda.look.is_running) = (false, false);
    save(ctx, run, &Changes::default(), now).map(|()| 0)
}

struct Page {
    facts: PageFacts,
    changes: Changes,
    n_news: u64,
    /// Events of the host itself.
    n_own: usize,
}

/// Commits a page and moves on; at the end of a pass, judges what it has not seen.
async fn advance(ctx: &Context, run: &mut HostRun, asked: Asked, page: Page, now: Timestamp) -> Result<(), Error> {
    let (query, scope, rows) = asked;
    let shape = PageShape::by_number(rows);
    let sweep = if scope == Scope::History { &mut run.state.sweep } else { &mut run.state.agenda.look };
    let mut facts = page.facts;
    if !query.is_filtered() && sweep.n_pages >= MAX_FOREIGN_PAGES {
        facts.n_own = facts.n_own.min(count(page.n_own));
    }
    let verdict = sweep.advance_by(facts, shape, now);
    if scope == Scope::Current {
        run.state.poll.n_fresh += page.n_news;
    }
    save(ctx, run, &page.changes, now)?;
    match (verdict, scope) {
        (Verdict::Continue, _) => Ok(()),
        (Verdict::Stopped(reason), _) => {
            warn!(instance.host = %run.host, "scanning {}: {reason}; nothing is withdrawn", run.host);
            run.state.agenda.n_pages = run.state.agenda.n_pages.max(run.state.agenda.look.n_pages);
            save(ctx, run, &Changes::default(), now)
        }
        (Verdict::Complete, Scope::History) => {
            run.state.poll.wants_sweep = false;
            end_sweep(ctx, run, now).await
        }
        (Verdict::Complete, Scope::Current) => {
            end_poll(ctx, run, now);
            // The list of upcoming events leaves out what is cancelled.
            let counts_cancelled = query.purpose != Purpose::Upcoming;
            let is_light = query.purpose != Purpose::Events;
            end_look(ctx, run, counts_cancelled, now)?;
            if !is_light {
                // Pages of whole events are smaller: a look would have needed fewer.
                run.state.agenda.n_pages = run.state.agenda.n_pages.div_ceil(2).max(1);
                save(ctx, run, &Changes::default(), now)?;
            }
            Ok(())
        }
    }
}

/// What glances came to.
struct Glanced {
    changes: Changes,
    n_news: u64,
    n_written: usize,
}

/// Takes in what looks tell: what is new or changed is to be read, what is not for everybody is withdrawn.
async fn glance(
    ctx: &Context,
    run: &mut HostRun,
    pages: &[LookPage],
    marks: Marks,
    now: Timestamp,
) -> Result<Glanced, Error> {
    let glances: Vec<&Glance> = pages.iter().flat_map(|page| &page.glances).collect();
    let ids: Vec<String> = glances.iter().map(|glance| glance.id.clone()).collect();
    let known = ctx.db.events(run.id, &ids)?;
    let mut changes = Changes::default();
    let mut gone = Vec::new();
    let mut n_news = 0;
    for (nth, glance) in glances.iter().enumerate() {
        let id = glance.id.clone();
        if ids.iter().take(nth).any(|earlier| *earlier == id) {
            continue; // Two of the lists show it.
        }
        let before = known.get(&id);
        if !glance.is_public {
            if before.is_some_and(|before| before.is_journalled) {
                gone.push(tombstone(RecordId::event(run.host.clone(), &id), TombstoneReason::Hidden, now));
                run.state.counts.n_withdrawn += 1;
                run.state.counts.n_records = run.state.counts.n_records.saturating_sub(1);
                changes.events.push(EventChange::Removed { id });
            }
            continue;
        }
        let is_changed = before
            .is_none_or(|before| before.updated_ms != glance.updated_ms || before.is_cancelled != glance.is_cancelled);
        n_news += u64::from(is_changed);
        changes.events.push(EventChange::Glanced {
            id: id.clone(),
            updated_ms: glance.updated_ms,
            is_cancelled: glance.is_cancelled,
            sweep: marks.sweep.or(before.is_none().then_some(run.state.sweep.number)),
            look: marks.look.or(before.is_none().then_some(run.state.agenda.look.number)),
            due_ms: is_changed.then_some(0),
        });
        if before.is_some_and(|before| is_due_again(before, now)) {
            changes.events.push(EventChange::Confirm { id });
        }
    }
    let n_written = ctx.append(&run.host, gone).await?;
    Ok(Glanced { changes, n_news, n_written })
}

//! Where searches are closed or answered by a global index: the outbox of the relay, and the calendar of the instance.

use super::plan::Way;
use super::task::Task;
use crate::crawl::agenda::{Depth, Stored, store};
use crate::crawl::answer::{after_failure, block, fail, good, jitter, save};
use crate::crawl::passes::{Scope, begin, end_sweep};
use crate::crawl::sweep::{PageShape, Verdict};
use crate::crawl::visit::{Context, HostRun};
use crate::error::Error;
use crate::failure::LastError;
use crate::mobilizon::{calendar_ids, parse_outbox};
use crate::net::{Fetched, Outcome};
use crate::politeness::Pace;
use crate::state::{Changes, EventChange};

/// Applies a page of the relay's outbox. Its end is an empty page: it names one page more than it has, and its total counts
/// comments.
pub async fn outbox(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    page: u64,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let body = match &fetched.outcome {
        Outcome::Ok(_) if fetched.is_noindex => return block(ctx, run, &fetched, pace).map(|()| 0),
        Outcome::Ok(body) if fetched.is_json() => body,
        Outcome::ServerError(_) | Outcome::RateLimited(_) | Outcome::NotModified => {
            return fail(ctx, run, &task.clone().into(), &fetched, pace).map(|()| 0);
        }
        // No relay: the instance does not federate, or hides it.
        _ if page == 1 => {
            good(run, &fetched, pace);
            run.state.mobilizon.has_no_relay = true;
            return save(ctx, run, &Changes::default(), now).map(|()| 0);
        }
        _ => return fail(ctx, run, &task.clone().into(), &fetched, pace).map(|()| 0),
    };
    let read = match parse_outbox(body, &run.host, now) {
        Ok(read) => read,
        Err(rejection) => {
            run.state.slot.fail(now, None, jitter(), pace);
            let error = LastError::of_content(&fetched, &format!("reading {}: {rejection}", fetched.url));
            return after_failure(ctx, run, &task.clone().into(), error, now).map(|()| 0);
        }
    };
    good(run, &fetched, pace);
    let marks = begin(run, Scope::History, true, now);
    // What does not travel by ActivityPub, such as how many people come, is asked for where that can be.
    let depth = if Way::of(&run.state) == Way::Feeds { Depth::Whole } else { Depth::Shallow };
    let n_items = read.n_items;
    let Stored { changes, mut facts, n_written, .. } = store(ctx, run, read.events, marks, depth, now).await?;
    // A page of comments alone is neither the end nor barren.
    facts.n_rows = if n_items == 0 { 0 } else { Task::OUTBOX_ROWS };
    if facts.rows.is_empty() && n_items > 0 {
        (facts.n_new, facts.n_own) = (1, Task::OUTBOX_ROWS / 2);
    }
    let verdict = run.state.sweep.advance_by(facts, PageShape::by_number(Task::OUTBOX_ROWS), now);
    save(ctx, run, &changes, now)?;
    if verdict == Verdict::Complete {
        run.state.poll.wants_sweep = false;
        end_sweep(ctx, run, now).await?;
    }
    Ok(n_written)
}

/// Applies the calendar: it names at most 500 events, so nothing is concluded about others: each of them is
/// asked about by itself.
pub async fn calendar(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    fetched: &Fetched,
    pace: &Pace,
) -> Result<(), Error> {
    let now = fetched.at;
    let body = match &fetched.outcome {
        Outcome::Ok(_) if fetched.is_noindex => return block(ctx, run, fetched, pace),
        Outcome::Ok(body) if !fetched.is_html() => body,
        // Neither searches nor feeds: there is nothing to read, and the report says so.
        _ => return fail(ctx, run, &task.clone().into(), fetched, pace),
    };
    good(run, fetched, pace);
    let ids = calendar_ids(&String::from_utf8_lossy(body));
    let known = ctx.db.events(run.id, &ids)?;
    run.state.sweep.begin(now);
    let sweep = run.state.sweep.number;
    // Without searches nothing tells what was edited: everything is read again.
    let reads_again = Way::of(&run.state) == Way::Feeds;
    let mut events: Vec<EventChange> = ids
        .into_iter()
        .map(|id| {
            let before = known.get(&id);
            let is_read_again = before.is_some_and(|before| before.is_journalled && reads_again);
            EventChange::Glanced {
                updated_ms: before.map_or(0, |before| before.updated_ms),
                is_cancelled: before.is_some_and(|before| before.is_cancelled),
                sweep: Some(sweep),
                look: None,
                due_ms: (before.is_none() || is_read_again).then_some(0),
                id,
            }
        })
        .collect();
    events.push(EventChange::MissingFromCalendar { sweep, now });
    run.state.sweep.is_running = false;
    run.state.sweep.ended_at = Some(now);
    save(ctx, run, &Changes { events, ..Changes::default() }, now)
}

//! Single events: read because they are new or changed, or asked about because a list lacks them.

use journal::TombstoneReason;

use super::answer::{json, refuse};
use super::plan::Way;
use super::task::Task;
use crate::crawl::agenda::{store_one, store_seen, withdraw_one};
use crate::crawl::answer::{fail, good, save};
use crate::crawl::visit::{Context, HostRun};
use crate::error::Error;
use crate::mobilizon::{ApObject, Refusal, parse_event, parse_object};
use crate::net::{Fetched, Outcome};
use crate::politeness::Pace;
use crate::reading::origin::Rejection;
use crate::state::{Changes, EventChange};

/// Applies the answer about a whole event.
pub async fn event(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    id: &str,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let Some(body) = json(ctx, run, task, &fetched, pace)? else { return Ok(0) };
    let (changes, n_written) = match parse_event(body, &run.host, now) {
        Ok(Ok(listed)) if listed.event.origin_id != id => {
            store_one(ctx, run, id, Err(Rejection::Field("uuid")), now).await?
        }
        Ok(found) => store_one(ctx, run, id, found, now).await?,
        Err(Refusal::NotFound) => withdraw_one(ctx, run, id, TombstoneReason::Deleted, now).await?,
        Err(refusal) => return refuse(ctx, run, task, refusal, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}

/// Applies the answer of an event's own address.
pub async fn object(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    id: &str,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let is_only_way = Way::of(&run.state) == Way::Feeds;
    let (changes, n_written) = match &fetched.outcome {
        Outcome::Gone | Outcome::NotFound => withdraw_one(ctx, run, id, TombstoneReason::Deleted, now).await?,
        Outcome::Ok(_) if fetched.is_noindex => withdraw_one(ctx, run, id, TombstoneReason::OptOut, now).await?,
        Outcome::Ok(body) if fetched.is_json() => match parse_object(body, &run.host, now) {
            Ok(ApObject::Tombstone) => withdraw_one(ctx, run, id, TombstoneReason::Deleted, now).await?,
            Ok(ApObject::Event(listed)) if is_only_way && listed.event.origin_id == id => {
                store_seen(ctx, run, id, Ok(*listed), now).await?
            }
            Ok(ApObject::Event(_)) => (one(EventChange::StillThere { id: id.to_owned(), now, due_ms: 0 }), 0),
            Err(Rejection::NotPublic(_)) => withdraw_one(ctx, run, id, TombstoneReason::Hidden, now).await?,
            Err(_) => (otherwise(id, is_only_way), 0),
        },
        // A page for people, or none: whoever stands before the server does not know ActivityPub, or us.
        Outcome::Ok(_) | Outcome::Unexpected | Outcome::Unauthorized | Outcome::Forbidden => {
            (otherwise(id, is_only_way), 0)
        }
        Outcome::NotModified | Outcome::RateLimited(_) | Outcome::ServerError(_) => {
            return fail(ctx, run, &task.clone().into(), &fetched, pace).map(|()| 0);
        }
    };
    good(run, &fetched, pace);
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}

fn one(change: EventChange) -> Changes {
    Changes { events: vec![change], ..Changes::default() }
}

/// Asks by the other route, where there is one.
fn otherwise(id: &str, is_only_way: bool) -> Changes {
    let id = id.to_owned();
    one(if is_only_way { EventChange::Unconfirmed { id } } else { EventChange::ConfirmOtherwise { id } })
}

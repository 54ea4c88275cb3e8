//! Single events: read because they are new or changed, or asked about because a list lacks them.

use journal::TombstoneReason;

use super::answer::{json, refuse};
use super::plan::{Way, query};
use super::task::Task;
use crate::crawl::agenda::{store_one, store_seen, withdraw_one};
use crate::crawl::answer::{fail, good, save};
use crate::crawl::visit::{Context, HostRun};
use crate::error::Error;
use crate::mobilizon::{ApObject, Purpose, Refusal, Version, parse_event, parse_object};
use crate::net::{Fetched, Outcome};
use crate::politeness::Pace;
use crate::reading::events::ListedEvent;
use crate::reading::origin::Rejection;
use crate::state::{Changes, EventChange, HostState};

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
        Ok(found) => {
            let found = found.map(|listed| without_hidden_number(&run.state, task, listed));
            store_one(ctx, run, id, found, now).await?
        }
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
    let is_only_way = Way::of(&run.state) == Way::Feeds || query(&run.state, Purpose::Event).is_none();
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

/// The same event without how many people come, where that may be hidden and the query could not ask: an older one in place
/// of one that was refused.
pub fn without_hidden_number(state: &HostState, task: &Task, mut listed: ListedEvent) -> ListedEvent {
    let hides = |version: Version| version >= Version(5, 0, 0);
    let may_hide = state.identity.version.as_deref().and_then(Version::parse).is_none_or(hides);
    // The first query that asks whether the number is hidden.
    if may_hide && task.query().is_none_or(|query| query.from < Version(5, 0, 1)) {
        listed.event.n_participants = None;
    }
    listed
}

fn one(change: EventChange) -> Changes {
    Changes { events: vec![change], ..Changes::default() }
}

/// Asks by the other route, where there is one.
fn otherwise(id: &str, is_only_way: bool) -> Changes {
    let id = id.to_owned();
    one(if is_only_way { EventChange::Unconfirmed { id } } else { EventChange::ConfirmOtherwise { id } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mobilizon::Query;
    use crate::state::Identity;

    #[test]
    fn a_number_that_may_be_hidden_is_left_out() {
        let json =
            br#"{"data":{"event":{"uuid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","local":true,"visibility":"PUBLIC",
            "title":"Repair","beginsOn":"2026-12-05T13:00:00Z","participantStats":{"participant":12}}}}"#;
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let shown = |version: Option<&str>, n_refused| {
            let identity = Identity { version: version.map(str::to_owned), ..Identity::default() };
            let state = HostState { identity, ..HostState::default() };
            let known = version.and_then(Version::parse).unwrap_or(Version::FIRST);
            let query = Query::choose(Purpose::Event, known, n_refused).unwrap();
            let listed = parse_event(json, &"rdv.example".parse().unwrap(), now).unwrap().unwrap();
            without_hidden_number(&state, &Task::Event { query, id: String::new() }, listed).event.n_participants
        };
        assert_eq!(shown(Some("5.1.3"), 0), Some(12));
        assert_eq!(shown(Some("4.1.0"), 0), Some(12), "nobody could hide it");
        assert_eq!((shown(Some("5.1.3"), 1), shown(Some("5.0.0"), 0), shown(None, 0)), (None, None, None));
    }
}

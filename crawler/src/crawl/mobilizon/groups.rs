//! Groups: listed by GraphQL, and each asked for its ActivityPub actor, which says whether it may be found.
//!
//! What a group says about being found by a flag, or by not being public, is about the group itself: its events have a
//! visibility of their own. Words such as `#noindex` in its description are about everything that it publishes.

use jiff::{SignedDuration, Timestamp};
use journal::record::{Group, Record, RecordId};
use journal::{Body, Entry, TombstoneReason};
use tracing::{info, warn};

use super::answer::{json, refuse};
use super::plan::Way;
use super::task::Task;
use crate::crawl::agenda::withdraw_of;
use crate::crawl::answer::{count, fail, good, save};
use crate::crawl::sweep::{Missing, PageFacts, PageShape, Verdict};
use crate::crawl::visit::{Context, HostRun};
use crate::error::Error;
use crate::mobilizon::{ListedGroup, Refusal, parse_actor, parse_group, parse_groups};
use crate::net::{Fetched, Outcome};
use crate::politeness::Pace;
use crate::reading::consent::Consent;
use crate::reading::events::Withheld;
use crate::reading::origin::Rejection;
use crate::state::{Changes, EventChange, GroupChange};

/// From one look at the actor of a group to the next.
const CHECK_EVERY: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Applies a page of groups.
pub async fn page(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    rows: u64,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let Some(body) = json(ctx, run, task, &fetched, pace)? else { return Ok(0) };
    let page = match parse_groups(body, &run.host, now) {
        Ok(page) => page,
        Err(refusal) => return refuse(ctx, run, task, refusal, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    if page.n_global > 0 && page.groups.is_empty() {
        run.state.mobilizon.is_search_global = true;
        run.state.mobilizon.groups.is_running = false;
        return save(ctx, run, &Changes::default(), now).map(|()| 0);
    }
    if !run.state.mobilizon.groups.is_running {
        run.state.mobilizon.groups.begin(now);
    }
    let sweep = run.state.mobilizon.groups.number;
    if let Some(last) = page.errors.last() {
        run.state.counts.n_item_errors += count(page.errors.len());
        run.state.counts.last_item_error = Some(last.to_string());
    }
    let rows_seen: Vec<u64> = page.names.iter().map(|name| short(name)).collect();
    let previous = &run.state.mobilizon.groups.previous;
    let n_new = count(rows_seen.iter().filter(|row| !previous.contains(row)).count());
    let facts = PageFacts { n_rows: count(page.n_rows), n_new, n_own: n_new, total: page.total, rows: rows_seen };
    let mut changes = Changes::default();
    let mut n_written = 0;
    for listed in page.groups.into_iter().filter(|listed| !ctx.door.keeps_out(&listed.group.targets())) {
        let name = listed.group.actor.name.to_lowercase();
        changes.groups.push(GroupChange::Named { name, now, sweep: Some(sweep) });
        n_written += take(ctx, run, listed, &mut changes, now).await?;
    }
    for name in page.not_public {
        n_written += drop(ctx, run, &name, TombstoneReason::Hidden, &mut changes, now).await?;
    }
    let verdict = run.state.mobilizon.groups.advance_by(facts, PageShape::by_number(rows), now);
    save(ctx, run, &changes, now)?;
    if verdict == Verdict::Complete {
        let (n_known, n_missing, n_withheld) = ctx.db.tally_groups(run.id, sweep)?;
        run.state.counts.n_withheld = n_withheld;
        let mut changes = Changes::default();
        match run.state.mobilizon.groups.judge_missing(n_known, n_missing) {
            Missing::None => {}
            Missing::Confirm => changes.groups.push(GroupChange::MissingFrom(sweep)),
            Missing::Hold => {
                warn!(instance.host = %run.host, "{n_missing} of {n_known} groups of {} are gone: held", run.host);
            }
        }
        save(ctx, run, &changes, now)?;
    }
    Ok(n_written)
}

/// Applies the answer about a whole group.
pub async fn group(
    ctx: &Context,
    run: &mut HostRun,
    task: &Task,
    name: &str,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let Some(body) = json(ctx, run, task, &fetched, pace)? else { return Ok(0) };
    let mut changes = Changes::default();
    let n_written = match parse_group(body, &run.host, now) {
        Ok(Ok(listed)) if listed.group.actor.name.to_lowercase() == name => {
            let withheld = ctx.db.group(run.id, name)?.and_then(|known| known.withheld);
            if !may_check(run, name) {
                let name = name.to_owned();
                let due_ms = due_ms(now);
                let withheld = withheld.clone();
                changes.groups.push(GroupChange::Checked { name, now, due_ms, withheld, wants_record: false });
            }
            let n = take(ctx, run, listed, &mut changes, now).await?;
            if changes.groups.is_empty() {
                changes.groups.push(GroupChange::Read { name: name.to_owned(), is_journalled: false, withheld });
            }
            n
        }
        Ok(Err(Rejection::NotPublic(_) | Rejection::Remote)) => {
            drop(ctx, run, name, TombstoneReason::Hidden, &mut changes, now).await?
        }
        Err(Refusal::NotFound) => drop(ctx, run, name, TombstoneReason::Deleted, &mut changes, now).await?,
        Ok(_) => {
            changes.groups.push(GroupChange::Failed { name: name.to_owned(), due_ms: due_ms(now) });
            0
        }
        Err(refusal) => return refuse(ctx, run, task, refusal, &fetched, pace).map(|()| 0),
    };
    good(run, &fetched, pace);
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}

/// Applies the ActivityPub actor of a group. An instance that does not give it says nothing against it, and takes back
/// nothing that was said before.
pub async fn actor(
    ctx: &Context,
    run: &mut HostRun,
    name: &str,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let way = Way::of(&run.state);
    let is_only_way = way == Way::Feeds;
    let known = ctx.db.group(run.id, name)?.unwrap_or_default();
    let read = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_actor(body, &run.host, now).ok(),
        Outcome::NotModified | Outcome::RateLimited(_) | Outcome::ServerError(_) => {
            let task = Task::GroupActor { name: name.to_owned() };
            return fail(ctx, run, &task.into(), &fetched, pace).map(|()| 0);
        }
        _ => None,
    };
    good(run, &fetched, pace);
    let mut changes = Changes::default();
    let mut n_written = 0;
    let is_gone = matches!(fetched.outcome, Outcome::Gone | Outcome::NotFound);
    if is_only_way && is_gone {
        n_written += drop(ctx, run, name, TombstoneReason::Deleted, &mut changes, now).await?;
        save(ctx, run, &changes, now)?;
        return Ok(n_written);
    }
    let consent = match &read {
        _ if fetched.is_noindex => Consent::Withheld("`noindex` in X-Robots-Tag of the group".to_owned()),
        Some(listed) => listed.consent.clone(),
        None => known.withheld.clone().map_or(Consent::Silent, Consent::Withheld),
    };
    let withheld = match consent {
        Consent::Withheld(how) => Some(how),
        Consent::Silent => None,
    };
    // Where no list of groups tells what changed or is gone, each is asked about.
    let is_asked_about = !known.is_journalled || known.withheld.is_some() || is_gone || way == Way::Listed;
    let wants_record = withheld.is_none() && is_asked_about;
    changes.groups.push(GroupChange::Checked {
        name: name.to_owned(),
        now,
        due_ms: due_ms(now),
        withheld: withheld.clone(),
        wants_record: wants_record && !is_only_way,
    });
    if let Some(how) = withheld {
        n_written += withhold(ctx, run, name, &how, &mut changes, now).await?;
    } else if known.withheld.as_deref().is_some_and(is_by_words) {
        changes.events.push(EventChange::Released { name: name.to_owned(), is_group: true });
        run.state.poll.wants_sweep = true;
    }
    if is_only_way && let Some(listed) = read.filter(|listed| listed.consent == Consent::Silent) {
        let first_seen_at = Timestamp::from_millisecond(known.first_seen_ms).unwrap_or(now);
        n_written += write(ctx, run, Group { first_seen_at, ..listed.group }, now).await?;
        changes.groups.push(GroupChange::Read { name: name.to_owned(), is_journalled: true, withheld: None });
    }
    save(ctx, run, &changes, now)?;
    Ok(n_written)
}

/// Takes in a group as GraphQL tells it: journalled when its actor was asked and nothing is against it.
async fn take(
    ctx: &Context,
    run: &mut HostRun,
    listed: ListedGroup,
    changes: &mut Changes,
    now: Timestamp,
) -> Result<usize, Error> {
    let ListedGroup { group, consent } = listed;
    let name = group.actor.name.to_lowercase();
    if let Consent::Withheld(how) = consent {
        return withhold(ctx, run, &name, &how, changes, now).await;
    }
    let is_passed = !may_check(run, &name);
    let Some(known) = ctx.db.group(run.id, &name)?.filter(|known| known.checked_ms > 0 || is_passed) else {
        return Ok(0);
    };
    if known.withheld.is_some() {
        return Ok(0);
    }
    let first_seen_at = Timestamp::from_millisecond(known.first_seen_ms).unwrap_or(now);
    let n_written = write(ctx, run, Group { first_seen_at, ..group }, now).await?;
    changes.groups.push(GroupChange::Read { name, is_journalled: true, withheld: None });
    Ok(n_written)
}

async fn write(ctx: &Context, run: &HostRun, group: Group, now: Timestamp) -> Result<usize, Error> {
    let known = ctx.entries(vec![group.record_id()]).await?.into_iter().flatten().next();
    let group = match known.map(|entry| entry.body) {
        Some(Body::Tombstone { reason: TombstoneReason::Moderated, .. }) => return Ok(0),
        Some(Body::Record(Record::Group(known))) => {
            // A state that was lost must not make it younger.
            let group = Group { first_seen_at: known.first_seen_at.min(group.first_seen_at), ..group };
            if *known == group {
                return Ok(0);
            }
            group
        }
        _ => group,
    };
    ctx.append(&run.host, vec![Entry { seen_at: now, body: Body::Record(Record::Group(Box::new(group))) }]).await
}

/// Withdraws a group that asks not to be indexed, and with it, when it asks by words, what it publishes.
async fn withhold(
    ctx: &Context,
    run: &mut HostRun,
    name: &str,
    how: &str,
    changes: &mut Changes,
    now: Timestamp,
) -> Result<usize, Error> {
    let mut n_written = 0;
    if ctx.db.group(run.id, name)?.is_some_and(|known| known.is_journalled) {
        info!(instance.host = %run.host, "the group {name} of {} is withdrawn: {how}", run.host);
        let id = RecordId::group(run.host.clone(), name);
        n_written += ctx.withdraw(&run.host, vec![id], TombstoneReason::OptOut, now).await?;
    }
    let withheld = Some(how.to_owned());
    changes.groups.push(GroupChange::Read { name: name.to_owned(), is_journalled: false, withheld });
    if is_by_words(how) {
        let wish = Withheld { name: name.to_owned(), is_group: true, how: how.to_owned() };
        n_written += withdraw_of(ctx, run, &[wish], changes, now).await?;
    }
    Ok(n_written)
}

/// Withdraws a group that is gone or hidden.
async fn drop(
    ctx: &Context,
    run: &mut HostRun,
    name: &str,
    reason: TombstoneReason,
    changes: &mut Changes,
    now: Timestamp,
) -> Result<usize, Error> {
    let mut n_written = 0;
    if ctx.db.group(run.id, name)?.is_some_and(|known| known.is_journalled) {
        let id = RecordId::group(run.host.clone(), name);
        n_written = ctx.withdraw(&run.host, vec![id], reason, now).await?;
        run.state.counts.n_withdrawn += 1;
    }
    changes.groups.push(GroupChange::Removed { name: name.to_owned() });
    Ok(n_written)
}

/// Whether robots.txt lets its actor be asked for.
fn may_check(run: &HostRun, name: &str) -> bool {
    let path = Task::GroupActor { name: name.to_owned() }.path();
    run.rules.as_ref().is_none_or(|rules| rules.is_allowed(&path))
}

fn is_by_words(how: &str) -> bool {
    how.starts_with("`#")
}

fn due_ms(now: Timestamp) -> i64 {
    now.checked_add(CHECK_EVERY).unwrap_or(now).as_millisecond()
}

fn short(name: &str) -> u64 {
    crate::crawl::agenda::short(name)
}

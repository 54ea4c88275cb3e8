//! The lives that stream, looked at with each poll: one that ended leaves every list, and nothing else tells.

use std::collections::HashSet;

use uuid::Uuid;

use super::answer::{count, fail, good, save};
use super::sweep::PAGE_ROWS;
use super::task::Task;
use super::visit::{Context, HostRun};
use crate::error::Error;
use crate::net::{Fetched, Outcome};
use crate::peertube::parse_listing;
use crate::politeness::Pace;
use crate::state::Changes;

/// Applies the list of lives: a known one that is not on it is asked about by itself.
pub fn apply(ctx: &Context, run: &mut HostRun, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    let now = fetched.at;
    let page = match &fetched.outcome {
        Outcome::Ok(body) if fetched.is_json() => parse_listing(body, &run.host, now).ok(),
        Outcome::NotFound | Outcome::Unexpected if !fetched.is_html() => None,
        _ => return fail(ctx, run, &Task::Lives, fetched, pace),
    };
    good(run, fetched, pace);
    run.state.poll.lives_at = Some(now);
    let mut changes = Changes::default();
    // A full page does not show them all, and a broken one shows nothing for certain.
    if let Some(page) = page.filter(|page| count(page.n_rows) < PAGE_ROWS) {
        let streaming: HashSet<Uuid> = page.uuids.into_iter().collect();
        changes.confirm = ctx.db.lives(run.id)?.into_iter().filter(|uuid| !streaming.contains(uuid)).collect();
    }
    save(ctx, run, &changes, now)
}

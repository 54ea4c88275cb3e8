//! Channels and consent: nothing of a channel is journalled before the channel was asked for, and nothing of one that
//! asks not to be indexed.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use journal::record::{Actor, Record, RecordId};
use journal::{Body, Entry, TombstoneReason};
use tracing::{info, warn};

use super::answer::{count, fail, good, save};
use super::task::Task;
use super::visit::{Context, HostRun};
use crate::error::Error;
use crate::net::{Fetched, Outcome};
use crate::peertube::{ChannelAnswer, Consent, parse_actor, parse_channel};
use crate::politeness::{Pace, after};
use crate::state::{Changes, ChannelChange, PlaylistChange, StoredChannel};

/// Attempts at a channel before it counts as checked, for a day.
const MAX_ATTEMPTS: u32 = 3;

/// Until a channel is tried again that is gone or could not be read.
const RETRY: Duration = Duration::from_secs(24 * 60 * 60);

/// Channels in a row that could not be checked before the route itself counts as broken, for a day.
const MAX_FAILED_CHANNELS: u32 = 2;

/// How often one page waits for channels that it named anew before it goes on without them.
const MAX_ROUNDS: u32 = 3;

/// An early check for a change of look leaves at least this to the one before.
const MIN_BETWEEN_EARLY: SignedDuration = SignedDuration::from_hours(6);

/// What names a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Videos of a list, which show the channel as it is now.
    List,
    /// A video on its own.
    Detail,
    /// A playlist: no reason for a record of the channel.
    Playlist,
}

/// What a page may show.
pub enum Gate {
    /// The page waits: it names channels that were never checked.
    Hold(Box<Changes>),
    /// Every channel of the page is known.
    Pass(Verdicts),
}

/// What is known of the channels of a page.
#[derive(Debug, Default)]
pub struct Verdicts {
    stored: HashMap<String, StoredChannel>,
    /// Named over and over without end: left out.
    unchecked: HashSet<String>,
    /// What the page changes about its channels.
    pub changes: Vec<ChannelChange>,
}

impl Verdicts {
    /// Whether what is in this channel stays out because the channel, or its account, asks for that.
    pub fn is_withheld(&self, channel: &str) -> bool {
        self.stored.get(channel).is_some_and(|stored| stored.withheld_by().is_some())
    }

    /// Whether what is in this channel stays out because the channel could not be checked in good time.
    pub fn is_unchecked(&self, channel: &str) -> bool {
        self.unchecked.contains(channel)
    }
}

/// The key of a channel: instances compare names without regard to case.
pub fn key_of(channel: &Actor) -> String {
    channel.name.to_lowercase()
}

/// Looks whether every channel of a page was checked, and what changed about them.
///
/// - `named`: the channels of the page with their accounts.
pub fn gate<'a>(
    ctx: &Context,
    run: &mut HostRun,
    named: impl Iterator<Item = (&'a Actor, &'a Actor)>,
    sight: Sight,
    now: Timestamp,
) -> Result<Gate, Error> {
    let mut page: HashMap<String, (&Actor, &Actor)> = HashMap::new();
    for (channel, account) in named {
        page.entry(key_of(channel)).or_insert((channel, account));
    }
    let stored = ctx.db.channels(run.id, page.keys().map(String::as_str))?;
    let is_paused = run.state.channels.paused_until.is_some_and(|until| until > now);
    let mut verdicts = Verdicts { stored, ..Verdicts::default() };
    let mut wanted = Vec::new();
    for (name, (channel, account)) in page {
        let look = (sight == Sight::List).then(|| look_of(channel));
        let has_video = sight != Sight::Playlist;
        match verdicts.stored.get(&name).filter(|stored| stored.checked_ms > 0) {
            Some(stored) => verdicts.changes.extend(change_of(stored, look, has_video, now)),
            None => {
                let is_allowed = run
                    .rules
                    .as_ref()
                    .is_none_or(|rules| rules.is_allowed(&Task::Channel { name: name.clone() }.path()));
                // A host that keeps its channels from robots, or whose route is broken, says nothing against it.
                if is_allowed && !is_paused {
                    verdicts.unchecked.insert(name.clone());
                    wanted.push(ChannelChange::Wanted {
                        name,
                        owner: account.name.clone(),
                        look: look.unwrap_or(0),
                        has_video,
                    });
                }
            }
        }
    }
    if !wanted.is_empty() && run.state.channels.n_rounds < MAX_ROUNDS {
        run.state.channels.n_rounds += 1;
        return Ok(Gate::Hold(Box::new(Changes { channels: wanted, ..Changes::default() })));
    }
    run.state.channels.n_rounds = 0;
    Ok(Gate::Pass(verdicts))
}

/// What a sight of a checked channel changes.
fn change_of(stored: &StoredChannel, look: Option<i64>, has_video: bool, now: Timestamp) -> Option<ChannelChange> {
    let name = stored.name.clone();
    if has_video && !stored.has_video {
        return Some(ChannelChange::Due { name, now });
    }
    let look = look.filter(|look| stored.look != *look)?;
    // Items that show one channel in two ways must not have it asked for again and again.
    let since_early = now.as_millisecond().saturating_sub(stored.early_ms);
    let is_rested = i128::from(since_early) >= MIN_BETWEEN_EARLY.as_millis();
    is_rested.then_some(ChannelChange::Changed { name, look, now })
}

/// What listings show of a channel, hashed (FNV-1a): display name and pictures.
fn look_of(channel: &Actor) -> i64 {
    let pictures = channel.avatars.iter().map(|avatar| avatar.url.as_str());
    i64::from_ne_bytes(fnv(std::iter::once(channel.display_name.as_str()).chain(pictures)).to_ne_bytes())
}

fn fnv<'a>(texts: impl Iterator<Item = &'a str>) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    texts.fold(0xcbf2_9ce4_8422_2325, |hash, text| step(text.bytes().fold(hash, step), 0xff))
}

/// When a channel is looked at again: up to 15 % sooner than the interval, by its name, so that they are spread out.
fn next_check(ctx: &Context, name: &str, now: Timestamp) -> Timestamp {
    let thousandths = 850 + u32::try_from(fnv(std::iter::once(name)) % 150).unwrap_or(0);
    after(now, ctx.schedule.channel / 1000 * thousandths)
}

/// Applies the answer of the route of a channel: it decides about everything in the channel.
pub async fn apply_channel(
    ctx: &Context,
    run: &mut HostRun,
    name: &str,
    fetched: Fetched,
    pace: &Pace,
) -> Result<usize, Error> {
    let now = fetched.at;
    let task = Task::Channel { name: name.to_owned() };
    let Some(stored) = ctx.db.channels(run.id, std::iter::once(name))?.remove(name) else {
        // Its last video went while it was asked for.
        good(run, &fetched, pace);
        return save(ctx, run, &Changes::default(), now).map(|()| 0);
    };
    match &fetched.outcome {
        Outcome::NotFound | Outcome::Gone if !fetched.is_html() => {
            good(run, &fetched, pace);
            run.state.channels.n_failed = 0;
            gone(ctx, run, &stored, now).await
        }
        Outcome::Ok(body) if fetched.is_json() => {
            good(run, &fetched, pace);
            run.state.channels.n_failed = 0;
            let noindex = fetched.is_noindex.then(|| "`X-Robots-Tag: noindex` on the channel".to_owned());
            match parse_channel(body, &run.host, now) {
                Ok(answer) if key_of(&answer.channel.actor) == name => {
                    decide(ctx, run, stored, answer, noindex, now).await
                }
                read => {
                    let reason =
                        read.err().map_or_else(|| "it names another channel".to_owned(), |error| error.to_string());
                    run.state.counts.n_item_errors += 1;
                    run.state.counts.last_item_error = Some(format!("the channel {name} cannot be read: {reason}"));
                    // What the document says of consent holds, whatever is wrong with the rest.
                    let consent = parse_actor(body, &run.host).unwrap_or_default();
                    let withheld = withheld_of(consent).or(noindex);
                    unreadable(ctx, run, &stored, withheld, now).await
                }
            }
        }
        Outcome::Unauthorized | Outcome::Forbidden | Outcome::Unexpected if !fetched.is_html() => {
            good(run, &fetched, pace);
            let due = Some((now, after(now, RETRY)));
            let channels = vec![ChannelChange::Failed { name: name.to_owned(), due }];
            save(ctx, run, &Changes { channels, ..Changes::default() }, now).map(|()| 0)
        }
        _ => fail(ctx, run, &task, &fetched, pace).map(|()| 0),
    }
}

/// A channel that the instance has no more: its videos are asked about one by one, since the listing may still show
/// them.
async fn gone(ctx: &Context, run: &mut HostRun, stored: &StoredChannel, now: Timestamp) -> Result<usize, Error> {
    let name = stored.name.as_str();
    let id = RecordId::channel(run.host.clone(), name);
    let n_written = ctx.withdraw(&run.host, vec![id], TombstoneReason::Deleted, now).await?;
    let is_empty = ctx.db.videos_of(run.id, name)?.is_empty() && ctx.db.playlists_of(run.id, name)?.is_empty();
    // A page that waits for it must find it checked.
    if is_empty && stored.checked_ms > 0 {
        let channels = vec![ChannelChange::Removed { name: name.to_owned() }];
        save(ctx, run, &Changes { channels, ..Changes::default() }, now)?;
        recount(ctx, run, now)?;
        return Ok(n_written);
    }
    let checked = ChannelChange::Checked {
        name: name.to_owned(),
        owner: None,
        now,
        due: if stored.is_gone { next_check(ctx, name, now) } else { after(now, RETRY) },
        withheld: None,
        is_gone: true,
        is_journalled: false,
    };
    // Once: where the route is missing altogether, the videos are there all the same.
    let confirm_channel = (!stored.is_gone).then(|| name.to_owned());
    save(ctx, run, &Changes { channels: vec![checked], confirm_channel, ..Changes::default() }, now)?;
    recount(ctx, run, now)?;
    Ok(n_written)
}

async fn decide(
    ctx: &Context,
    run: &mut HostRun,
    mut stored: StoredChannel,
    answer: ChannelAnswer,
    noindex: Option<String>,
    now: Timestamp,
) -> Result<usize, Error> {
    let was_withheld = stored.withheld_by().is_some();
    let owner = answer.channel.owner.actor.name.clone();
    if owner != stored.owner {
        // Another account owns it now, whose wish counts, as far as it was asked for.
        stored.owner_withheld = None;
    }
    stored.withheld = withheld_of(answer.consent).or(noindex);
    if let Some(how) = stored.withheld_by().map(str::to_owned) {
        return withhold(ctx, run, &stored, Some(owner), &how, now).await;
    }
    let has_video = stored.has_video || !ctx.db.videos_of(run.id, &stored.name)?.is_empty();
    let id = answer.channel.record_id();
    let is_moderated = is_moderated(ctx, id).await?;
    let is_journalled = has_video && !is_moderated;
    let mut n_written = 0;
    if is_journalled {
        let body = Body::Record(Record::Channel(Box::new(answer.channel)));
        n_written = ctx.append(&run.host, vec![Entry { seen_at: now, body }]).await?;
    }
    if was_withheld {
        info!(instance.host = %run.host, channel = stored.name, "a channel of {} may be indexed again", run.host);
        run.state.poll.wants_sweep = true;
    }
    let checked = ChannelChange::Checked {
        due: next_check(ctx, &stored.name, now),
        name: stored.name,
        owner: Some(owner),
        now,
        withheld: None,
        is_gone: false,
        is_journalled,
    };
    save(ctx, run, &Changes { channels: vec![checked], ..Changes::default() }, now)?;
    recount(ctx, run, now)?;
    Ok(n_written)
}

/// A channel whose answer is no channel: nothing is known against it, unless the answer says so.
async fn unreadable(
    ctx: &Context,
    run: &mut HostRun,
    stored: &StoredChannel,
    withheld: Option<String>,
    now: Timestamp,
) -> Result<usize, Error> {
    if let Some(how) = &withheld {
        let stored = StoredChannel { withheld: withheld.clone(), ..stored.clone() };
        return withhold(ctx, run, &stored, None, how, now).await;
    }
    let failed = ChannelChange::Failed { name: stored.name.clone(), due: Some((now, after(now, RETRY))) };
    save(ctx, run, &Changes { channels: vec![failed], ..Changes::default() }, now).map(|()| 0)
}

/// Withdraws everything of a channel that asks for it.
async fn withhold(
    ctx: &Context,
    run: &mut HostRun,
    stored: &StoredChannel,
    owner: Option<String>,
    how: &str,
    now: Timestamp,
) -> Result<usize, Error> {
    let host = &run.host;
    let videos = ctx.db.videos_of(run.id, &stored.name)?;
    let playlists = ctx.db.playlists_of(run.id, &stored.name)?;
    let mut ids = vec![RecordId::channel(host.clone(), &stored.name)];
    ids.extend(videos.iter().map(|uuid| RecordId::video(host.clone(), *uuid)));
    ids.extend(playlists.iter().map(|uuid| RecordId::playlist(host.clone(), *uuid)));
    let n_written = ctx.withdraw(host, ids, TombstoneReason::OptOut, now).await?;
    info!(
        instance.host = %host,
        channel = stored.name,
        videos = videos.len(),
        playlists = playlists.len(),
        "a channel of {host} asks not to be indexed: {how}"
    );
    let checked = ChannelChange::Checked {
        name: stored.name.clone(),
        owner,
        now,
        due: next_check(ctx, &stored.name, now),
        withheld: stored.withheld.clone(),
        is_gone: false,
        is_journalled: false,
    };
    run.state.counts.n_records = run.state.counts.n_records.saturating_sub(count(videos.len()));
    let changes = Changes {
        removed: videos,
        playlists: playlists.into_iter().map(|uuid| PlaylistChange::Removed { uuid }).collect(),
        channels: vec![checked],
        ..Changes::default()
    };
    save(ctx, run, &changes, now)?;
    recount(ctx, run, now)?;
    Ok(n_written)
}

/// Applies the ActivityPub actor of a channel or an account. The answer of the channel's own route follows and decides.
pub fn apply_actor(ctx: &Context, run: &mut HostRun, task: &Task, fetched: &Fetched, pace: &Pace) -> Result<(), Error> {
    let said = match &fetched.outcome {
        Outcome::ServerError(_) => return fail(ctx, run, task, fetched, pace),
        Outcome::Ok(body) if fetched.is_json() => parse_actor(body, &run.host).ok().map(|consent| {
            withheld_of(consent)
                .or_else(|| fetched.is_noindex.then(|| "`X-Robots-Tag: noindex` on the actor".to_owned()))
        }),
        _ => None,
    };
    good(run, fetched, pace);
    let changes =
        Changes { channels: actor_change(task, said, fetched.at).into_iter().collect(), ..Changes::default() };
    save(ctx, run, &changes, fetched.at)
}

/// - `said`: how consent is withheld, if it is; `None` when nothing could be read and what was known stays.
pub fn actor_change(task: &Task, said: Option<Option<String>>, now: Timestamp) -> Option<ChannelChange> {
    match task {
        Task::ChannelActor { name } => Some(ChannelChange::Actor { name: name.clone(), now, said }),
        Task::AccountActor { name } => Some(ChannelChange::Account { name: name.clone(), now, said }),
        _ => None,
    }
}

/// What a failed attempt at a channel changes.
pub fn failed(ctx: &Context, run: &mut HostRun, name: &str, now: Timestamp) -> Result<Option<ChannelChange>, Error> {
    let Some(stored) = ctx.db.channels(run.id, std::iter::once(name))?.remove(name) else { return Ok(None) };
    let is_first_check = stored.checked_ms == 0;
    let is_last = !is_first_check || stored.n_failures + 1 >= MAX_ATTEMPTS;
    if is_last && is_first_check {
        let checks = &mut run.state.channels;
        checks.n_failed += 1;
        if checks.n_failed >= MAX_FAILED_CHANNELS {
            checks.paused_until = Some(after(now, RETRY));
            warn!(instance.host = %run.host, "the channels of {} cannot be read: they are tried again in a day", run.host);
        }
    }
    let due = is_last.then(|| (now, after(now, RETRY)));
    Ok(Some(ChannelChange::Failed { name: name.to_owned(), due }))
}

/// Withdraws the channels among `names` that have no video left: an empty channel is a person's name and little else.
pub async fn withdraw_empty(
    ctx: &Context,
    run: &mut HostRun,
    names: impl IntoIterator<Item = String>,
    reason: TombstoneReason,
    now: Timestamp,
) -> Result<usize, Error> {
    let mut empty = Vec::new();
    for name in names.into_iter().collect::<HashSet<_>>() {
        if !name.is_empty() && ctx.db.is_empty_channel(run.id, &name)? {
            empty.push(name);
        }
    }
    if empty.is_empty() {
        return Ok(0);
    }
    let ids = empty.iter().map(|name| RecordId::channel(run.host.clone(), name)).collect();
    let n_written = ctx.withdraw(&run.host, ids, reason, now).await?;
    let channels = empty.into_iter().map(|name| ChannelChange::Withdrawn { name }).collect();
    save(ctx, run, &Changes { channels, ..Changes::default() }, now)?;
    Ok(n_written)
}

/// Whether a moderator of this index removed a record: no crawl brings it back.
pub async fn is_moderated(ctx: &Context, id: RecordId) -> Result<bool, Error> {
    let entry = ctx.entries(vec![id]).await?.into_iter().next().flatten();
    let body = entry.map(|entry| entry.body);
    Ok(matches!(body, Some(Body::Tombstone { reason: TombstoneReason::Moderated, .. })))
}

fn recount(ctx: &Context, run: &mut HostRun, now: Timestamp) -> Result<(), Error> {
    let n_withheld = ctx.db.n_withheld(run.id)?;
    if n_withheld != run.state.counts.n_withheld {
        run.state.counts.n_withheld = n_withheld;
        save(ctx, run, &Changes::default(), now)?;
    }
    Ok(())
}

fn withheld_of(consent: Consent) -> Option<String> {
    match consent {
        Consent::Silent => None,
        Consent::Withheld(how) => Some(how),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn actor(display_name: &str) -> Actor {
        Actor {
            origin_id: 1,
            name: "Films".to_owned(),
            display_name: display_name.to_owned(),
            url: "https://tube.example/video-channels/films".to_owned(),
            host: "tube.example".parse().unwrap(),
            avatars: Vec::new(),
        }
    }

    #[test]
    fn another_look_asks_for_an_early_check_but_not_over_and_over() {
        let look = look_of(&actor("Films"));
        let stored =
            StoredChannel { name: "films".to_owned(), has_video: true, look, checked_ms: 1, ..Default::default() };
        assert!(change_of(&stored, Some(look), true, now()).is_none());
        let other = look_of(&actor("Movies"));
        assert!(matches!(change_of(&stored, Some(other), true, now()), Some(ChannelChange::Changed { .. })));
        let lately = StoredChannel { early_ms: now().as_millisecond() - 60_000, ..stored.clone() };
        assert!(change_of(&lately, Some(other), true, now()).is_none());
        let without = StoredChannel { has_video: false, ..stored };
        assert!(matches!(change_of(&without, Some(look), true, now()), Some(ChannelChange::Due { .. })));
        assert!(change_of(&without, None, false, now()).is_none(), "a playlist is no reason to look again");
        assert_eq!(key_of(&actor("Films")), "films");
    }
}

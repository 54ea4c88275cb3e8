//! What happened on the instances and when the journal had it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::Outage;

/// Kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// A video is published.
    New,
    /// A private video, created long ago, becomes public.
    LatePublication,
    /// A video is deleted.
    Deleted,
    /// A video is made private.
    Hidden,
    /// The title of a video younger than a year changes.
    TitleOfRecent,
    /// The title of an older one.
    TitleOfOld,
    /// A stream starts; it ends by itself after an hour or two.
    Live,
    /// A stream ends.
    LiveEnded,
    /// A channel has another name.
    ChannelRenamed,
    /// Views are counted: the listing changes and nothing that is searched.
    Views,
    /// An event is published.
    EventNew,
    /// A draft, begun long ago, is published.
    DraftPublished,
    /// The title of an event that is not over changes.
    EventEdited,
    /// An event that is not over begins at another time.
    EventMoved,
    /// An event that is not over is cancelled.
    EventCancelled,
    /// An event that is not over is deleted.
    EventDeleted,
    /// An event that is not over is no longer listed.
    EventHidden,
    /// An event that is over is deleted.
    PastEventDeleted,
    /// People come: the number of participants changes.
    Participants,
}

impl What {
    /// The rows of the result of a week of events.
    pub const OF_EVENTS: [Self; 8] = [
        Self::EventNew,
        Self::DraftPublished,
        Self::EventEdited,
        Self::EventMoved,
        Self::EventCancelled,
        Self::EventDeleted,
        Self::EventHidden,
        Self::PastEventDeleted,
    ];

    /// The rows of the result of a week of videos.
    pub const OF_VIDEOS: [Self; 9] = [
        Self::New,
        Self::LatePublication,
        Self::Deleted,
        Self::Hidden,
        Self::TitleOfRecent,
        Self::TitleOfOld,
        Self::Live,
        Self::LiveEnded,
        Self::ChannelRenamed,
    ];

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "new video",
            Self::LatePublication => "private video made public",
            Self::Deleted => "video deleted",
            Self::Hidden => "video made private",
            Self::TitleOfRecent => "title changed, video of the last year",
            Self::TitleOfOld => "title changed, older video",
            Self::Live => "stream started",
            Self::LiveEnded => "stream ended",
            Self::ChannelRenamed => "channel renamed",
            Self::Views => "views counted",
            Self::EventNew => "new event",
            Self::DraftPublished => "draft published",
            Self::EventEdited => "title of an event that is not over",
            Self::EventMoved => "another time of an event that is not over",
            Self::EventCancelled => "event cancelled",
            Self::EventDeleted => "event that is not over deleted",
            Self::EventHidden => "event that is not over unlisted",
            Self::PastEventDeleted => "event that is over deleted",
            Self::Participants => "participants counted",
        }
    }

    /// How soon it should be searchable.
    pub fn limit(self) -> Duration {
        const MINUTE: u64 = 60;
        const DAY: u64 = 24 * 60 * MINUTE;
        Duration::from_secs(match self {
            Self::New | Self::LatePublication | Self::Live | Self::LiveEnded => 30 * MINUTE,
            Self::EventNew | Self::DraftPublished | Self::EventEdited | Self::EventMoved | Self::EventCancelled => {
                30 * MINUTE
            }
            Self::TitleOfOld => 7 * DAY,
            // The whole history is read once a month.
            Self::PastEventDeleted => 31 * DAY,
            _ => DAY,
        })
    }
}

/// One change that is waited for.
#[derive(Clone, Debug)]
struct Pending {
    what: What,
    host: usize,
    at: Timestamp,
    /// The title or the time that shows it, for changed ones.
    mark: Option<String>,
}

/// What became of the changes of one kind.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Delays of those that were seen, in seconds, sorted.
    pub delays_s: Vec<f64>,
    /// Not seen although there was time enough.
    pub n_missed: usize,
    /// Too young at the end, on a host that was down within the limit or not asked again since, overtaken by another
    /// change of the same thing, or about one that came and went between two looks: not counted.
    pub n_left_out: usize,
}

impl Outcome {
    /// The share that was seen within `limit`.
    pub fn share_within(&self, limit: Duration) -> f64 {
        let n_all = self.delays_s.len() + self.n_missed;
        let n_within = self.delays_s.iter().filter(|delay| **delay <= limit.as_secs_f64()).count();
        if n_all == 0 { 1.0 } else { n_within as f64 / n_all as f64 }
    }

    /// The delay that `share` of those seen do not exceed.
    pub fn percentile_s(&self, share: f64) -> f64 {
        let last = self.delays_s.len().saturating_sub(1);
        self.delays_s.get(((self.delays_s.len() as f64 * share) as usize).min(last)).copied().unwrap_or(f64::NAN)
    }
}

/// What a journal entry shows of a video or an event.
#[derive(Clone, Copy, Debug)]
pub enum Sight<'a> {
    /// It is there.
    Video {
        /// Its title.
        title: &'a str,
        /// The name of its channel, for people.
        channel: &'a str,
        /// It streams.
        is_live: bool,
    },
    /// It is gone.
    Gone,
    /// It is an event.
    Event {
        /// Its title.
        title: &'a str,
        /// Its beginning.
        begins_on: Timestamp,
        /// It does not take place.
        is_cancelled: bool,
    },
}

/// The book of changes.
#[derive(Debug, Default)]
pub struct Ledger {
    pending: HashMap<(usize, Uuid), Vec<Pending>>,
    /// What was in the journal at some time.
    known: HashSet<(usize, Uuid)>,
    seen: HashMap<What, Outcome>,
    outages: Vec<Outage>,
    /// When each outage was noticed to be over.
    asked_again: Vec<Option<Timestamp>>,
    /// Added to every delay: the time from the journal to a search.
    publication: Duration,
}

impl Ledger {
    /// An empty book.
    ///
    /// - `publication`: from the journal to a search, at most.
    pub fn new(outages: Vec<Outage>, publication: Duration) -> Self {
        Self { asked_again: vec![None; outages.len()], outages, publication, ..Self::default() }
    }

    /// Takes note that a host was asked: an outage lasts for us until the first time after it, which the backoff
    /// decides.
    pub fn asked(&mut self, host: usize, now: Timestamp) {
        for (outage, asked_again) in self.outages.iter().zip(&mut self.asked_again) {
            if outage.host == host && outage.to <= now {
                asked_again.get_or_insert(now);
            }
        }
    }

    /// Hours from the end of each outage to the first request after it, sorted; and how many were not asked again yet.
    pub fn recoveries_h(&self) -> (Vec<f64>, usize) {
        let again = self.outages.iter().zip(&self.asked_again);
        let mut hours: Vec<f64> = again
            .filter_map(|(outage, again)| Some(again.as_ref()?.duration_since(outage.to).as_secs_f64() / 3600.0))
            .collect();
        hours.sort_by(f64::total_cmp);
        let n_waiting = self.outages.len() - hours.len();
        (hours, n_waiting)
    }

    /// Notes a change. A change that takes a video or an event away overtakes what was still waited for of it, a title or a
    /// time an earlier one, and a publication that the video was hidden before.
    pub fn note(&mut self, what: What, host: usize, uuid: Uuid, at: Timestamp, mark: Option<String>) {
        let is_title = |what| matches!(what, What::TitleOfRecent | What::TitleOfOld);
        let is_same = |one, other| one == other && matches!(one, What::EventEdited | What::EventMoved);
        let waiting = self.pending.entry((host, uuid)).or_default();
        let (overtaken, rest): (Vec<_>, Vec<_>) = waiting.drain(..).partition(|pending| match what {
            What::Deleted | What::Hidden | What::LiveEnded => true,
            What::EventDeleted | What::EventHidden | What::PastEventDeleted => true,
            What::LatePublication => pending.what == What::Hidden,
            _ => is_title(what) && is_title(pending.what) || is_same(what, pending.what),
        });
        *waiting = rest;
        for overtaken in overtaken {
            self.seen.entry(overtaken.what).or_default().n_left_out += 1;
        }
        waiting.push(Pending { what, host, at, mark });
    }

    /// Takes in what the journal said at `now`.
    pub fn see(&mut self, host: usize, uuid: Uuid, sight: Sight<'_>, now: Timestamp) {
        if matches!(sight, Sight::Video { .. } | Sight::Event { .. }) {
            self.known.insert((host, uuid));
        }
        let Some(waiting) = self.pending.get_mut(&(host, uuid)) else { return };
        let (done, rest): (Vec<_>, Vec<_>) = waiting.drain(..).partition(|pending| shows(pending, sight));
        *waiting = rest;
        for pending in done {
            self.count(&pending, Some(now));
        }
    }

    /// Counts what was never seen, at the end, and returns those that had time enough.
    pub fn close(&mut self, end: Timestamp) -> Vec<(What, usize, Uuid, Timestamp)> {
        let mut missed = Vec::new();
        let left = std::mem::take(&mut self.pending);
        for (uuid, pending) in
            left.into_iter().flat_map(|((_, uuid), many)| many.into_iter().map(move |one| (uuid, one)))
        {
            let is_young = end.duration_since(pending.at).unsigned_abs() < pending.what.limit();
            let was_taken_away = is_taken_away(pending.what);
            // What came and went between two looks was never searchable.
            let never_came = was_taken_away && !self.known.contains(&(pending.host, uuid));
            if is_young || never_came {
                self.seen.entry(pending.what).or_default().n_left_out += 1;
            } else if self.count(&pending, None) {
                missed.push((pending.what, pending.host, uuid, pending.at));
            }
        }
        for outcome in self.seen.values_mut() {
            outcome.delays_s.sort_by(f64::total_cmp);
        }
        missed
    }

    /// What became of the changes of a kind.
    pub fn outcome(&self, what: What) -> Outcome {
        self.seen.get(&what).cloned().unwrap_or_default()
    }

    /// Returns whether it counts.
    fn count(&mut self, pending: &Pending, seen_at: Option<Timestamp>) -> bool {
        let limit = jiff::SignedDuration::try_from(pending.what.limit()).unwrap_or_default();
        let due = pending.at.checked_add(limit).unwrap_or(Timestamp::MAX);
        let was_down = self.outages.iter().zip(&self.asked_again).any(|(outage, again)| {
            outage.host == pending.host && outage.from <= due && again.is_none_or(|again| again >= pending.at)
        });
        let outcome = self.seen.entry(pending.what).or_default();
        match seen_at {
            _ if was_down => outcome.n_left_out += 1,
            Some(at) => {
                let delay = at.duration_since(pending.at).unsigned_abs() + self.publication;
                outcome.delays_s.push(delay.as_secs_f64());
            }
            None => outcome.n_missed += 1,
        }
        !was_down
    }
}

fn is_taken_away(what: What) -> bool {
    matches!(
        what,
        What::Deleted
            | What::Hidden
            | What::LiveEnded
            | What::EventDeleted
            | What::EventHidden
            | What::PastEventDeleted
    )
}

fn shows(pending: &Pending, sight: Sight<'_>) -> bool {
    let is_mark = |text: &str| pending.mark.as_deref() == Some(text);
    match (pending.what, sight) {
        (What::New | What::LatePublication, Sight::Video { .. }) => true,
        (What::Live, Sight::Video { is_live, .. }) => is_live,
        (What::TitleOfRecent | What::TitleOfOld, Sight::Video { title, .. }) => is_mark(title),
        (What::ChannelRenamed, Sight::Video { channel, .. }) => is_mark(channel),
        (What::EventNew | What::DraftPublished, Sight::Event { .. }) => true,
        (What::EventEdited, Sight::Event { title, .. }) => is_mark(title),
        (What::EventMoved, Sight::Event { begins_on, .. }) => is_mark(&begins_on.to_string()),
        (What::EventCancelled, Sight::Event { is_cancelled, .. }) => is_cancelled,
        (what, Sight::Gone) => is_taken_away(what),
        _ => false,
    }
}

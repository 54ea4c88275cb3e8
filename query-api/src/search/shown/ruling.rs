//! What is in force: rules and decisions together.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use allowlist::rules::{Limits, NsfwPolicy, Placed};
use indexer::inclusion::{Inclusion, Ready, ReadyLayer};
use indexer::snapshot::Manifest;

use super::next_number;

const HOUR_MS: i64 = 3_600_000;

/// Rules and decisions that are in force together, with a number of their own.
#[derive(Debug)]
pub struct Ruling {
    number: u64,
    digest: u64,
    inclusion: Inclusion,
}

impl Ruling {
    /// A ruling of these layers. Two rulings are never taken for the same one, whatever they say.
    pub fn new(inclusion: Inclusion) -> Arc<Self> {
        if inclusion.is_everything() {
            return Self::everything();
        }
        // Not every layer has a digest of its own, but everything that it says is in its written form.
        let mut hasher = DefaultHasher::new();
        format!("{:?}", inclusion.rules.layers).hash(&mut hasher);
        Arc::new(Self { number: next_number(), digest: hasher.finish(), inclusion })
    }

    /// Shows everything.
    pub fn everything() -> Arc<Self> {
        Arc::new(Self { number: 0, digest: 0, inclusion: Inclusion::everything() })
    }

    /// The layers, compiled.
    pub fn inclusion(&self) -> &Inclusion {
        &self.inclusion
    }

    /// A short name of what it says, for cache validators; the same in every process of this version. `None` when it shows
    /// everything.
    pub fn tag(&self) -> Option<String> {
        (!self.asks_nothing()).then(|| format!("{:016x}", self.digest))
    }

    /// Whether nothing of a host can be shown, so that the host is no news to visitors either.
    pub fn hides_host(&self, host: &str) -> bool {
        self.inclusion.layers.iter().any(|layer| {
            let names = |ready: &Ready| ready.hosts.iter().any(|glob| glob.value.matches(host));
            names(&layer.exclude) || !layer.include.hosts.is_empty() && !names(&layer.include)
        })
    }

    /// The number that tells it from other rulings of this process; 0 where everything is shown.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn layers(&self) -> &Arc<[ReadyLayer]> {
        &self.inclusion.layers
    }

    pub(super) fn asks_nothing(&self) -> bool {
        self.inclusion.is_everything()
    }

    /// The present of ages: the hour in which a generation was published, so that a generation shows the same as long as it
    /// serves.
    pub(super) fn hour_ms(manifest: &Manifest) -> i64 {
        let published_at = manifest.published_at.as_millisecond();
        published_at - published_at.rem_euclid(HOUR_MS)
    }

    pub(super) fn depends_on_time(&self) -> bool {
        self.readies().any(|ready| ready.max_age_ms.is_some())
    }

    /// Whether anything is asked that only videos have, so that channels and playlists without any are no part of the index.
    pub(super) fn asks_of_videos(&self) -> bool {
        let of_ready = |ready: &Ready| {
            !ready.languages.is_empty()
                || !ready.video_categories.is_empty()
                || !ready.licences.is_empty()
                || !ready.tags.is_empty()
                || !ready.words.is_empty()
                || !ready.regions.is_empty()
                || ready.min_duration_s.is_some()
                || ready.max_duration_s.is_some()
                || ready.since_ms.is_some()
                || ready.max_age_ms.is_some()
                || ready.nsfw_flags.is_some()
        };
        let of_policy = |layer: &ReadyLayer| layer.nsfw.as_ref().is_some_and(|nsfw| nsfw.value != NsfwPolicy::Include);
        self.readies().any(of_ready) || self.inclusion.layers.iter().any(of_policy)
    }

    /// Whether anything is asked that only events have, so that groups without any are no part of the index.
    pub(super) fn asks_of_events(&self) -> bool {
        self.readies().any(|ready| {
            !ready.event_categories.is_empty()
                || !ready.tags.is_empty()
                || ready.since_ms.is_some()
                || ready.max_age_ms.is_some()
        })
    }

    pub(super) fn videos_per_channel_and_day(&self) -> Option<u32> {
        self.least(|limits| limits.per_channel_and_day.as_ref())
    }

    pub(super) fn events_per_organizer_and_day(&self) -> Option<u32> {
        self.least(|limits| limits.per_organizer_and_day.as_ref())
    }

    /// Every layer must show a document, so the lowest of their limits counts.
    fn least(&self, limit: impl Fn(&Limits) -> Option<&Placed<u32>>) -> Option<u32> {
        self.inclusion.layers.iter().filter_map(|layer| limit(&layer.limits)).map(|limit| limit.value).min()
    }

    fn readies(&self) -> impl Iterator<Item = &Ready> {
        self.inclusion.layers.iter().flat_map(|layer| [&layer.include, &layer.exclude])
    }
}

//! The seeded generator: hosts, channels, accounts, videos and playlists, the same for the same seed and time base.
//!
//! It reads no clock and opens no socket, so benches use it alone. Every video depends only on the seed, its host
//! and its number there: any of them can be made without the ones before it.

mod change;
mod crafted;
mod host;
mod instance;
mod playlist;
mod rng;
pub(crate) mod text;
mod upload;
mod video;
pub mod words;

use jiff::Timestamp;
use uuid::Uuid;

pub use crafted::{Crafted, uuid_of};
pub use host::{AccountSpec, ChannelSpec, HostSpec, NsfwPolicy, Version};
pub use instance::Instance;
pub use playlist::{ElementSpec, PlaylistPrivacy, PlaylistSpec};
pub use video::{Origin, Privacy, State, VideoSpec, expand_short_uuid, short_uuid};

pub(crate) use rng::{Rng, mix};
use upload::{base_letters, plan_video};
use words::{TOPICS, VOCABULARIES, Vocabulary};

/// A planned fediverse: `n` hosts, and as many videos as one asks for.
///
/// ```
/// use simulator::Catalogue;
///
/// let now = "2026-01-01T00:00:00Z".parse()?;
/// let catalogue = Catalogue::new(7, now, 20);
/// let names: Vec<String> = catalogue.videos(100).map(|(_, video)| video.name).collect();
/// assert_eq!(names, Catalogue::new(7, now, 20).videos(100).map(|(_, video)| video.name).collect::<Vec<_>>());
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Catalogue {
    seed: u64,
    now: i64,
    hosts: Vec<HostSpec>,
}

/// First words of host names.
const HOST_PREFIXES: &str = "tube|video|peertube|media|films|tele|watch|kino|clips|vid";

/// Second words of host names.
const HOST_WORDS: &str = "aurore|tilleul|brume|galet|linde|nebel|amsel|kiesel|heron|juniper|harbour|thistle|encina|alondra|marea|olivo|ginestra|lucciola|rondine|scoglio|sakura|kawa|hotaru|yama|rzeka|jodla|roza|bereza|zarya|luna|thalassa|elia|nour|yasmin|alon|gefen|hanok|baram|tara|ganga|mekhala|dara|ipe|sabia|maracuja|fjord|lumme|kanto";

/// The day in milliseconds.
const DAY_MS: f64 = 86_400_000.0;

impl Catalogue {
    /// Plans a fediverse.
    ///
    /// - `now`: the newest videos are some minutes older than this, the oldest about seven years.
    /// - `n_hosts`: host names are distinct for any number; the first 16 cover every language.
    pub fn new(seed: u64, now: Timestamp, n_hosts: usize) -> Self {
        let now = now.as_millisecond();
        let hosts = (0..n_hosts).map(|nth| plan_host(seed, now, nth)).collect();
        Self { seed, now, hosts }
    }

    /// The hosts, without videos.
    pub fn hosts(&self) -> &[HostSpec] {
        &self.hosts
    }

    /// The time base.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now).unwrap_or_default()
    }

    /// Makes `n` videos, each with the index of its host. A few hosts hold most of them, as in reality.
    ///
    /// All are listed ones ([`VideoSpec::is_listed`]). Keeps one counter a host and nothing else in memory.
    pub fn videos(&self, n: usize) -> impl Iterator<Item = (usize, VideoSpec)> + '_ {
        let mut counters = vec![0u32; self.hosts.len()];
        let mut rng = Rng::of(&[self.seed, 0x0a11]);
        (0..n).filter_map(move |_| {
            let host = rng.zipf(counters.len());
            let counter = counters.get_mut(host)?;
            let nth = *counter;
            *counter += 1;
            Some((host, self.video(host, nth)?))
        })
    }

    /// Makes the `nth` video of a host, from 0; `None` when there is no such host.
    pub fn video(&self, host: usize, nth: u32) -> Option<VideoSpec> {
        let spec = self.hosts.get(host)?;
        let mut rng = Rng::of(&[self.seed, 0xf11e, host as u64, u64::from(nth)]);
        Some(plan_video(&mut rng, spec, self.now, nth))
    }

    /// Makes the `nth` playlist of a host that has `n_videos` videos, from 0: public, of one channel, and each element
    /// one of the videos. `None` when there is no such host or no video.
    pub fn playlist(&self, host: usize, nth: u32, n_videos: u32) -> Option<PlaylistSpec> {
        playlist::plan(self, host, nth, n_videos)
    }

    /// Makes a host with its first `n_videos` videos, with others that must not show (unlisted, private, internal,
    /// password-protected, scheduled, blocked, waiting, ended, transcoding: one in twelve, at least nine), and with
    /// remote ones that it lists without owning them (one in ten). From ten videos on it has playlists too: public ones,
    /// an empty, an unlisted and a private one, and remote ones. `None` when there is no such host.
    pub fn instance(&self, host: usize, n_videos: u32) -> Option<Instance> {
        instance::populate(self, host, n_videos)
    }
}

fn plan_host(seed: u64, now: i64, nth: usize) -> HostSpec {
    let mut rng = Rng::of(&[seed, 0x4057, nth as u64]);
    let words: Vec<&str> = HOST_WORDS.split('|').collect();
    let prefixes: Vec<&str> = HOST_PREFIXES.split('|').collect();
    let word = words.get(nth % words.len()).copied().unwrap_or_default();
    let prefix = prefixes.get((nth / words.len() + nth) % prefixes.len()).copied().unwrap_or_default();
    let round = nth / (words.len() * prefixes.len());
    let name = if round == 0 { format!("{prefix}-{word}.example") } else { format!("{prefix}-{word}-{round}.example") };
    // The first hosts take one language each, so that a small fediverse speaks them all; later ones mostly speak
    // the languages in which PeerTube has most hosts.
    let main = if nth < VOCABULARIES.len() { nth } else { rng.zipf(VOCABULARIES.len()) };
    let main = vocabulary_at(main);
    let major = match rng.below(20) {
        0 => 3,
        1 => 4,
        2 | 3 => 5,
        4..=6 => 7,
        7 | 8 => 8,
        _ => 6,
    };
    let accounts: Vec<AccountSpec> = (0..3 + rng.below(5)).map(|_| plan_account(&mut rng, main, now)).collect();
    let n_channels = accounts.len() + rng.below(5);
    let channels =
        (0..n_channels).map(|nth_channel| plan_channel(&mut rng, main, now, nth_channel, accounts.len())).collect();
    HostSpec {
        display_name: format!("{} {}", text_title(prefix), text_title(word)),
        short_description: text::title(&mut rng, main, nth % TOPICS),
        name,
        language: main.code,
        version: Version::of_major(major),
        nsfw_policy: match rng.below(6) {
            0 => NsfwPolicy::Display,
            1 => NsfwPolicy::Blur,
            _ => NsfwPolicy::DoNotList,
        },
        nsfw_share: if rng.chance(0.1) { 0.25 } else { 0.02 },
        has_object_storage: Rng::of(&[seed, 0x57a2, nth as u64]).chance(0.4),
        accounts: unique_names(accounts, |account| &mut account.name),
        channels: unique_names(channels, |channel: &mut ChannelSpec| &mut channel.name),
    }
}

/// Appends a number to names that came up before: handles are unique on a host.
fn unique_names<T>(mut actors: Vec<T>, name: impl Fn(&mut T) -> &mut String) -> Vec<T> {
    let mut seen = std::collections::BTreeSet::new();
    for (nth, actor) in actors.iter_mut().enumerate() {
        let name = name(actor);
        if !seen.insert(name.clone()) {
            *name = format!("{name}_{nth}");
        }
    }
    actors
}

fn plan_account(rng: &mut Rng, main: &Vocabulary, now: i64) -> AccountSpec {
    let (name, display_name) = (text::handle(rng), text::person(rng, main));
    let description = rng.chance(0.6).then(|| text::sentences(rng, main, 0, 1));
    let created_at = now - (2_600.0 * DAY_MS) as i64 - rng.below(1_000_000_000) as i64;
    AccountSpec {
        n_avatars: is_without(&name, 6).then_some(0),
        name,
        display_name,
        description,
        created_at,
        updated_at: created_at,
        indexable: None,
        discoverable: None,
    }
}

fn plan_channel(rng: &mut Rng, main: &Vocabulary, now: i64, nth: usize, n_accounts: usize) -> ChannelSpec {
    let language = match rng.below(10) {
        0..=6 => main,
        7 | 8 => words::vocabulary("en").unwrap_or(main),
        _ => vocabulary_at(rng.below(VOCABULARIES.len())),
    };
    let topic = rng.below(TOPICS);
    let display_name = match rng.below(3) {
        0 => text_title(text::noun(rng, language, topic)),
        1 => text::proper_name(rng, language),
        _ => format!("{}{}{}", text::proper_name(rng, language), " · ", text::noun(rng, language, topic)),
    };
    let created_at = now - (2_600.0 * DAY_MS) as i64 + rng.below(1_000_000_000) as i64;
    let name = format!("{}_channel", text::handle(rng));
    ChannelSpec {
        has_banner: !is_without(&name, 3),
        n_avatars: is_without(&name, 8).then_some(0),
        name,
        display_name,
        description: rng.chance(0.8).then(|| text::sentences(rng, language, topic, 2)),
        support: rng.chance(0.2).then(|| "https://support.example/".to_owned()),
        // Every account owns at least one channel.
        account: if nth < n_accounts { nth as u32 } else { rng.below(n_accounts) as u32 },
        language: language.code,
        topic,
        created_at,
        updated_at: created_at,
        indexable: None,
        discoverable: None,
        is_deleted: false,
    }
}

/// True for one name in `n`: who did not upload a picture. It draws nothing, so that a seed keeps its other answers.
fn is_without(name: &str, n: u64) -> bool {
    name.bytes().fold(n, |state, byte| mix(state, u64::from(byte))).is_multiple_of(n)
}

fn new_uuid(rng: &mut Rng) -> Uuid {
    let number = (u128::from(rng.next()) << 64) | u128::from(rng.next());
    uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
}

pub(crate) fn vocabulary_at(index: usize) -> &'static Vocabulary {
    let all: &'static [Vocabulary; 16] = &VOCABULARIES;
    let [first, ..] = all;
    all.get(index % all.len()).unwrap_or(first)
}

fn text_title(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

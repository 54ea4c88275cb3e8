//! The seeded corpus: videos, channels and playlists with the shape and skew of the federation's.
//!
//! A record is a pure function of the seed and its number, so any part can be made again, in any order, on any thread.

use std::f64::consts::PI;

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Actor, Channel, Element, Image, Labelled, Owner, Playlist, Video, VideoDetail};
use journal::{Body, Entry, Record};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use crate::text::{draw_language, write_words};

/// The seed of every committed run.
pub const SEED: u64 = 20_261_122;

/// Hosts of the corpus; their sizes follow Zipf's law.
const N_HOSTS: f64 = 1200.0;

/// Videos for each channel, and for each playlist.
const VIDEOS_PER_CHANNEL: u64 = 10;
const VIDEOS_PER_PLAYLIST: u64 = 20;

/// Channels of a large host.
const N_CHANNELS: f64 = 200.0;

/// The "now" of the corpus, so that recency means the same in every run: 2026-11-22T00:00:00Z, in milliseconds.
pub const NOW_MS: i64 = 1_795_305_600_000;

const CATEGORIES: [&str; 18] = [
    "Music",
    "Films",
    "Vehicles",
    "Art",
    "Sports",
    "Travels",
    "Gaming",
    "People",
    "Comedy",
    "Entertainment",
    "News & Politics",
    "How To",
    "Education",
    "Activism",
    "Science & Technology",
    "Animals",
    "Kids",
    "Food",
];

/// Makes the video of a number.
pub fn video(number: u64) -> Video {
    let mut rng = video_rng(number);
    let host_number = zipf(&mut rng, N_HOSTS);
    let host = host(host_number);
    let language = draw_language(&mut rng);
    let n_title_words = rng.random_range(2..=10);
    let mut name = String::new();
    write_words(&mut rng, language, n_title_words, &mut name);
    let description = (rng.random::<f64>() < 0.9).then(|| {
        let mut text = String::new();
        let n_words = log_normal(&mut rng, 3.3, 1.0).clamp(3.0, 1500.0) as usize;
        write_words(&mut rng, language, n_words, &mut text);
        text
    });
    let tags = (0..rng.random_range(0..=5))
        .map(|_| {
            let mut tag = String::new();
            write_words(&mut rng, language, 1, &mut tag);
            tag
        })
        .collect();
    let age_ms = (rng.random::<f64>().powi(2) * 8.0 * 365.0 * 86_400_000.0) as i64;
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or_default();
    let published_at = at(NOW_MS - age_ms);
    let views = log_normal(&mut rng, 4.0, 2.0) as u64;
    let uuid = video_uuid(number);
    let channel = zipf(&mut rng, N_CHANNELS);
    let nsfw = rng.random::<f64>() < 0.04;
    Video {
        uuid,
        origin_id: i64::try_from(number).unwrap_or_default(),
        url: format!("https://{host}/videos/watch/{uuid}"),
        truncated_description: description.as_deref().map(truncate),
        category: (rng.random::<f64>() < 0.8).then(|| {
            let index = rng.random_range(0..CATEGORIES.len());
            Labelled { id: index as i64 + 1, label: CATEGORIES[index].to_owned() }
        }),
        licence: (rng.random::<f64>() < 0.5)
            .then(|| Labelled { id: rng.random_range(1..=7), label: "Attribution".to_owned() }),
        language: (rng.random::<f64>() < 0.7)
            .then(|| Labelled { id: language.id.to_owned(), label: language.label.to_owned() }),
        nsfw,
        nsfw_flags: if nsfw { rng.random_range(0..4) } else { 0 },
        nsfw_summary: None,
        is_live: rng.random::<f64>() < 0.001,
        duration_s: log_normal(&mut rng, 6.0, 1.2).min(40_000.0) as u32,
        aspect_ratio: Some(1.7778),
        views,
        viewers: 0,
        likes: views / 40,
        dislikes: views / 900,
        comments: Some(views / 200),
        thumbnail_path: Some(format!("/lazy-static/thumbnails/{uuid}.jpg")),
        thumbnail_url: Some(format!("https://{host}/lazy-static/thumbnails/{uuid}.jpg")),
        preview_path: Some(format!("/lazy-static/previews/{uuid}.jpg")),
        preview_url: Some(format!("https://{host}/lazy-static/previews/{uuid}.jpg")),
        embed_path: format!("/videos/embed/{uuid}"),
        created_at: published_at,
        updated_at: at(NOW_MS - age_ms / 2),
        published_at,
        originally_published_at: (rng.random::<f64>() < 0.1).then(|| at(NOW_MS - age_ms * 2)),
        account: actor(&host, "accounts", host_number, channel / 3),
        channel: actor(&host, "video-channels", host_number, channel),
        detail: Some(VideoDetail { description, tags, support: None, of_updated_at: Some(published_at) }),
        name,
        host,
    }
}

fn video_rng(number: u64) -> SmallRng {
    SmallRng::seed_from_u64(SEED ^ number.wrapping_mul(0xd134_2543_de82_ef95))
}

fn video_uuid(number: u64) -> Uuid {
    Uuid::from_u64_pair(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number)
}

/// Channels of a corpus of so many videos.
pub fn n_channels(n_videos: u64) -> u64 {
    n_videos / VIDEOS_PER_CHANNEL
}

/// Playlists of a corpus of so many videos.
pub fn n_playlists(n_videos: u64) -> u64 {
    n_videos / VIDEOS_PER_PLAYLIST
}

/// Makes the channel of a number: one of those that the videos are in.
pub fn channel(number: u64) -> Channel {
    let mut rng = SmallRng::seed_from_u64(SEED ^ (number + 1).wrapping_mul(0xa076_1d64_78bd_642f));
    let n_hosts = N_HOSTS as u64;
    let (host_number, channel) = ((number % n_hosts) as usize, (number / n_hosts) as usize);
    let host = host(host_number);
    let age_ms = (rng.random::<f64>() * 8.0 * 365.0 * 86_400_000.0) as i64;
    let created_at = Timestamp::from_millisecond(NOW_MS - age_ms).unwrap_or_default();
    let n_followers = log_normal(&mut rng, 2.0, 2.0) as u64;
    let description = (rng.random::<f64>() < 0.7).then(|| text(&mut rng, 2.8));
    Channel {
        actor: actor(&host, "video-channels", host_number, channel),
        banners: Vec::new(),
        description,
        support: None,
        n_followers,
        n_following: 0,
        created_at,
        updated_at: created_at,
        owner: Owner {
            actor: actor(&host, "accounts", host_number, channel / 3),
            description: None,
            n_followers: n_followers / 3,
            n_following: 0,
            created_at,
            updated_at: created_at,
        },
    }
}

/// Makes the playlist of a number: videos of the corpus of `n_videos`, of any host.
pub fn playlist(number: u64, n_videos: u64) -> Playlist {
    let mut rng = SmallRng::seed_from_u64(SEED ^ (number + 1).wrapping_mul(0xe703_7ed1_a0b4_28db));
    let host_number = zipf(&mut rng, N_HOSTS);
    let host = host(host_number);
    let channel = zipf(&mut rng, N_CHANNELS);
    let uuid = Uuid::from_u64_pair(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number | 1 << 63);
    let age_ms = (rng.random::<f64>() * 5.0 * 365.0 * 86_400_000.0) as i64;
    let created_at = Timestamp::from_millisecond(NOW_MS - age_ms).unwrap_or_default();
    let language = draw_language(&mut rng);
    let mut display_name = String::new();
    write_words(&mut rng, language, 3, &mut display_name);
    let n_elements = log_normal(&mut rng, 2.5, 1.0).clamp(1.0, 500.0) as u64;
    let elements = (0..n_elements).map(|_| {
        let number = rng.random_range(0..n_videos.max(1));
        Element { host: self::host(zipf(&mut video_rng(number), N_HOSTS)), uuid: video_uuid(number) }
    });
    Playlist {
        elements: elements.collect(),
        uuid,
        origin_id: i64::try_from(number).unwrap_or_default(),
        url: format!("https://{host}/video-playlists/{uuid}"),
        display_name,
        description: (rng.random::<f64>() < 0.4).then(|| text(&mut rng, 2.5)),
        thumbnail_path: Some(format!("/lazy-static/thumbnails/playlist-{uuid}.jpg")),
        thumbnail_url: Some(format!("https://{host}/lazy-static/thumbnails/playlist-{uuid}.jpg")),
        embed_path: format!("/video-playlists/embed/{uuid}"),
        created_at,
        updated_at: created_at,
        owner: actor(&host, "accounts", host_number, channel / 3),
        channel: Some(actor(&host, "video-channels", host_number, channel)),
        host,
    }
}

/// Makes the journal entries of the videos in a range of numbers.
pub fn entries(numbers: std::ops::Range<u64>) -> Vec<Entry> {
    numbers.map(|number| seen(Record::Video(Box::new(video(number))))).collect()
}

/// Makes the journal entries of the channels in a range of numbers.
pub fn channel_entries(numbers: std::ops::Range<u64>) -> Vec<Entry> {
    numbers.map(|number| seen(Record::Channel(Box::new(channel(number))))).collect()
}

/// Makes the journal entries of the playlists in a range of numbers, of a corpus of `n_videos`.
pub fn playlist_entries(numbers: std::ops::Range<u64>, n_videos: u64) -> Vec<Entry> {
    numbers.map(|number| seen(Record::Playlist(Box::new(playlist(number, n_videos))))).collect()
}

pub(crate) fn seen(record: Record) -> Entry {
    Entry { seen_at: Timestamp::from_millisecond(NOW_MS).unwrap_or_default(), body: Body::Record(record) }
}

/// A text of so many words, by the mean of their logarithm.
fn text(rng: &mut SmallRng, mean: f64) -> String {
    let mut text = String::new();
    let language = draw_language(rng);
    let n_words = log_normal(rng, mean, 1.0).clamp(2.0, 150.0) as usize;
    write_words(rng, language, n_words, &mut text);
    text
}

fn host(number: usize) -> Host {
    let endings = ["tube", "video", "peertube", "media", "watch"];
    let name = format!("{}-{number}.example", endings[number % endings.len()]);
    match Host::parse(&name) {
        Ok(host) => host,
        Err(error) => unreachable!("the corpus makes names that are hosts: {error}"),
    }
}

pub(crate) fn actor(host: &Host, path: &str, host_number: usize, number: usize) -> Actor {
    let mut rng = SmallRng::seed_from_u64((host_number * 1000 + number) as u64);
    let mut display_name = String::new();
    let language = draw_language(&mut rng);
    write_words(&mut rng, language, 2, &mut display_name);
    let name = format!("{}_{number}", &path[..1]);
    let avatar = |width: u32| {
        let path = format!(
            "/lazy-static/avatars/{}.png",
            Uuid::from_u64_pair(host_number as u64, (number as u64) << 32 | u64::from(width))
        );
        Image {
            url: format!("https://{host}{path}"),
            path: Some(path),
            width: Some(width),
            height: None,
            created_at: Timestamp::from_millisecond(NOW_MS).ok(),
            updated_at: Timestamp::from_millisecond(NOW_MS).ok(),
        }
    };
    Actor {
        origin_id: number as i64,
        url: format!("https://{host}/{path}/{name}"),
        name,
        display_name,
        host: host.clone(),
        avatars: vec![avatar(48), avatar(120), avatar(600), avatar(1500)],
    }
}

/// The listing's form of a description: 250 characters of any plane but the astral ones, which the corpus has none of.
fn truncate(text: &str) -> String {
    if text.chars().count() <= 250 {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(247).collect();
    cut.push_str("...");
    cut
}

/// A number below `n`, with density 1/rank.
pub(crate) fn zipf(rng: &mut SmallRng, n: f64) -> usize {
    (n.powf(rng.random::<f64>()) as usize).saturating_sub(1)
}

/// A log-normal draw (Box and Muller's transform).
pub(crate) fn log_normal(rng: &mut SmallRng, mean: f64, deviation: f64) -> f64 {
    let (first, second): (f64, f64) = (rng.random::<f64>().max(f64::MIN_POSITIVE), rng.random());
    (mean + deviation * (-2.0 * first.ln()).sqrt() * (2.0 * PI * second).cos()).exp()
}

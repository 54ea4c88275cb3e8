//! Planning a video: what somebody uploads to a host.

use super::words::{TOPIC_CATEGORIES, TOPICS, Vocabulary};
use super::{DAY_MS, HostSpec, Privacy, Rng, State, VideoSpec, new_uuid, text, vocabulary_at, words};

/// Plans the `nth` video of a host.
pub(super) fn plan_video(rng: &mut Rng, host: &HostSpec, now: i64, nth: u32) -> VideoSpec {
    let channel_index = rng.zipf(host.channels.len());
    let channel = host.channels.get(channel_index);
    let code = channel.map_or(host.language, |channel| channel.language);
    let vocabulary = words::vocabulary(code).unwrap_or(vocabulary_at(0));
    let topic = match channel {
        Some(channel) if rng.chance(0.75) => channel.topic,
        _ => rng.below(TOPICS),
    };
    let (description, late_word) = describe(rng, vocabulary, topic);
    let is_live = rng.chance(0.006);
    let created_at = now - age_ms(rng, is_live);
    let published_at = if rng.chance(0.05) { created_at + rng.below(3_600_000) as i64 } else { created_at };
    let published_at = published_at.min(now - 1_000);
    let nsfw = rng.chance(host.nsfw_share);
    // Two licences came with PeerTube 8.
    let n_licences = if host.version.since(8, 0) { 9 } else { 7 };
    let views = heavy_tail(rng, 20.0);
    VideoSpec {
        id: nth + 1,
        uuid: new_uuid(rng),
        channel: channel_index as u32,
        origin: None,
        name: text::title(rng, vocabulary, topic),
        title_word: None,
        description,
        late_word,
        support: rng.chance(0.1).then(|| "https://support.example/".to_owned()),
        tags: tags(rng, vocabulary, topic),
        language: rng.chance(0.93).then_some(vocabulary.code),
        category: rng.chance(0.9).then(|| TOPIC_CATEGORIES.get(topic).copied().unwrap_or(15)),
        licence: rng.chance(0.7).then(|| 1 + rng.below(n_licences) as u8),
        privacy: Privacy::Public,
        state: State::Published,
        blocked: false,
        scheduled_at: None,
        nsfw,
        nsfw_flags: if nsfw { rng.below(4) as u8 } else { 0 },
        nsfw_summary: None,
        is_live,
        permanent_live: is_live && rng.chance(0.5),
        duration: if is_live { 0 } else { 8 + (rng.unit().powi(3) * 7_200.0) as u32 },
        aspect_ratio: if rng.chance(0.08) { 0.5625 } else { 1.7778 },
        views,
        viewers: if is_live { rng.below(200) as u32 } else { rng.zipf(20) as u32 },
        likes: (f64::from(views) * rng.unit() * 0.05) as u32,
        dislikes: (f64::from(views) * rng.unit() * 0.004) as u32,
        comments: rng.zipf(60) as u32,
        created_at,
        updated_at: (published_at + rng.below(40_000_000) as i64).min(now),
        published_at,
        originally_published_at: rng.chance(0.08).then(|| created_at - rng.below(200_000_000) as i64 * 1_000),
        picture_revision: 0,
    }
}

/// Some descriptions are missing, most are short, a third is long and holds a word of its own beyond the cut.
fn describe(rng: &mut Rng, vocabulary: &Vocabulary, topic: usize) -> (Option<String>, Option<String>) {
    match rng.below(10) {
        0 => (None, None),
        1..=6 => {
            let n_sentences = 1 + rng.below(3);
            (Some(text::sentences(rng, vocabulary, topic, n_sentences)), None)
        }
        _ => {
            let n_sentences = 4 + rng.zipf(30);
            let mut text = text::sentences(rng, vocabulary, topic, n_sentences);
            while text.encode_utf16().count() <= 260 {
                text.push_str(vocabulary.gap);
                text.push_str(&text::sentences(rng, vocabulary, topic, 3));
            }
            let word =
                format!("{}{}", rng.any(&["tarn", "wisp", "loam", "fell", "gorse", "brae"]), base_letters(rng.next()));
            text.push_str(&format!("\n\n{word}"));
            (Some(text), Some(word))
        }
    }
}

/// Eight letters that make a word nobody else uses.
pub(super) fn base_letters(mut number: u64) -> String {
    (0..8)
        .map(|_| {
            let letter = char::from(b'a' + (number % 26) as u8);
            number /= 26;
            letter
        })
        .collect()
}

fn tags(rng: &mut Rng, vocabulary: &Vocabulary, topic: usize) -> Vec<String> {
    let mut tags: Vec<String> = (0..rng.below(6))
        .map(|_| match rng.below(4) {
            0 => text::proper_name(rng, vocabulary),
            _ => text::noun(rng, vocabulary, topic).to_owned(),
        })
        .filter(|tag| (2..=30).contains(&tag.chars().count()))
        .collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// Ages run from minutes to seven years, the recent ones more often; one in fifty is younger than an hour.
fn age_ms(rng: &mut Rng, is_live: bool) -> i64 {
    if is_live || rng.chance(0.02) {
        return 60_000 + rng.below(3_500_000) as i64;
    }
    (rng.unit().powf(1.6) * 2_555.0 * DAY_MS) as i64 + 60_000
}

fn heavy_tail(rng: &mut Rng, scale: f64) -> u32 {
    let unit = rng.unit().max(1e-6);
    ((unit.powf(-1.05) - 1.0) * scale) as u32
}

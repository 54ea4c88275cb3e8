//! A video of the journal as the index holds it.

use jiff::Timestamp;
use journal::record::Video;
use tantivy::TantivyDocument;

use super::{add_stems, handle, key_hash, name_key, split_description, stored_actor};
use crate::analysis::{self, cut};
use crate::schema::{UNKNOWN_LANGUAGE, VideoFields};
use crate::stored::{StoredPath, StoredVideo, default_url, truncate_description};

impl From<&Video> for StoredVideo {
    fn from(video: &Video) -> Self {
        let host = video.host.as_str();
        let description = video.detail.as_ref().and_then(|detail| detail.description.clone());
        let truncated = video.truncated_description.clone();
        let is_derived = |text: &str| description.as_deref().is_some_and(|whole| truncate_description(whole) == text);
        Self {
            host: host.to_owned(),
            uuid: video.uuid,
            origin_id: video.origin_id,
            url: (video.url != default_url(host, video.uuid)).then(|| video.url.clone()),
            name: video.name.clone(),
            truncated_description: truncated.filter(|text| !is_derived(text)),
            tags: video.detail.as_ref().map(|detail| detail.tags.clone()).unwrap_or_default(),
            category: video.category.as_ref().map(|category| (category.id, category.label.clone())),
            licence: video.licence.as_ref().map(|licence| (licence.id, licence.label.clone())),
            language: video.language.as_ref().map(|language| (language.id.clone(), language.label.clone())),
            nsfw: video.nsfw,
            nsfw_flags: video.nsfw_flags,
            nsfw_summary: video.nsfw_summary.clone(),
            is_live: video.is_live,
            duration_s: video.duration_s,
            aspect_ratio: video.aspect_ratio,
            views: video.views,
            viewers: video.viewers,
            likes: video.likes,
            dislikes: video.dislikes,
            comments: video.comments,
            thumbnail: StoredPath::new(host, video.thumbnail_path.as_deref(), video.thumbnail_url.as_deref()),
            preview: StoredPath::new(host, video.preview_path.as_deref(), video.preview_url.as_deref()),
            embed_path: video.embed_path.clone(),
            created_at: video.created_at,
            updated_at: video.updated_at,
            published_at: video.published_at,
            originally_published_at: video.originally_published_at,
            account: stored_actor(host, &video.account),
            channel: stored_actor(host, &video.channel),
            description,
        }
    }
}

/// The document of a video that our crawler saw at `seen_at`.
///
/// Dates after `seen_at` count as `seen_at` wherever videos are sorted, so that a wrong clock pins nothing to the top;
/// what is shown is what the instance said.
///
/// # Errors
/// The stored form cannot be written as JSON. Nothing that the journal can hold is known to cause it.
pub fn video_document(
    fields: &VideoFields,
    video: &Video,
    seen_at: Timestamp,
) -> Result<TantivyDocument, serde_json::Error> {
    let stored = StoredVideo::from(video);
    let key = stored.key();
    let mut document = TantivyDocument::default();
    document.add_text(fields.key, &key);
    document.add_u64(fields.key_hash, key_hash(&key));
    document.add_bytes(fields.doc, &serde_json::to_vec(&stored)?);
    add_text(&mut document, fields, &stored);
    add_filters(&mut document, fields, &stored);
    add_numbers(&mut document, fields, &stored, seen_at);
    Ok(document)
}

fn add_text(document: &mut TantivyDocument, fields: &VideoFields, stored: &StoredVideo) {
    let (scored, rest) = split_description(stored.best_description().unwrap_or_default());
    document.add_text(fields.title, &stored.name);
    if !scored.is_empty() {
        document.add_text(fields.description, scored);
    }
    if !rest.is_empty() {
        document.add_text(fields.description_rest, rest);
    }
    for tag in &stored.tags {
        document.add_text(fields.tags, tag);
    }
    for actor in [&stored.channel, &stored.account] {
        document.add_text(fields.channel, actor.display_name());
        if actor.display_name.is_some() {
            document.add_text(fields.channel, &actor.name);
        }
    }
    let language = stored.language.as_ref().map(|(id, _)| id.as_str());
    add_stems(document, (fields.title_stem, fields.description_stem), (&stored.name, scored), language);
}

fn add_filters(document: &mut TantivyDocument, fields: &VideoFields, stored: &StoredVideo) {
    document.add_text(fields.uuid, stored.uuid.hyphenated().to_string());
    document.add_text(fields.host, &stored.host);
    document.add_text(fields.account, handle(&stored.account, &stored.host));
    document.add_text(fields.channel_handle, handle(&stored.channel, &stored.host));
    let mut tags: Vec<String> = stored.tags.iter().map(|tag| analysis::fold_whole(tag)).collect();
    tags.sort_unstable();
    tags.dedup();
    for tag in tags.iter().filter(|tag| !tag.is_empty()) {
        document.add_text(fields.tag, cut(tag, analysis::MAX_TERM_BYTES));
    }
    if let Some((id, _)) = stored.category {
        document.add_i64(fields.category, id);
    }
    if let Some((id, _)) = stored.licence {
        document.add_i64(fields.licence, id);
    }
    let language = stored.language.as_ref().map_or(UNKNOWN_LANGUAGE, |(id, _)| id);
    document.add_text(fields.language, cut(language, analysis::MAX_TERM_BYTES));
    document.add_u64(fields.nsfw, stored.nsfw.into());
    for bit in (0..u32::BITS).map(|bit| 1u32 << bit).filter(|bit| stored.nsfw_flags & bit != 0) {
        document.add_u64(fields.nsfw_flag, bit.into());
    }
    document.add_u64(fields.is_live, stored.is_live.into());
}

fn add_numbers(document: &mut TantivyDocument, fields: &VideoFields, stored: &StoredVideo, seen_at: Timestamp) {
    let sortable = |at: Timestamp| at.min(seen_at).as_millisecond();
    let published_at = sortable(stored.published_at);
    document.add_i64(fields.published_at, published_at);
    document.add_i64(fields.created_at, sortable(stored.created_at));
    if let Some(at) = stored.originally_published_at {
        document.add_i64(fields.originally_published_at, at.as_millisecond());
    }
    let original = stored.originally_published_at.map_or(published_at, sortable);
    document.add_i64(fields.original_or_published_at, original);
    document.add_u64(fields.duration, stored.duration_s.into());
    document.add_u64(fields.views, stored.views);
    document.add_u64(fields.likes, stored.likes);
    document.add_i64(fields.hot, hot(stored, published_at / 1000));
    document.add_text(fields.name_key, name_key(&stored.name));
}

/// PeerTube's `hot` in thousandths: 150 log10 of likes and (negative) dislikes less one each, 16 log10 of views plus
/// one, 100 log10 of comments, and a point for every 47 000 s since November 2015 (PeerTube 6.3, sort `-hot`).
fn hot(stored: &StoredVideo, published_at_s: i64) -> i64 {
    let log = |count: u64| (count.max(1) as f64).log10();
    let votes = 150.0 * (log(stored.likes.saturating_sub(1)) - log(stored.dislikes.saturating_sub(1)));
    let views = 16.0 * log(stored.views.saturating_add(1));
    let comments = 100.0 * log(stored.comments.unwrap_or(0));
    let age = (published_at_s - 1_446_156_582) as f64 / 47_000.0;
    ((votes + views + comments + age) * 1000.0).round() as i64
}

//! How a newer sight of a video joins what is known of it.

use jiff::SignedDuration;
use journal::record::{Video, VideoDetail};

/// A video whose listing shows no change is asked again for its tags when the origin has touched it for longer than
/// this since its detail was read. `updatedAt` alone says little: every view moves it.
const MAX_DETAIL_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Joins a listing's item with the known record. The detail is kept until a newer one replaces it.
///
/// Returns the record, and whether its detail should be asked for.
pub fn merge_listing(mut listed: Video, known: Option<&Video>) -> (Video, bool) {
    let Some(known) = known else { return (listed, true) };
    listed.detail.clone_from(&known.detail);
    let wants_detail = match &listed.detail {
        None => true,
        Some(detail) => {
            let has_aged = detail.of_updated_at.is_none_or(|of| listed.updated_at.duration_since(of) > MAX_DETAIL_AGE);
            has_aged || looks_edited(&listed, known)
        }
    };
    (listed, wants_detail)
}

/// Joins a detail with the known record.
pub fn merge_detail(known: &Video, detail: VideoDetail) -> Video {
    Video { detail: Some(detail), ..known.clone() }
}

/// Whether an author has touched it, by the fields that views and likes do not move.
fn looks_edited(listed: &Video, known: &Video) -> bool {
    listed.name != known.name
        || listed.truncated_description != known.truncated_description
        || listed.category != known.category
        || listed.licence != known.licence
        || listed.language != known.language
        || listed.nsfw != known.nsfw
        || listed.thumbnail_path != known.thumbnail_path
        || listed.thumbnail_url != known.thumbnail_url
        || listed.published_at != known.published_at
        || listed.originally_published_at != known.originally_published_at
}

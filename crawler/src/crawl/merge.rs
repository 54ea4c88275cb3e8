//! How a newer sight of a video joins what is known of it.

use journal::record::{Video, VideoDetail};

/// Joins a listing's item with the known record. The detail is kept until a newer one replaces it.
pub fn merge_listing(mut listed: Video, known: &Video) -> Video {
    listed.detail.clone_from(&known.detail);
    listed
}

/// Joins a detail with the known record.
pub fn merge_detail(known: &Video, detail: VideoDetail) -> Video {
    Video { detail: Some(detail), ..known.clone() }
}

/// Whether an author has touched it, by the fields that views and likes do not move.
pub fn looks_edited(listed: &Video, known: &Video) -> bool {
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

/// Whether two sights differ in nothing but what every visitor moves. Such a change waits for the next full scan.
pub fn differs_in_counts_only(listed: &Video, known: &Video) -> bool {
    let with_counts_of_listed = Video {
        views: listed.views,
        viewers: listed.viewers,
        likes: listed.likes,
        dislikes: listed.dislikes,
        comments: listed.comments,
        updated_at: listed.updated_at,
        ..known.clone()
    };
    *listed == with_counts_of_listed
}

/// Whether two sights say the same, whenever their details were read.
pub fn says_the_same(newer: &Video, known: &Video) -> bool {
    let of_updated_at = newer.detail.as_ref().and_then(|detail| detail.of_updated_at);
    let detail = known.detail.as_ref().map(|known| VideoDetail { of_updated_at, ..known.clone() });
    Video { detail, ..known.clone() } == *newer
}

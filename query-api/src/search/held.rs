//! How many videos of a channel or playlist the same generation holds: what an origin counts may be hidden here.

use indexer::stored::{StoredChannel, StoredPlaylist};
use tantivy::Term;

use super::SearchIndex;
use crate::error::Error;

/// Elements of one playlist that are looked up; a longer one shows at most this length. A look-up among a million videos
/// in nine segments takes about 5 µs, so a page of a hundred playlists as long as this takes half a second, a third of
/// what a search may take, and a page of fifteen with fifty elements each takes 4 ms.
pub const MAX_COUNTED_ELEMENTS: usize = 1_000;

impl SearchIndex {
    /// Living videos of the channel.
    pub(super) fn n_videos_of_channel(&self, channel: &StoredChannel) -> Result<u64, Error> {
        let handle = Term::from_field_text(self.snapshot.video_fields.channel_handle, &channel.handle());
        let mut n_videos = 0;
        for segment in &self.videos.segments {
            n_videos += segment.n_living(&handle).map_err(|source| self.videos.engine(source))?;
        }
        Ok(n_videos)
    }

    /// Elements of the playlist, repeated ones included, whose videos are living ones.
    pub(super) fn n_videos_of_playlist(&self, playlist: &StoredPlaylist) -> Result<u64, Error> {
        let field = self.videos.fields.key;
        // In the order of the dictionary, so that neighbours are found in the same blocks.
        let mut missing: Vec<String> = playlist.video_keys().take(MAX_COUNTED_ELEMENTS).collect();
        missing.sort_unstable();
        let mut missing: Vec<Term> = missing.iter().map(|key| Term::from_field_text(field, key)).collect();
        let n_elements = missing.len();
        // The largest segments hold most: what is found there need not be looked up in the small ones.
        let mut segments: Vec<_> = self.videos.segments.iter().collect();
        segments.sort_by_key(|segment| std::cmp::Reverse(segment.n_docs()));
        for segment in segments {
            if missing.is_empty() {
                break;
            }
            segment.retain_missing(field, &mut missing).map_err(|source| self.videos.engine(source))?;
        }
        Ok((n_elements - missing.len()) as u64)
    }
}

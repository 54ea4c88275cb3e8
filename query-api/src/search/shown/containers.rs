//! Channels, playlists and groups of which nothing is left to show.

use std::collections::HashSet;

use allowlist::rules::RecordKind;
use indexer::key_hash;
use indexer::stored::StoredPlaylist;
use tantivy::TantivyDocument;
use tantivy::schema::Value;

use super::fields::RuleFields;
use crate::search::SearchIndex;
use crate::search::bits::Bits;
use crate::search::kind::KindIndex;

/// Blocks of stored documents kept while playlists are read: they are read in their order.
const N_BLOCKS: usize = 2;

impl SearchIndex {
    /// Takes out of `channels` and `playlists` those without a video among `videos`; returns how many those are.
    pub(super) fn empty_of_videos(
        &self,
        videos: &[Bits],
        channels: &mut [Bits],
        playlists: &mut [Bits],
    ) -> tantivy::Result<(u64, u64)> {
        let fields = |kind| RuleFields::of(&self.snapshot, kind);
        let living = containers(&self.videos, &fields(RecordKind::Video), videos)?;
        let n_channels = retain(&self.channels, &fields(RecordKind::Channel), channels, &living)?;
        let mut keys: Vec<u64> = Vec::new();
        for (segment, bits) in self.videos.segments.iter().zip(videos) {
            keys.extend(bits.iter().map(|doc| segment.hash(doc)));
        }
        keys.sort_unstable();
        let mut n_playlists = 0;
        let doc_field = self.snapshot.playlist_fields.doc;
        for (segment, bits) in self.playlists.segments.iter().zip(playlists) {
            let store = segment.reader.get_store_reader(N_BLOCKS)?;
            let docs: Vec<u32> = bits.iter().collect();
            for doc in docs {
                let document: TantivyDocument = store.get(doc)?;
                let bytes = document.get_first(doc_field).and_then(|value| value.as_bytes()).unwrap_or_default();
                let playlist: StoredPlaylist = serde_json::from_slice(bytes).map_err(|error| {
                    tantivy::TantivyError::InternalError(format!(
                        "the stored part of playlist {doc} is not ours: {error}"
                    ))
                })?;
                if !playlist.video_keys().any(|key| keys.binary_search(&key_hash(&key)).is_ok()) {
                    bits.remove(doc);
                    n_playlists += 1;
                }
            }
        }
        Ok((n_channels, n_playlists))
    }

    /// Takes out of `groups` those without an event among `events`; returns how many those are.
    pub(super) fn empty_of_events(&self, events: &[Bits], groups: &mut [Bits]) -> tantivy::Result<u64> {
        let fields = |kind| RuleFields::of(&self.snapshot, kind);
        let living = containers(&self.events, &fields(RecordKind::Event), events)?;
        retain(&self.groups, &fields(RecordKind::Group), groups, &living)
    }
}

/// What the documents of `shown` are in.
fn containers(kind: &KindIndex, fields: &RuleFields, shown: &[Bits]) -> tantivy::Result<HashSet<u64>> {
    let mut found = HashSet::new();
    for (segment, bits) in kind.segments.iter().zip(shown) {
        let owners = segment.owners(fields)?;
        bits.for_each(|doc| {
            found.insert(owners.container(doc));
        });
    }
    found.remove(&0);
    Ok(found)
}

fn retain(kind: &KindIndex, fields: &RuleFields, shown: &mut [Bits], living: &HashSet<u64>) -> tantivy::Result<u64> {
    let mut n_hidden = 0;
    for (segment, bits) in kind.segments.iter().zip(shown) {
        let owners = segment.owners(fields)?;
        let docs: Vec<u32> = bits.iter().filter(|doc| !living.contains(&owners.container(*doc))).collect();
        n_hidden += docs.len() as u64;
        docs.into_iter().for_each(|doc| bits.remove(doc));
    }
    Ok(n_hidden)
}

//! A playlist of the journal as the index holds it.

use jiff::Timestamp;
use journal::record::{Element, Playlist};
use tantivy::TantivyDocument;

use super::{add_stems, handle, key_hash, name_key, split_description, stored_actor};
use crate::schema::PlaylistFields;
use crate::stored::{StoredElement, StoredPath, StoredPlaylist};

impl From<&Playlist> for StoredPlaylist {
    fn from(playlist: &Playlist) -> Self {
        let host = playlist.host.as_str();
        let element = |element: &Element| StoredElement {
            host: (element.host != playlist.host).then(|| element.host.as_str().to_owned()),
            uuid: element.uuid,
        };
        let (path, url) = (playlist.thumbnail_path.as_deref(), playlist.thumbnail_url.as_deref());
        Self {
            host: host.to_owned(),
            uuid: playlist.uuid,
            origin_id: playlist.origin_id,
            url: (playlist.url != Self::default_url(host, playlist.uuid)).then(|| playlist.url.clone()),
            display_name: playlist.display_name.clone(),
            description: playlist.description.clone(),
            thumbnail: StoredPath::new(host, path, url),
            embed_path: playlist.embed_path.clone(),
            created_at: playlist.created_at,
            updated_at: playlist.updated_at,
            owner: stored_actor(host, &playlist.owner),
            channel: playlist.channel.as_ref().map(|channel| stored_actor(host, channel)),
            elements: playlist.elements.iter().map(element).collect(),
        }
    }
}

/// The document of a playlist that our crawler saw at `seen_at`; later dates count as `seen_at` where playlists are
/// sorted.
///
/// # Errors
/// As [`super::video_document`].
pub fn playlist_document(
    fields: &PlaylistFields,
    playlist: &Playlist,
    seen_at: Timestamp,
) -> Result<TantivyDocument, serde_json::Error> {
    let stored = StoredPlaylist::from(playlist);
    let key = stored.key();
    let mut document = TantivyDocument::default();
    document.add_text(fields.key, &key);
    document.add_u64(fields.key_hash, key_hash(&key));
    document.add_bytes(fields.doc, &serde_json::to_vec(&stored)?);
    let (scored, _) = split_description(stored.description.as_deref().unwrap_or_default());
    document.add_text(fields.title, &stored.display_name);
    if !scored.is_empty() {
        document.add_text(fields.description, scored);
    }
    for actor in stored.channel.iter().chain([&stored.owner]) {
        document.add_text(fields.channel, actor.display_name());
        if actor.display_name.is_some() {
            document.add_text(fields.channel, &actor.name);
        }
    }
    let texts = (stored.display_name.as_str(), scored);
    add_stems(&mut document, (fields.title_stem, fields.description_stem), texts, None);
    document.add_text(fields.uuid, stored.uuid.hyphenated().to_string());
    document.add_text(fields.host, &stored.host);
    document.add_text(fields.account, handle(&stored.owner, &stored.host));
    if let Some(channel) = &stored.channel {
        document.add_text(fields.channel_handle, handle(channel, &stored.host));
    }
    document.add_i64(fields.created_at, stored.created_at.min(seen_at).as_millisecond());
    document.add_i64(fields.updated_at, stored.updated_at.min(seen_at).as_millisecond());
    document.add_u64(fields.length, stored.elements.len() as u64);
    document.add_text(fields.name_key, name_key(&stored.display_name));
    Ok(document)
}

//! A channel of the journal as the index holds it.

use jiff::Timestamp;
use journal::record::Channel;
use tantivy::TantivyDocument;

use super::{add_stems, handle, key_hash, name_key, split_description, stored_actor, stored_images};
use crate::schema::ChannelFields;
use crate::stored::{StoredChannel, StoredOwner};

impl From<&Channel> for StoredChannel {
    fn from(channel: &Channel) -> Self {
        let host = channel.actor.host.as_str();
        let owner = &channel.owner;
        Self {
            host: host.to_owned(),
            actor: stored_actor(host, &channel.actor),
            banners: stored_images(host, &channel.banners),
            description: channel.description.clone(),
            support: channel.support.clone(),
            n_followers: channel.n_followers,
            n_following: channel.n_following,
            created_at: channel.created_at,
            updated_at: channel.updated_at,
            owner: StoredOwner {
                actor: stored_actor(host, &owner.actor),
                description: owner.description.clone(),
                n_followers: owner.n_followers,
                n_following: owner.n_following,
                created_at: owner.created_at,
                updated_at: owner.updated_at,
            },
        }
    }
}

/// The document of a channel that our crawler saw at `seen_at`; later dates count as `seen_at` where channels are
/// sorted.
///
/// # Errors
/// As [`super::video_document`].
pub fn channel_document(
    fields: &ChannelFields,
    channel: &Channel,
    seen_at: Timestamp,
) -> Result<TantivyDocument, serde_json::Error> {
    let stored = StoredChannel::from(channel);
    let key = stored.key();
    let mut document = TantivyDocument::default();
    document.add_text(fields.key, &key);
    document.add_u64(fields.key_hash, key_hash(&key));
    document.add_bytes(fields.doc, &serde_json::to_vec(&stored)?);
    let title = stored.actor.display_name();
    let (scored, _) = split_description(stored.description.as_deref().unwrap_or_default());
    document.add_text(fields.title, title);
    if !scored.is_empty() {
        document.add_text(fields.description, scored);
    }
    let owner = &stored.owner.actor;
    for name in [&stored.actor.name, &owner.name] {
        document.add_text(fields.channel, name);
    }
    if let Some(display_name) = &owner.display_name {
        document.add_text(fields.channel, display_name);
    }
    add_stems(&mut document, (fields.title_stem, fields.description_stem), (title, scored), None);
    document.add_text(fields.host, &stored.host);
    document.add_text(fields.handle, stored.handle());
    document.add_text(fields.account, handle(owner, &stored.host));
    document.add_i64(fields.created_at, stored.created_at.min(seen_at).as_millisecond());
    document.add_i64(fields.updated_at, stored.updated_at.min(seen_at).as_millisecond());
    document.add_u64(fields.followers, stored.n_followers);
    document.add_text(fields.name_key, name_key(title));
    Ok(document)
}

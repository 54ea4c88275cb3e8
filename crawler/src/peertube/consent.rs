//! The wish of a channel or an account of PeerTube, in its own documents.

use allowlist::Host;

use super::lenient::object;
use super::{text, wire};
use crate::reading::consent::{Consent, description, flag};

/// The wish in the documents of a channel and of its owner.
pub fn of_channel(channel: &wire::Actor, owner: &wire::Actor) -> Consent {
    of_actor(channel, "channel").or(|| of_actor(owner, "account"))
}

/// The wish in an ActivityPub actor, that of a channel (`Group`) or of an account (`Person`). The REST object of a
/// channel or an account is read as well, with its owner.
///
/// # Errors
/// When it is no JSON object, or speaks for an actor of another host.
pub fn parse_actor(json: &[u8], host: &Host) -> Result<Consent, serde_json::Error> {
    let text = std::str::from_utf8(json).map_err(serde::de::Error::custom)?;
    let actor: wire::ApActor = object(text)?;
    let id = actor.id.as_str().or(actor.url.as_str());
    if id.is_some_and(|id| text::names_another_host(id, host)) {
        return Err(serde::de::Error::custom("the actor is one of another host"));
    }
    let whose = match actor.kind.as_str() {
        Some("Group") => "channel",
        Some("Person") => "account",
        _ => "actor",
    };
    let of_flags = flag(&actor.indexable, "indexable", whose)
        .or(|| flag(&actor.discoverable, "discoverable", whose))
        .or(|| flag(&actor.toot_indexable, "indexable", whose))
        .or(|| flag(&actor.toot_discoverable, "discoverable", whose));
    Ok(description(&actor.summary, whose)
        .or(|| description(&actor.description, whose))
        .or(|| of_flags)
        .or(|| actor.owner_account.0.as_ref().map(|owner| of_actor(owner, "account")).unwrap_or_default()))
}

fn of_actor(actor: &wire::Actor, whose: &str) -> Consent {
    description(&actor.description, whose)
        .or(|| flag(&actor.indexable, "indexable", whose))
        .or(|| flag(&actor.discoverable, "discoverable", whose))
}

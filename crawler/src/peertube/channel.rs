//! A channel on its own, with its owner: `GET /api/v1/video-channels/{name}`.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Channel, Owner};

use super::Consent;
use super::actor::to_actor;
use super::consent;
use super::date::date;
use super::image::images;
use super::origin::{Rejection, check_origin, parse_answer};
use super::{text, wire};

/// PeerTube's own limit is 1000.
const MAX_DESCRIPTION_CHARS: usize = 10_000;

/// What a host says of one of its channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelAnswer {
    /// The channel with its owner.
    pub channel: Channel,
    /// Whether the channel and what is in it may be indexed.
    pub consent: Consent,
}

/// Reads the answer of the route of one channel.
///
/// The caller compares the name with the one it asked for. Where this fails, [`consent::parse_actor`] still finds what
/// the same document says of consent.
///
/// # Errors
/// Why it is not a channel of `host`.
pub fn parse_channel(json: &[u8], host: &Host, now: Timestamp) -> Result<ChannelAnswer, Rejection> {
    // Read twice, because raw values cannot be flattened into another object.
    let actor: wire::Actor = parse_answer(json)?;
    let rest: wire::Channel = parse_answer(json)?;
    let owner = rest.owner_account.0.as_ref().ok_or(Rejection::Field("ownerAccount"))?;
    let named = [("host", &actor.host), ("ownerAccount.host", &owner.host)];
    check_origin(rest.is_local.to_bool(), named.into_iter(), &actor.url, host)?;
    let consent = consent::of_channel(&actor, owner);
    let (created, updated) = (date(&actor.created_at, now), date(&actor.updated_at, now));
    let created_at = created.or(updated).ok_or(Rejection::Field("createdAt"))?;
    let updated_at = updated.unwrap_or(created_at);
    let channel = Channel {
        banners: images(&rest.banners, &rest.banner, host, now),
        description: text::block_of(&actor.description, MAX_DESCRIPTION_CHARS),
        support: text::block_of(&rest.support, MAX_DESCRIPTION_CHARS),
        n_followers: actor.followers_count.to_count().unwrap_or(0),
        n_following: actor.following_count.to_count().unwrap_or(0),
        created_at,
        updated_at,
        owner: Owner {
            description: text::block_of(&owner.description, MAX_DESCRIPTION_CHARS),
            n_followers: owner.followers_count.to_count().unwrap_or(0),
            n_following: owner.following_count.to_count().unwrap_or(0),
            created_at: date(&owner.created_at, now).unwrap_or(created_at),
            updated_at: date(&owner.updated_at, now).unwrap_or(updated_at),
            actor: to_actor(owner, host, "accounts", now).ok_or(Rejection::Field("ownerAccount"))?,
        },
        actor: to_actor(&actor, host, "video-channels", now).ok_or(Rejection::Field("name"))?,
    };
    Ok(ChannelAnswer { channel, consent })
}

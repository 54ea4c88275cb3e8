use serde::Serialize;
use utoipa::ToSchema;

use super::event::{LocationObject, whole_metres};
use super::list::{Lighten, write_objects};
use super::pictures::Pictures;
use crate::search::{GroupHit, SearchPage};

/// A page of groups, as Mobilizon reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupList {
    /// Everything that was found; pages reach the first 10 000.
    pub total: usize,
    /// The results of this page.
    pub data: Vec<GroupObject>,
}

/// A group, with the keys that Mobilizon reads and those that its own index had beside them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupObject {
    /// ActivityPub id.
    pub id: String,
    /// The same.
    pub url: String,
    /// Immutable name.
    pub name: String,
    /// Name people see.
    pub display_name: String,
    /// Instance.
    pub host: String,
    /// Summary as clean HTML; null when there is none, or when the page would be too heavy.
    pub description: Option<String>,
    /// On the host of this index; null where there is none, or no picture can be had.
    pub avatar: Option<String>,
    /// On the host of this index; null where there is none, or no picture can be had.
    pub banner: Option<String>,
    /// Members, when known.
    pub member_count: Option<u64>,
    /// Followers, when known.
    pub followers_count: Option<u64>,
    /// Public events it has organised, as its instance counts them.
    pub event_count: Option<u64>,
    /// `open`, `moderated` or `invite_only`, when known.
    pub openness: Option<String>,
    /// Where it is at home.
    pub location: Option<LocationObject>,
    /// Relevance; comparable within one answer only.
    pub score: f32,
    /// Metres from the point that was asked for, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<u64>,
}

/// What a client can do without.
pub(super) const LIGHTEN: [Lighten<GroupObject>; 1] = [|group| group.description = None];

impl GroupList {
    /// Writes a page as JSON, below three megabytes whatever the origins sent.
    ///
    /// # Errors
    /// Never with these types; the signature is that of the writer.
    pub fn to_json(page: SearchPage<GroupHit>, pictures: &Pictures) -> Result<Vec<u8>, serde_json::Error> {
        write_objects(page.n_found, page.hits, |hit| GroupObject::new(hit, pictures), &LIGHTEN)
    }
}

impl GroupObject {
    /// The object of a hit.
    pub fn new(GroupHit { group, score, distance_m }: GroupHit, pictures: &Pictures) -> Self {
        let actor = &group.actor;
        Self {
            id: actor.url.clone(),
            url: actor.url.clone(),
            name: actor.name.clone(),
            display_name: actor.display_name().to_owned(),
            avatar: pictures.avatar(actor, &group.host, &group.host),
            banner: pictures.of_group(&group),
            location: group.address.as_ref().map(LocationObject::new),
            description: group.summary,
            member_count: group.n_members,
            followers_count: group.n_followers,
            event_count: group.n_events,
            openness: group.openness,
            host: group.host,
            score,
            distance: distance_m.map(whole_metres),
        }
    }
}

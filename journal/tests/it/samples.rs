//! Records for the tests of this folder.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Actor, Channel, Element, Image, Labelled, Owner, Playlist, Video, VideoDetail};
use journal::{Body, Entry, Record, TombstoneReason};
use uuid::Uuid;

/// The time of every sample.
pub fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

/// A video of `host` that uses every field.
pub fn video(host: &str, number: u128, name: &str) -> Video {
    let host: Host = host.parse().unwrap();
    let actor = |name: &str| actor(&host, name);
    let uuid = Uuid::from_u128(0x9c9d_e5e8_0a1e_484a_b099_0000_0000_0000 + number);
    Video {
        uuid,
        origin_id: 17,
        url: format!("https://{host}/videos/watch/{uuid}"),
        name: name.to_owned(),
        truncated_description: Some("A short text...".to_owned()),
        category: Some(Labelled { id: 15, label: "Science & Technology".to_owned() }),
        licence: Some(Labelled { id: 2, label: "Attribution - Share Alike".to_owned() }),
        language: Some(Labelled { id: "en".to_owned(), label: "English".to_owned() }),
        nsfw: true,
        nsfw_flags: 5,
        nsfw_summary: Some("Loud".to_owned()),
        is_live: true,
        duration_s: 113,
        aspect_ratio: Some(1.7778),
        views: 12,
        viewers: 3,
        likes: 4,
        dislikes: 1,
        comments: Some(0),
        thumbnail_path: Some("/lazy-static/thumbnails/t.jpg".to_owned()),
        thumbnail_url: Some(format!("https://{host}/lazy-static/thumbnails/t.jpg")),
        preview_path: None,
        preview_url: None,
        embed_path: format!("/videos/embed/{uuid}"),
        created_at: now(),
        updated_at: now(),
        published_at: now(),
        originally_published_at: Some("1969-07-20T20:17:40.123Z".parse().unwrap()),
        account: actor("account"),
        channel: actor("channel"),
        detail: Some(VideoDetail {
            description: Some("A long text".to_owned()),
            tags: vec!["tag one".to_owned(), "étiquette".to_owned()],
            support: None,
            of_updated_at: Some(now()),
        }),
        host,
    }
}

/// The entry that a video was seen.
pub fn seen(video: Video) -> Entry {
    Entry { seen_at: now(), body: Body::Record(Record::Video(Box::new(video))) }
}

/// The entry that a video is gone.
pub fn gone(video: &Video) -> Entry {
    Entry { seen_at: now(), body: Body::Tombstone { id: video.record_id(), reason: TombstoneReason::Deleted } }
}

/// An actor of `host` with one avatar.
fn actor(host: &Host, name: &str) -> Actor {
    Actor {
        origin_id: 7,
        name: name.to_owned(),
        display_name: format!("The {name}"),
        url: format!("https://{host}/accounts/{name}"),
        host: host.clone(),
        avatars: vec![image(host, "/lazy-static/avatars/a.png")],
    }
}

fn image(host: &Host, path: &str) -> Image {
    Image {
        path: Some(path.to_owned()),
        url: format!("https://{host}{path}"),
        width: Some(48),
        height: None,
        created_at: Some(now()),
        updated_at: None,
    }
}

/// A channel of `host` that uses every field.
pub fn channel(host: &str, name: &str) -> Channel {
    let host: Host = host.parse().unwrap();
    Channel {
        actor: actor(&host, name),
        banners: vec![image(&host, "/lazy-static/banners/b.png")],
        description: Some("About looms".to_owned()),
        support: Some("By post".to_owned()),
        n_followers: 5,
        n_following: 1,
        created_at: now(),
        updated_at: now(),
        owner: Owner {
            actor: actor(&host, "anna"),
            description: Some("A weaver".to_owned()),
            n_followers: 2,
            n_following: 3,
            created_at: now(),
            updated_at: now(),
        },
    }
}

/// A playlist of `host` that uses every field, with an element of its own and one of another instance.
pub fn playlist(host: &str, number: u128) -> Playlist {
    let host: Host = host.parse().unwrap();
    let uuid = Uuid::from_u128(0x7380_4a40_da9a_40c2_b1eb_0000_0000_0000 + number);
    Playlist {
        uuid,
        origin_id: 4,
        url: format!("https://{host}/video-playlists/{uuid}"),
        display_name: "All about looms".to_owned(),
        description: Some("In order".to_owned()),
        thumbnail_path: Some("/lazy-static/thumbnails/p.jpg".to_owned()),
        thumbnail_url: Some(format!("https://{host}/lazy-static/thumbnails/p.jpg")),
        embed_path: format!("/video-playlists/embed/{uuid}"),
        created_at: now(),
        updated_at: now(),
        owner: actor(&host, "anna"),
        channel: Some(actor(&host, "looms")),
        elements: vec![
            Element { host: host.clone(), uuid: Uuid::from_u128(1) },
            Element { host: "other.example".parse().unwrap(), uuid: Uuid::from_u128(2) },
        ],
        host,
    }
}

//! Records for the tests of this folder.

use allowlist::Host;
use jiff::{SignedDuration, Timestamp};
use journal::record::{
    Actor, Address, Channel, Element, Event, EventStatus, EventTime, Group, Image, JoinMode, Labelled, Openness, Owner,
    Playlist, Point, Video, VideoDetail,
};
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

fn address(host: &Host) -> Address {
    Address {
        url: Some(format!("https://{host}/address/7d0a4c3e-91b5-4f0e-8a2c-6b1e5d9f3a20")),
        name: Some("The hall".to_owned()),
        street: Some("12 Example Quay".to_owned()),
        locality: Some("Brest".to_owned()),
        postal_code: Some("29200".to_owned()),
        region: Some("Brittany".to_owned()),
        country: Some("France".to_owned()),
        point: Point::new(48.3833905, -4.486076799999999),
    }
}

/// An event of `host` that uses every field.
pub fn event(host: &str, number: u128) -> Event {
    let host: Host = host.parse().unwrap();
    let uuid = Uuid::from_u128(0x5b0f_6f5e_3c1d_4c52_9d0a_0000_0000_0000 + number);
    Event {
        origin_id: uuid.to_string(),
        url: format!("https://{host}/events/{uuid}"),
        page_url: Some(format!("https://{host}/event/dances")),
        title: "Dances".to_owned(),
        description: Some("<p>Three dances</p>".to_owned()),
        time: EventTime {
            starts_at: now(),
            ends_at: Some(now() + SignedDuration::from_hours(2)),
            time_zone: Some("Europe/Paris".to_owned()),
            shows_start_time: false,
            shows_end_time: true,
        },
        status: EventStatus::Cancelled,
        join_mode: Some(JoinMode::External),
        external_participation_url: Some("https://tickets.example/1".to_owned()),
        category: Some("SPORTS".to_owned()),
        language: Some("fr".to_owned()),
        pictures: vec![image(&host, "/media/a.jpg")],
        tags: vec!["Danse".to_owned(), "Écosse".to_owned()],
        organizer: Some(actor(&host, "anna")),
        group: Some(actor(&"other.example".parse().unwrap(), "dancers")),
        address: Some(address(&host)),
        is_online: true,
        online_address: Some("https://dances.example/".to_owned()),
        n_participants: Some(0),
        capacity: Some(20),
        anonymous_participation: Some(true),
        metadata: vec![("mz:accessibility:wheelchairAccessible".to_owned(), "fully".to_owned())],
        series: Some("17".to_owned()),
        published_at: Some(now()),
        updated_at: Some(now()),
        host,
    }
}

/// A group of `host` that uses every field.
pub fn group(host: &str, name: &str) -> Group {
    let host: Host = host.parse().unwrap();
    Group {
        actor: actor(&host, name),
        banners: vec![image(&host, "/media/b.jpg")],
        summary: Some("<p>We dance</p>".to_owned()),
        address: Some(address(&host)),
        openness: Some(Openness::InviteOnly),
        n_members: Some(13),
        n_followers: Some(4),
        n_events: Some(7),
        first_seen_at: now(),
    }
}

//! Every filter and order of channels and playlists against the plainest possible implementation.

use std::cmp::Ordering;

use journal::record::{Channel, Element, Playlist, Video};
use proptest::prelude::*;
use query_api::SearchIndex;
use query_api::query::{
    ChannelFilter, ChannelQuery, HostFilter, OriginFilter, PlaylistFilter, PlaylistQuery, Sort, SortKey, TextQuery,
};
use query_api::search::Deadline;

use crate::fixture::{channel_on, playlist_on, publish_records, records, video_on};

const HOSTS: [&str; 3] = ["a.example", "b.example", "c.example"];
const OWNERS: [&str; 2] = ["ada", "Bob"];
const TITLES: [&str; 3] = ["whale song", "whale", "song"];
const HANDLES: [&str; 3] = ["c3@a.example", "c4@b.example", "c5@nowhere.example"];

/// Numbers below `n`, spread without a pattern.
fn pick(seed: u64, shift: u32, n: u64) -> usize {
    usize::try_from((seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) % n).unwrap()
}

fn videos() -> Vec<Video> {
    (0..300_u64)
        .map(|n| {
            let mut video = video_on(HOSTS[pick(n, 3, 3)], n, "any");
            video.channel.name = format!("C{}", pick(n, 11, 40));
            video
        })
        .collect()
}

fn channels() -> Vec<Channel> {
    (0..120_u64)
        .map(|n| {
            let mut channel = channel_on(HOSTS[pick(n, 5, 3)], &format!("c{n}"), TITLES[pick(n, 7, 3)]);
            channel.description = None;
            channel.owner.actor.name = OWNERS[pick(n, 13, 2)].to_owned();
            channel.created_at += jiff::SignedDuration::from_hours(i64::try_from(pick(n, 17, 20)).unwrap());
            channel.updated_at += jiff::SignedDuration::from_hours(i64::try_from(pick(n, 19, 20)).unwrap());
            channel
        })
        .collect()
}

fn playlists(videos: &[Video]) -> Vec<Playlist> {
    (0..120_u64)
        .map(|n| {
            let mut playlist = playlist_on(HOSTS[pick(n, 5, 3)], n, TITLES[pick(n, 7, 3)], &[]);
            playlist.description = None;
            playlist.owner.name = OWNERS[pick(n, 13, 2)].to_owned();
            playlist.created_at += jiff::SignedDuration::from_hours(i64::try_from(pick(n, 17, 20)).unwrap());
            playlist.updated_at += jiff::SignedDuration::from_hours(i64::try_from(pick(n, 19, 20)).unwrap());
            let element = |shift: u32| {
                let video = &videos[pick(n, shift, 300)];
                // Some are of another host than the video, so they are none that is known.
                let host = if pick(n, shift + 1, 4) == 0 { HOSTS[0].parse().unwrap() } else { video.host.clone() };
                Element { host, uuid: video.uuid }
            };
            playlist.elements = (20..20 + u32::try_from(pick(n, 23, 10)).unwrap()).map(element).collect();
            playlist
        })
        .collect()
}

/// What both kinds are filtered and ordered by.
struct Facts {
    host: String,
    owner: String,
    title: String,
    created_ms: i64,
    updated_ms: i64,
    hash: u64,
}

impl Facts {
    fn of_channel(channel: &Channel) -> Self {
        Self {
            host: channel.actor.host.to_string(),
            owner: format!("{}@{}", channel.owner.actor.name.to_lowercase(), channel.actor.host),
            title: channel.actor.display_name.clone(),
            created_ms: channel.created_at.as_millisecond(),
            updated_ms: channel.updated_at.as_millisecond(),
            hash: indexer::key_hash(&channel.record_id().to_string()),
        }
    }

    fn of_playlist(playlist: &Playlist) -> Self {
        Self {
            host: playlist.host.to_string(),
            owner: format!("{}@{}", playlist.owner.name.to_lowercase(), playlist.host),
            title: playlist.display_name.clone(),
            created_ms: playlist.created_at.as_millisecond(),
            updated_ms: playlist.updated_at.as_millisecond(),
            hash: indexer::key_hash(&playlist.record_id().to_string()),
        }
    }

    fn passes(&self, text: Option<&str>, filter: &OriginFilter) -> bool {
        text.is_none_or(|text| text.split(' ').all(|word| self.title.contains(word)))
            && filter.host.as_ref().is_none_or(|host| *host == HostFilter::Is(self.host.clone()))
            && !filter.blocked_hosts.contains(&self.host)
            && !filter.blocked_accounts.contains(&self.owner)
    }

    /// `None` where the order is that of relevance.
    fn compare(&self, other: &Self, text: Option<&str>, sort: Sort) -> Option<Ordering> {
        let by_key = match sort.key {
            SortKey::Name => self.title.cmp(&other.title),
            SortKey::CreatedAt => self.created_ms.cmp(&other.created_ms),
            _ if text.is_none() => self.updated_ms.cmp(&other.updated_ms),
            _ => return None,
        };
        let by_key = if sort.descending { by_key.reverse() } else { by_key };
        Some(by_key.then(self.hash.cmp(&other.hash)))
    }
}

fn some_of(items: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(items, 0..=items.len().min(2))
        .prop_map(|items| items.into_iter().map(str::to_owned).collect())
}

fn origins() -> impl Strategy<Value = OriginFilter> {
    let hosts = vec![HostFilter::Is(HOSTS[0].to_owned()), HostFilter::Is(HOSTS[1].to_owned()), HostFilter::Nothing];
    let parts = (
        prop::option::weighted(0.3, prop::sample::select(hosts)),
        some_of(&HOSTS[..2]),
        some_of(&["ada@a.example", "bob@b.example"]),
    );
    parts.prop_map(|(host, blocked_hosts, blocked_accounts)| OriginFilter { host, blocked_hosts, blocked_accounts })
}

fn sorts() -> impl Strategy<Value = Sort> {
    let keys = vec![SortKey::Match, SortKey::Name, SortKey::CreatedAt];
    (prop::sample::select(keys), any::<bool>())
        .prop_map(|(key, descending)| Sort { key, descending: descending || key == SortKey::Match })
}

fn texts() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, None, Some("whale"), Some("whale song")])
}

/// What a page must be: the total, and the keys in order; sorted by key where relevance decides.
fn expected<'a, T>(
    all: &'a [T],
    facts: impl Fn(&T) -> Facts,
    passes: impl Fn(&T, &Facts) -> bool,
    text: Option<&str>,
    sort: Sort,
) -> (Vec<&'a T>, bool) {
    let mut found: Vec<(&T, Facts)> =
        all.iter().map(|record| (record, facts(record))).filter(|(record, facts)| passes(record, facts)).collect();
    let is_ordered = sort.key != SortKey::Match || text.is_none();
    if is_ordered {
        found.sort_by(|(_, left), (_, right)| left.compare(right, text, sort).unwrap());
    }
    (found.into_iter().map(|(record, _)| record).collect(), is_ordered)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Two commits and rewritten documents: several segments, some with deleted documents.
fn index(dir: &std::path::Path, videos: &[Video], channels: &[Channel], playlists: &[Playlist]) -> SearchIndex {
    publish_records(dir, 1, &records(&videos[..200], &channels[..80], &playlists[..80]));
    publish_records(dir, 10_000, &records(&videos[100..], &channels[40..], &playlists[40..]));
    SearchIndex::open(indexer::Snapshot::open_current(dir).unwrap(), None).unwrap()
}

#[test]
fn every_filter_and_order_of_channels_agrees_with_a_plain_loop() {
    let dir = tempfile::tempdir().unwrap();
    let (videos, channels) = (videos(), channels());
    let index = index(dir.path(), &videos, &channels, &playlists(&videos));
    let handles = prop::option::weighted(0.2, some_of(&HANDLES));
    let cases = (origins(), handles, sorts(), texts(), 0_usize..50);
    proptest!(config(300), |((origin, handles, sort, text, start) in cases)| {
        let passes = |channel: &Channel, facts: &Facts| {
            let handle = format!("{}@{}", channel.actor.name, channel.actor.host);
            facts.passes(text, &origin) && handles.as_ref().is_none_or(|handles| handles.contains(&handle))
        };
        let (expected, is_ordered) = expected(&channels, Facts::of_channel, passes, text, sort);
        let query = ChannelQuery {
            text: text.map(TextQuery::parse),
            start,
            count: 100,
            sort,
            filter: ChannelFilter { origin: origin.clone(), handles: handles.clone() },
        };
        let page = index.search_channels(&query, Deadline::none()).unwrap();
        prop_assert_eq!(page.total, expected.len());
        prop_assert_eq!(page.hits.len(), expected.len().saturating_sub(start).min(100));
        let found: Vec<String> = page.hits.iter().map(|hit| hit.channel.key()).collect();
        let key = |channel: &&Channel| channel.record_id().to_string();
        if is_ordered {
            prop_assert_eq!(found, expected.iter().skip(start).take(100).map(key).collect::<Vec<_>>());
        } else {
            let expected: Vec<String> = expected.iter().map(key).collect();
            prop_assert!(found.iter().all(|key| expected.contains(key)));
        }
        for hit in &page.hits {
            let of_channel = |video: &&Video| {
                video.host.as_str() == hit.channel.host && video.channel.name.to_lowercase() == hit.channel.actor.name
            };
            prop_assert_eq!(hit.n_videos, videos.iter().filter(of_channel).count() as u64);
        }
    });
}

#[test]
fn every_filter_and_order_of_playlists_agrees_with_a_plain_loop() {
    let dir = tempfile::tempdir().unwrap();
    let videos = videos();
    let playlists = playlists(&videos);
    let index = index(dir.path(), &videos, &channels(), &playlists);
    let known: Vec<uuid::Uuid> = playlists[..3].iter().map(|playlist| playlist.uuid).collect();
    let uuids = prop::option::weighted(0.2, prop::sample::subsequence(known, 0..=2));
    let cases = (origins(), uuids, sorts(), texts(), 0_usize..50);
    proptest!(config(300), |((origin, uuids, sort, text, start) in cases)| {
        let passes = |playlist: &Playlist, facts: &Facts| {
            facts.passes(text, &origin) && uuids.as_ref().is_none_or(|uuids| uuids.contains(&playlist.uuid))
        };
        let (expected, is_ordered) = expected(&playlists, Facts::of_playlist, passes, text, sort);
        let query = PlaylistQuery {
            text: text.map(TextQuery::parse),
            start,
            count: 100,
            sort,
            filter: PlaylistFilter { origin: origin.clone(), uuids: uuids.clone() },
        };
        let page = index.search_playlists(&query, Deadline::none()).unwrap();
        prop_assert_eq!(page.total, expected.len());
        prop_assert_eq!(page.hits.len(), expected.len().saturating_sub(start).min(100));
        let found: Vec<String> = page.hits.iter().map(|hit| hit.playlist.key()).collect();
        let key = |playlist: &&Playlist| playlist.record_id().to_string();
        if is_ordered {
            prop_assert_eq!(found, expected.iter().skip(start).take(100).map(key).collect::<Vec<_>>());
        } else {
            let expected: Vec<String> = expected.iter().map(key).collect();
            prop_assert!(found.iter().all(|key| expected.contains(key)));
        }
        for hit in &page.hits {
            let playlist = playlists.iter().find(|playlist| playlist.uuid == hit.playlist.uuid).unwrap();
            let is_known = |element: &&Element| {
                videos.iter().any(|video| video.host == element.host && video.uuid == element.uuid)
            };
            prop_assert_eq!(hit.n_videos, playlist.elements.iter().filter(is_known).count() as u64);
        }
    });
}

//! Every filter and order against the plainest possible implementation.

use journal::record::{Labelled, Video};
use proptest::prelude::*;
use query_api::SearchIndex;
use query_api::query::{Bounds, HostFilter, Nsfw, OriginFilter, Sort, SortKey, TextQuery, VideoFilter, VideoQuery};
use query_api::search::Deadline;

use crate::fixture::{publish, time, video_on, with_tags};

const HOSTS: [&str; 3] = ["a.example", "b.example", "c.example"];
const LANGUAGES: [Option<&str>; 3] = [Some("en"), Some("fr"), None];
const TAGS: [&[&str]; 4] = [&[], &["One"], &["two"], &["one", "TWO"]];

/// Videos that differ in everything that can be filtered or sorted by, spread without a pattern.
pub fn videos() -> Vec<Video> {
    (0..400_u64)
        .map(|n| {
            let mix = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let pick = |shift: u32, n: u64| usize::try_from((mix >> shift) % n).unwrap();
            let mut video = video_on(HOSTS[pick(3, 3)], n, ["whale song", "whale", "song"][pick(40, 3)]);
            video = with_tags(video, TAGS[pick(7, 4)]);
            video.language = LANGUAGES[pick(11, 3)].map(|id| Labelled { id: id.to_owned(), label: id.to_owned() });
            video.category = [Some(1), Some(2), None][pick(13, 3)].map(|id| Labelled { id, label: "c".to_owned() });
            video.licence = [Some(1), None][pick(17, 2)].map(|id| Labelled { id, label: "l".to_owned() });
            video.nsfw = pick(19, 2) == 1;
            video.nsfw_flags = u32::try_from(pick(23, 4)).unwrap();
            video.is_live = pick(29, 5) == 0;
            video.duration_s = u32::try_from(pick(31, 10)).unwrap() * 60;
            video.views = u64::try_from(pick(37, 6)).unwrap();
            video.published_at =
                time("2024-01-01T00:00:00Z") + jiff::SignedDuration::from_hours(i64::try_from(pick(5, 50)).unwrap());
            video.originally_published_at = (pick(43, 2) == 0).then_some(video.published_at);
            video.account.name = ["ada", "bob"][pick(47, 2)].to_owned();
            video.truncated_description = None;
            video
        })
        .collect()
}

pub fn passes(video: &Video, filter: &VideoFilter) -> bool {
    let within = |bounds: Bounds, value: i64| {
        bounds.min.is_none_or(|min| value >= min) && bounds.max.is_none_or(|max| value <= max)
    };
    let any = |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item == value);
    let number = |list: &[i64], value: Option<i64>| list.is_empty() || value.is_some_and(|value| list.contains(&value));
    let tags: Vec<String> = video
        .detail
        .as_ref()
        .map(|detail| detail.tags.iter().map(|tag| tag.to_lowercase()).collect())
        .unwrap_or_default();
    let base = match filter.nsfw {
        Nsfw::Show => true,
        Nsfw::Only => video.nsfw,
        Nsfw::Hide => !video.nsfw,
    };
    let account = format!("{}@{}", video.account.name, video.host);
    (base || (video.nsfw && video.nsfw_flags & filter.nsfw_flags_included != 0))
        && video.nsfw_flags & filter.nsfw_flags_excluded == 0
        && filter.is_live.is_none_or(|live| live == video.is_live)
        && filter.origin.host.as_ref().is_none_or(|host| *host == HostFilter::Is(video.host.to_string()))
        && !filter.origin.blocked_hosts.contains(&video.host.to_string())
        && !filter.origin.blocked_accounts.contains(&account)
        && number(&filter.categories, video.category.as_ref().map(|category| category.id))
        && number(&filter.licences, video.licence.as_ref().map(|licence| licence.id))
        && any(&filter.languages, video.language.as_ref().map_or("_unknown", |language| &language.id))
        && (filter.tags_one_of.is_empty() || filter.tags_one_of.iter().any(|tag| tags.contains(tag)))
        && filter.tags_all_of.iter().all(|tag| tags.contains(tag))
        && within(filter.published_ms, video.published_at.as_millisecond())
        && match video.originally_published_at {
            Some(at) => within(filter.originally_published_ms, at.as_millisecond()),
            None => filter.originally_published_ms.is_open(),
        }
        && within(filter.duration_s, i64::from(video.duration_s))
}

fn bounds(range: std::ops::Range<i64>) -> impl Strategy<Value = Bounds> {
    (prop::option::weighted(0.3, range.clone()), prop::option::weighted(0.3, range))
        .prop_map(|(min, max)| Bounds { min, max })
}

fn some_of(items: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(items, 0..=items.len().min(2))
        .prop_map(|items| items.into_iter().map(str::to_owned).collect())
}

pub fn filters() -> impl Strategy<Value = VideoFilter> {
    let hour = 3_600_000;
    let start = time("2024-01-01T00:00:00Z").as_millisecond();
    let first = (
        prop::sample::select(vec![Nsfw::Show, Nsfw::Only, Nsfw::Hide]),
        0_u32..4,
        prop::sample::select(vec![0_u32, 0, 1, 2]),
        prop::option::weighted(0.2, any::<bool>()),
        prop::option::weighted(0.2, prop::sample::select(HOSTS.to_vec())),
        some_of(&HOSTS[..2]),
        some_of(&["ada@a.example", "bob@b.example"]),
    );
    let second = (
        prop::sample::subsequence(vec![1_i64, 2], 0..=2),
        prop::sample::subsequence(vec![1_i64], 0..=1),
        some_of(&["_unknown", "en", "fr"]),
        some_of(&["one", "two"]),
        some_of(&["one"]),
        bounds(start..start + 50 * hour),
        bounds(start..start + 50 * hour),
        bounds(0..600),
    );
    (first, second).prop_map(|(first, second)| VideoFilter {
        nsfw: first.0,
        nsfw_flags_included: first.1,
        nsfw_flags_excluded: first.2,
        is_live: first.3,
        origin: OriginFilter {
            host: first.4.map(|host| HostFilter::Is(host.to_owned())),
            blocked_hosts: first.5,
            blocked_accounts: first.6,
        },
        categories: second.0,
        licences: second.1,
        languages: second.2,
        tags_one_of: second.3,
        tags_all_of: second.4,
        published_ms: second.5,
        originally_published_ms: second.6,
        duration_s: second.7,
        uuids: None,
    })
}

#[test]
fn every_filter_and_order_agrees_with_a_plain_loop() {
    let dir = tempfile::tempdir().unwrap();
    let videos = videos();
    // Two commits and rewritten documents: several segments, some with deleted documents.
    publish(dir.path(), 1, &videos[..300]);
    publish(dir.path(), 1000, &videos[150..]);
    let index = SearchIndex::open(indexer::Snapshot::open_current(dir.path()).unwrap(), None).unwrap();
    let sorts = vec![SortKey::Match, SortKey::PublishedAt, SortKey::Views, SortKey::Duration, SortKey::Name];
    let texts = vec![None, None, Some("whale"), Some("whale song")];
    let cases = (filters(), prop::sample::select(sorts), any::<bool>(), prop::sample::select(texts), 0_usize..50);
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |((filter, key, descending, text, start) in cases)| {
        let has_words = |video: &Video| text.is_none_or(|text| text.split(' ').all(|word| video.name.contains(word)));
        let mut expected: Vec<&Video> =
            videos.iter().filter(|video| has_words(video) && passes(video, &filter)).collect();
        let query = VideoQuery {
            text: text.map(TextQuery::parse),
            start,
            count: 100,
            sort: Sort { key, descending: descending || key == SortKey::Match },
            filter,
            ..VideoQuery::default()
        };
        let page = index.search(&query, Deadline::none()).unwrap();
        prop_assert_eq!(page.total, expected.len());
        let found: Vec<_> = page.hits.iter().map(|hit| (hit.video.host.clone(), hit.video.uuid)).collect();
        prop_assert_eq!(found.len(), expected.len().saturating_sub(start).min(100));
        if key != SortKey::Match {
            let hash = |video: &Video| indexer::key_hash(&video.record_id().to_string());
            expected.sort_by(|left, right| {
                let by_key = match key {
                    SortKey::PublishedAt => left.published_at.cmp(&right.published_at),
                    SortKey::Views => left.views.cmp(&right.views),
                    SortKey::Duration => left.duration_s.cmp(&right.duration_s),
                    _ => left.name.cmp(&right.name),
                };
                let by_key = if descending { by_key.reverse() } else { by_key };
                by_key.then_with(|| hash(left).cmp(&hash(right)))
            });
            let expected: Vec<_> =
                expected.iter().skip(start).take(100).map(|video| (video.host.to_string(), video.uuid)).collect();
            prop_assert_eq!(found, expected);
        }
    });
}

//! Facet counts against the plainest possible implementation, and what they must not count.

use std::collections::BTreeMap;

use indexer::{Indexer, Options, Snapshot};
use jiff::{SignedDuration, Timestamp};
use journal::record::{Labelled, Record, Video};
use journal::{Body as EntryBody, Entry, Offset, TombstoneReason};
use proptest::prelude::*;
use query_api::SearchIndex;
use query_api::query::{Bounds, Nsfw, TextQuery, VideoFilter, VideoQuery};
use query_api::search::{Deadline, Facet, FacetCounts, FacetRequest, KindFilter};
use serde_json::{Value, json};

use crate::fixture::{Site, channel_on, playlist_on, publish, publish_entries, records, video, video_on, with_tags};
use crate::oracle::{filters, passes, videos};

fn open(dir: &std::path::Path) -> SearchIndex {
    SearchIndex::open(Snapshot::open_current(dir).unwrap(), None).unwrap()
}

fn count(
    index: &SearchIndex,
    filter: &VideoFilter,
    text: Option<&str>,
    facets: &[Facet],
    size: usize,
) -> Vec<FacetCounts> {
    let query = VideoQuery { text: text.map(TextQuery::parse), filter: filter.clone(), ..VideoQuery::default() };
    let page = index.search_with_matches(&query, Deadline::none()).unwrap();
    let request = FacetRequest { facets: facets.to_vec(), size };
    let filter = KindFilter::Videos(Box::new(filter.clone()));
    index.facets(&filter, page.matches.as_ref(), &request, Deadline::none()).unwrap().to_vec()
}

/// The values that a video has in a facet whose values are listed.
fn values_of(facet: Facet, video: &Video) -> Vec<String> {
    let one = |value: Option<String>| value.into_iter().collect();
    match facet {
        Facet::Category => one(video.category.as_ref().map(|category| category.id.to_string())),
        Facet::Licence => one(video.licence.as_ref().map(|licence| licence.id.to_string())),
        Facet::Language => vec![video.language.as_ref().map_or("_unknown".to_owned(), |language| language.id.clone())],
        Facet::Tag => video
            .detail
            .as_ref()
            .map(|detail| detail.tags.iter().map(|tag| tag.to_lowercase()).collect())
            .unwrap_or_default(),
        Facet::Host => vec![video.host.to_string()],
        Facet::IsLive => vec![video.is_live.to_string()],
        Facet::Nsfw => vec![video.nsfw.to_string()],
        Facet::Duration => vec![match video.duration_s {
            0..=240 => "short".to_owned(),
            241..=600 => "medium".to_owned(),
            _ => "long".to_owned(),
        }],
        // Published is counted by dates; the others are of other kinds.
        _ => Vec::new(),
    }
}

fn without_own(facet: Facet, filter: &VideoFilter) -> VideoFilter {
    let mut others = filter.clone();
    match facet {
        Facet::Category => others.categories.clear(),
        Facet::Licence => others.licences.clear(),
        Facet::Language => others.languages.clear(),
        Facet::Tag => others.tags_one_of.clear(),
        Facet::Host => others.origin.host = None,
        Facet::Duration => others.duration_s = Bounds::default(),
        Facet::Published => others.published_ms = Bounds::default(),
        Facet::IsLive => others.is_live = None,
        _ => {}
    }
    others
}

// case 120
#[test]
fn every_facet_agrees_with_a_plain_loop_whatever_the_words_and_filters() {
    let dir = tempfile::tempdir().unwrap();
    let videos = videos();
    // Two commits and rewritten documents: several segments, some with deleted documents.
    publish(dir.path(), 1, &videos[..300]);
    publish(dir.path(), 1000, &videos[150..]);
    let index = open(dir.path());
    let texts = vec![None, None, Some("whale"), Some("whale song")];
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |((filter, text) in (filters(), prop::sample::select(texts)))| {
        let has_words = |video: &Video| text.is_none_or(|text| text.split(' ').all(|word| video.name.contains(word)));
        for counts in count(&index, &filter, text, &Facet::ALL, 100) {
            if counts.facet == Facet::Published {
                continue;
            }
            let others = without_own(counts.facet, &filter);
            let mut expected: BTreeMap<String, usize> = BTreeMap::new();
            for video in videos.iter().filter(|video| has_words(video) && passes(video, &others)) {
                for value in values_of(counts.facet, video) {
                    *expected.entry(value).or_default() += 1;
                }
            }
            let found: BTreeMap<String, usize> =
                counts.values.iter().filter(|value| value.count > 0).map(|value| (value.id.clone(), value.count)).collect();
            prop_assert_eq!(&found, &expected, "{:?}", counts.facet);
            prop_assert!(!counts.is_approximate && !counts.has_more);
        }
    });
}

fn facet(answer: &Value, kind: &str, name: &str) -> BTreeMap<String, u64> {
    let values = answer["facets"][kind][name]["values"].as_array().unwrap();
    values.iter().map(|value| (value["id"].as_str().unwrap().to_owned(), value["count"].as_u64().unwrap())).collect()
}

fn counts<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.map(|(id, n)| (id.to_owned(), n)).into()
}

fn in_category(n: u64, id: i64, label: &str) -> Video {
    let mut video = video(n, "whale");
    video.category = Some(Labelled { id, label: label.to_owned() });
    video
}

#[tokio::test]
async fn a_choice_hides_other_facets_values_but_not_its_own() {
    let mut french = in_category(1, 1, "Music");
    french.language = Some(Labelled { id: "fr".to_owned(), label: "French".to_owned() });
    let site = Site::new(&[french, in_category(2, 1, "Music"), in_category(3, 2, "Films"), in_category(4, 2, "Films")]);
    for words in ["", "search=whale&"] {
        let answer =
            site.ask(&format!("/api/v1/search?{words}kinds=video&facets=category,language&categoryOneOf=1")).await;
        assert_eq!(answer["kinds"]["video"]["total"], 2);
        assert_eq!(facet(&answer, "video", "category"), counts([("1", 2), ("2", 2)]));
        assert_eq!(facet(&answer, "video", "language"), counts([("en", 1), ("fr", 1)]));
        let values = &answer["facets"]["video"]["category"]["values"];
        assert_eq!(
            values[0],
            json!({
                "id": "1", "label": "Music", "count": 2, "isSelected": true, "params": {"categoryOneOf": "1"},
            })
        );
        assert_eq!(values[1]["isSelected"], false);
        assert_eq!(answer["facets"]["video"].as_object().unwrap().len(), 2, "only what was asked for");
    }
}

#[tokio::test]
async fn a_facet_is_cut_to_its_size_and_keeps_what_was_chosen() {
    let tagged: Vec<Video> = (1..=30)
        .map(|n| {
            let names: Vec<String> = (n..=30).map(|tag| format!("Tag {tag:02}")).collect();
            with_tags(video(n, "whale"), &names.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    let site = Site::new(&tagged);
    for words in ["", "search=whale&"] {
        let answer = site
            .ask(
                &format!("/api/v1/search?{words}kinds=video&facets=tag&facetSize=2&tagsOneOf=tag 03&tagsOneOf=none")
                    .replace(' ', "+"),
            )
            .await;
        let tags = &answer["facets"]["video"]["tag"];
        let listed: Vec<(&str, &str, u64, bool)> = tags["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| {
                let (id, label) = (value["id"].as_str().unwrap(), value["label"].as_str().unwrap());
                (id, label, value["count"].as_u64().unwrap(), value["isSelected"].as_bool().unwrap())
            })
            .collect();
        let expected = [
            ("tag 30", "Tag 30", 30, false),
            ("tag 29", "Tag 29", 29, false),
            ("tag 03", "Tag 03", 3, true),
            ("none", "none", 0, true),
        ];
        assert_eq!(listed, expected);
        assert_eq!(tags["hasMore"], true);
    }
    let all = site.ask("/api/v1/search?kinds=video&facets=tag&facetSize=30").await;
    assert_eq!(all["facets"]["video"]["tag"]["hasMore"], false);
}

#[tokio::test]
async fn buckets_count_what_their_bounds_find() {
    let dir = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    let ages_h = [1, 30, 24 * 20, 24 * 200, 24 * 800];
    let entries: Vec<(Offset, Entry)> = ages_h
        .iter()
        .zip([0_u32, 240, 241, 600, 601])
        .zip(1_u64..)
        .map(|((age, duration_s), n)| {
            let mut video = video(n, "whale");
            video.published_at = now - SignedDuration::from_hours(*age);
            video.duration_s = duration_s;
            (Offset(n), Entry { seen_at: now, body: EntryBody::Record(Record::Video(Box::new(video))) })
        })
        .collect();
    Indexer::open(dir.path(), Options::default()).unwrap().apply(&entries).unwrap();
    let index = open(dir.path());
    let ids = |counts: &FacetCounts| -> Vec<(String, usize)> {
        counts.values.iter().map(|value| (value.id.clone(), value.count)).collect()
    };
    for text in [None, Some("whale")] {
        let none = VideoFilter::default();
        let counted = count(&index, &none, text, &[Facet::Duration, Facet::Published], 20);
        assert_eq!(ids(&counted[0]), [("short".to_owned(), 2), ("medium".to_owned(), 2), ("long".to_owned(), 1)]);
        let expected = [("day", 1), ("week", 2), ("month", 3), ("year", 4)];
        assert_eq!(ids(&counted[1]), expected.map(|(id, n)| (id.to_owned(), n)));
        for counts in &counted {
            for value in &counts.values {
                let bounds = value.bounds.unwrap();
                let mut filter = VideoFilter::default();
                if counts.facet == Facet::Duration {
                    filter.duration_s = bounds;
                } else {
                    filter.published_ms = bounds;
                }
                let query =
                    VideoQuery { text: text.map(TextQuery::parse), filter: filter.clone(), ..VideoQuery::default() };
                assert_eq!(index.search(&query, Deadline::none()).unwrap().total, value.count, "{}", value.id);
                let chosen = count(&index, &filter, text, &[counts.facet], 20);
                assert_eq!(ids(&chosen[0]), ids(counts), "the own choice does not count");
                let selected: Vec<&str> =
                    chosen[0].values.iter().filter(|value| value.is_selected).map(|value| &*value.id).collect();
                assert_eq!(selected, [&*value.id]);
            }
        }
    }
}

// case 132
#[test]
fn nothing_hidden_is_ever_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut sensitive = with_tags(video_on("hidden.example", 1, "whale"), &["Secret"]);
    sensitive.nsfw = true;
    sensitive.category = Some(Labelled { id: 99, label: "Hidden label".to_owned() });
    let deleted = with_tags(video_on("gone.example", 2, "whale"), &["Gone"]);
    let shown = with_tags(video(3, "whale"), &["Open"]);
    publish(dir.path(), 1, &[sensitive, deleted.clone(), shown]);
    let gone = EntryBody::Tombstone { id: deleted.record_id(), reason: TombstoneReason::Moderated };
    publish_entries(dir.path(), 10, vec![gone]);
    let index = open(dir.path());
    let safe = VideoFilter { nsfw: Nsfw::Hide, ..VideoFilter::default() };
    for text in [None, Some("whale")] {
        for counts in count(&index, &safe, text, &Facet::ALL, 100) {
            let total: usize = counts.values.iter().map(|value| value.count).sum();
            assert!(counts.facet == Facet::Published || total == 1, "{counts:?}");
            for value in counts.values {
                for word in ["secret", "gone", "hidden", "99"] {
                    let text = format!("{} {}", value.id, value.label).to_lowercase();
                    assert!(!text.contains(word), "{text}");
                }
            }
        }
        let all = count(&index, &VideoFilter::default(), text, &[Facet::Nsfw], 10);
        let both: Vec<(&str, usize)> = all[0].values.iter().map(|value| (&*value.id, value.count)).collect();
        assert_eq!(both, [("false", 1), ("true", 1)], "what is shown is counted");
    }
}

#[tokio::test]
async fn channels_and_playlists_are_counted_by_host() {
    let one = video_on("a.example", 1, "whale");
    let channels = [channel_on("a.example", "lab", "Whale lab"), channel_on("b.example", "lab", "Whale lab")];
    let playlists = [playlist_on("b.example", 1, "Whales", &[&one])];
    let site = Site::of_records(&records(&[one], &channels, &playlists));
    for words in ["", "&search=whale"] {
        let answer = site.ask(&format!("/api/v1/search?facets=all&host=a.example{words}")).await;
        assert_eq!(answer["kinds"]["channel"]["total"], 1);
        assert_eq!(facet(&answer, "channel", "host"), counts([("a.example", 1), ("b.example", 1)]));
        assert_eq!(answer["facets"]["channel"].as_object().unwrap().len(), 1);
        assert_eq!(answer["facets"]["video"].as_object().unwrap().len(), Facet::OF_VIDEOS.len());
    }
    let blocked = site.ask("/api/v1/search?facets=host&blockedHosts=b.example").await;
    assert_eq!(facet(&blocked, "channel", "host"), counts([("a.example", 1)]), "a mute is no choice");
}

// case 120
#[test]
fn many_values_in_many_segments_are_counted_exactly() {
    let dir = tempfile::tempdir().unwrap();
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    let mut from = 0;
    for n_videos in [400, 150, 60, 9] {
        let videos: Vec<Video> = (from..from + n_videos)
            .map(|n: u64| {
                let mix = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                // Few tags are frequent, most are rare, and many are as frequent as others.
                let tags = [mix % 7 * (mix % 11) * (mix % 13), mix % 900, n % 450];
                let mut names: Vec<String> = tags.iter().map(|tag| format!("tag{tag}")).collect();
                names.sort_unstable();
                names.dedup();
                names.iter().for_each(|name| *expected.entry(name.clone()).or_default() += 1);
                with_tags(video(n, "whale"), &names.iter().map(String::as_str).collect::<Vec<_>>())
            })
            .collect();
        publish(dir.path(), 1 + from, &videos);
        from += n_videos;
    }
    let index = open(dir.path());
    assert!(index.snapshot().videos.segment_readers().len() > 1, "several segments");
    let mut expected: Vec<(String, usize)> = expected.into_iter().collect();
    expected.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    for size in [1, 3, 20, 100] {
        for text in [None, Some("whale")] {
            let counts = &count(&index, &VideoFilter::default(), text, &[Facet::Tag], size)[0];
            let found: Vec<(String, usize)> =
                counts.values.iter().map(|value| (value.id.clone(), value.count)).collect();
            assert_eq!(found, expected[..size], "{size}");
            assert!(counts.has_more && !counts.is_approximate);
        }
    }
}

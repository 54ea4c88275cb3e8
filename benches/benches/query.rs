//! Question: what does a search cost in the process that serves, without HTTP? Corpus: 100 000 videos of `corpus.rs`
//! (VIGIE_BENCH_VIDEOS changes it), one generation. Excluded: HTTP and JSON, which the load run has.
#![expect(clippy::unwrap_used, reason = "a bench that cannot set up ends")]

use std::sync::{LazyLock, Mutex};

use benches::corpus;
use divan::Bencher;
use indexer::{Indexer, Options, Snapshot};
use journal::Journal;
use query_api::SearchIndex;
use query_api::params::{Location, parse_query_string, read_video_query};
use query_api::query::VideoQuery;
use query_api::search::Deadline;
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::query::{AllQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

static INDEX: LazyLock<SearchIndex> = LazyLock::new(|| {
    let n_videos = std::env::var("VIGIE_BENCH_VIDEOS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    // Kept for as long as the process: the snapshot maps its files.
    let dir = tempfile::tempdir().unwrap().keep();
    let journal = Journal::open(&dir.join("journal.db")).unwrap();
    for first in (0..n_videos).step_by(1000) {
        journal.writer().append_blocking(corpus::entries(first..n_videos.min(first + 1000))).unwrap();
    }
    let index_dir = dir.join("index");
    Indexer::open(&index_dir, Options::default()).unwrap().catch_up(&journal.reader().unwrap()).unwrap();
    let index = SearchIndex::open(Snapshot::open_current(&index_dir).unwrap(), None).unwrap();
    index.warm();
    index
});

static NEXT: Mutex<u64> = Mutex::new(0);

fn main() {
    LazyLock::force(&INDEX);
    divan::main();
}

/// The next search around a video of the corpus: its first two words and what `filters` says.
fn search_like_next(filters: &str) -> VideoQuery {
    let mut next = NEXT.lock().unwrap();
    *next += 1;
    let video = corpus::video(*next * 7919 % 50_000);
    let words: Vec<&str> = video.name.split(' ').take(2).collect();
    let text: String = words.join(" ").bytes().map(|byte| format!("%{byte:02X}")).collect();
    query(&format!("search={text}&{filters}"))
}

fn query(text: &str) -> VideoQuery {
    read_video_query(&parse_query_string(text, Location::Query)).unwrap()
}

#[divan::bench(sample_count = 300)]
fn text(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(|| search_like_next("")).bench_values(|query| INDEX.search(&query, Deadline::none()).unwrap());
}

#[divan::bench(sample_count = 300)]
fn text_and_filters(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| {
            search_like_next(
                "nsfw=false&categoryOneOf=1&categoryOneOf=2&categoryOneOf=3&startDate=2021-01-01&durationMin=60",
            )
        })
        .bench_values(|query| INDEX.search(&query, Deadline::none()).unwrap());
}

#[divan::bench(sample_count = 300)]
fn browse_by_date(bencher: Bencher<'_, '_>) {
    let query = query("sort=-publishedAt&nsfw=false");
    bencher.bench(|| INDEX.search(&query, Deadline::none()).unwrap());
}

#[divan::bench(sample_count = 300)]
fn browse_by_views(bencher: Bencher<'_, '_>) {
    let query = query("sort=-views&nsfw=false&languageOneOf=fr");
    bencher.bench(|| INDEX.search(&query, Deadline::none()).unwrap());
}

/// What counts for facets will cost on this schema: the engine's terms aggregation over four fast fields.
#[divan::bench(sample_count = 50, args = ["everything", "one language"])]
fn facets(bencher: Bencher<'_, '_>, scope: &str) {
    let snapshot = INDEX.snapshot();
    let request: Aggregations = serde_json::from_value(serde_json::json!({
        "language": { "terms": { "field": "language", "size": 20 } },
        "category": { "terms": { "field": "category", "size": 20 } },
        "host": { "terms": { "field": "host", "size": 20 } },
        "nsfw": { "terms": { "field": "nsfw" } },
    }))
    .unwrap();
    let term = tantivy::Term::from_field_text(snapshot.video_fields.language, "fr");
    let scope: Box<dyn Query> = if scope == "everything" {
        Box::new(AllQuery)
    } else {
        Box::new(TermQuery::new(term, IndexRecordOption::Basic))
    };
    bencher.bench_local(|| {
        let collector = AggregationCollector::from_aggs(request.clone(), Default::default());
        snapshot.videos.search(&*scope, &collector).unwrap()
    });
}

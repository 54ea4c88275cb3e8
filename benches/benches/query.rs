//! Question: what does a search cost in the process that serves, without HTTP? Corpus: 100 000 videos of `corpus.rs`
//! (VIGIE_BENCH_VIDEOS changes it, VIGIE_BENCH_INDEX takes an index that is there), one generation. Excluded: HTTP and
//! JSON, which the load run has.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot set up ends")]

use std::path::Path;
use std::sync::{LazyLock, Mutex};

use benches::corpus;
use divan::Bencher;
use indexer::{Indexer, Options, Snapshot};
use journal::Journal;
use query_api::SearchIndex;
use query_api::params::{Location, parse_query_string, read_video_query};
use query_api::query::VideoQuery;
use query_api::search::{Deadline, Facet, FacetRequest, KindFilter};

static INDEX: LazyLock<SearchIndex> = LazyLock::new(|| {
    if let Some(dir) = std::env::var_os("VIGIE_BENCH_INDEX") {
        return open(Path::new(&dir));
    }
    let n_videos = std::env::var("VIGIE_BENCH_VIDEOS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    // Kept for as long as the process: the snapshot maps its files.
    let dir = tempfile::tempdir().unwrap().keep();
    let journal = Journal::open(&dir.join("journal.db")).unwrap();
    for first in (0..n_videos).step_by(1000) {
        journal.writer().append_blocking(corpus::entries(first..n_videos.min(first + 1000))).unwrap();
    }
    let n_channels = corpus::n_channels(n_videos);
    for first in (0..n_channels).step_by(1000) {
        journal.writer().append_blocking(corpus::channel_entries(first..n_channels.min(first + 1000))).unwrap();
    }
    let index_dir = dir.join("index");
    Indexer::open(&index_dir, Options::default()).unwrap().catch_up(&journal.reader().unwrap()).unwrap();
    open(&index_dir)
});

fn open(index_dir: &Path) -> SearchIndex {
    let index = SearchIndex::open(Snapshot::open_current(index_dir).unwrap(), None).unwrap();
    index.warm();
    index
}

static NEXT: Mutex<u64> = Mutex::new(0);

fn main() {
    LazyLock::force(&INDEX);
    divan::main();
}

/// The next search around a video of the corpus: its first two words and what `filters` says.
fn search_like_next(filters: &str) -> VideoQuery {
    let video = corpus::video(next_number() * 7919 % 50_000);
    let words: Vec<&str> = video.name.split(' ').take(2).collect();
    let text: String = words.join(" ").bytes().map(|byte| format!("%{byte:02X}")).collect();
    query(&format!("search={text}&{filters}"))
}

fn next_number() -> u64 {
    let mut next = NEXT.lock().unwrap();
    *next += 1;
    *next
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

/// A page of results with every facet. The filters differ each time, so that no answer is remembered.
#[divan::bench(sample_count = 300, args = ["text", "text and filters", "browse", "browse a language"])]
fn facets(bencher: Bencher<'_, '_>, scope: &str) {
    let request = FacetRequest { facets: Facet::ALL.to_vec(), size: 20 };
    let next = || match scope {
        "text" => search_like_next("nsfw=false"),
        "text and filters" => search_like_next("nsfw=false&categoryOneOf=1&categoryOneOf=2&durationMin=60"),
        "browse" => query(&format!("nsfw=false&durationMax={}", 100_000 + next_number())),
        _ => query(&format!("nsfw=false&languageOneOf=fr&durationMax={}", 100_000 + next_number())),
    };
    bencher.with_inputs(next).bench_values(|query| {
        let page = INDEX.search_with_matches(&query, Deadline::none()).unwrap();
        let filter = KindFilter::Videos(Box::new(query.filter));
        let counts = INDEX.facets(&filter, page.matches.as_ref(), &request, Deadline::none()).unwrap();
        (page, counts)
    });
}

/// Eight suggestions for what was typed so far.
#[divan::bench(sample_count = 300, args = ["one letter", "two letters", "a title so far", "two words", "a character", "500 characters"])]
fn suggest(bencher: Bencher<'_, '_>, typed: &str) {
    let next = || {
        let number = next_number();
        let title = corpus::video(number * 7919 % 50_000).name;
        match typed {
            "one letter" => char::from(b'a' + (number % 26) as u8).to_string(),
            "two letters" => title.chars().take(2).collect(),
            "a title so far" => title.chars().take(5 + (number % 10) as usize).collect(),
            "two words" => title.split(' ').rev().take(2).collect::<Vec<_>>().join(" "),
            "a character" => ["日", "本", "の", "책", "п", "ا"][(number % 6) as usize].to_owned(),
            _ => title.chars().cycle().take(500).collect(),
        }
    };
    bencher.with_inputs(next).bench_values(|typed| INDEX.suggest(&typed, 8, Deadline::none()).unwrap());
}

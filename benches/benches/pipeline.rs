//! Question: what does a record cost on its way from a page to the index? Corpus: `corpus.rs`, pages of 100 videos as
//! the listing gives them. Excluded: the network and politeness, which decide how fast an instance is crawled.
#![expect(clippy::unwrap_used, reason = "a bench that cannot set up ends")]

use benches::corpus;
use divan::Bencher;
use divan::counter::ItemsCount;
use indexer::{Indexer, Options};
use journal::Journal;

/// Videos of one listing page.
const PAGE: u64 = 100;

fn main() {
    divan::main();
}

/// Parsing of a recorded page of 44 videos, 106 kB, into records.
#[divan::bench(sample_count = 100)]
fn parse_a_page_of_44(bencher: Bencher<'_, '_>) {
    let recorded = include_str!("../../simulator/fixtures/peertube-6.3.0/videos-all-count100-start0.json");
    let page = recorded
        .replace("http://localhost:9000", "https://tilleuls.example")
        .replace("localhost:9000", "tilleuls.example");
    let host = "tilleuls.example".parse().unwrap();
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let parsed = crawler::peertube::parse_listing(page.as_bytes(), &host, now).unwrap();
    assert_eq!((parsed.videos.len(), parsed.errors.len()), (44, 0));
    bencher
        .counter(ItemsCount::new(44_u64))
        .bench(|| crawler::peertube::parse_listing(page.as_bytes(), &host, now).unwrap());
}

/// Appends of one page, each fsynced: what an acknowledged page costs.
#[divan::bench(sample_count = 50)]
fn append_a_page_of_100(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let writer = journal.writer();
    let mut next = 0;
    bencher
        .counter(ItemsCount::new(PAGE))
        .with_inputs(|| {
            next += PAGE;
            corpus::entries(next..next + PAGE)
        })
        .bench_local_values(|entries| writer.append_blocking(entries).unwrap());
}

/// The same page again: nothing changed, nothing is written.
#[divan::bench(sample_count = 50)]
fn append_a_page_that_did_not_change(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    let writer = journal.writer();
    writer.append_blocking(corpus::entries(0..PAGE)).unwrap();
    bencher
        .counter(ItemsCount::new(PAGE))
        .with_inputs(|| corpus::entries(0..PAGE))
        .bench_local_values(|entries| writer.append_blocking(entries).unwrap());
}

/// Reading back by offset, decoded.
#[divan::bench(sample_count = 20)]
fn read_1000_entries(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    journal.writer().append_blocking(corpus::entries(0..1000)).unwrap();
    let reader = journal.reader().unwrap();
    bencher.counter(ItemsCount::new(1000_u64)).bench_local(|| reader.read_after(journal::Offset::ZERO, 1000).unwrap());
}

/// A whole build of 20 000 videos from the journal to a published generation.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn index_20_000_videos(bencher: Bencher<'_, '_>) {
    const VIDEOS: u64 = 20_000;
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
    for first in (0..VIDEOS).step_by(1000) {
        journal.writer().append_blocking(corpus::entries(first..first + 1000)).unwrap();
    }
    let reader = journal.reader().unwrap();
    bencher.counter(ItemsCount::new(VIDEOS)).with_inputs(|| tempfile::tempdir().unwrap()).bench_local_values(
        |index_dir| {
            let mut indexer = Indexer::open(index_dir.path(), Options::default()).unwrap();
            indexer.catch_up(&reader).unwrap();
            index_dir
        },
    );
}

/// Text analysis alone: titles and descriptions of the corpus.
#[divan::bench(sample_count = 20)]
fn fold_1000_videos(bencher: Bencher<'_, '_>) {
    let texts: Vec<String> = (0..1000)
        .map(|number| {
            let video = corpus::video(number);
            format!("{} {}", video.name, video.detail.and_then(|detail| detail.description).unwrap_or_default())
        })
        .collect();
    bencher
        .counter(ItemsCount::new(1000_u64))
        .bench_local(|| texts.iter().map(|text| indexer::analysis::fold(text).len()).sum::<usize>());
}

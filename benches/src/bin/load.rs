//! The load run: the real `vigie serve` over loopback, beside a bare Tantivy call on the same index in the same run.
//!
//! Question: what does a search cost a visitor, and how many can two cores answer? Corpus: `corpus.rs`, a generation
//! as `vigie index` publishes it. Excluded: TLS, a proxy, the network, and cold file caches.
#![expect(clippy::indexing_slicing, reason = "benches run on data made here")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use benches::load::{Connection, Measured, get, run};
use benches::{corpus, machine};
use clap::Parser;
use indexer::Snapshot;
use journal::{Entry, Journal, Reader, Writer};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{IndexWriter, TantivyDocument, Term};

/// Entries in one append.
const APPEND: u64 = 1000;

/// How long a server may take to its first answer before the run fails.
const START_LIMIT: Duration = Duration::from_secs(60);

#[derive(Parser)]
struct Arguments {
    /// Videos of the corpus; made and indexed first where they are missing.
    #[arg(long, default_value_t = 100_000)]
    videos: u64,
    /// Where corpora are kept.
    #[arg(long, default_value = "target/corpus")]
    dir: PathBuf,
    /// Requests of each scenario at one client; four times as many at 16 clients.
    #[arg(long, default_value_t = 3000)]
    requests: usize,
    /// Write the result there as well.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let dir = arguments.dir.join(arguments.videos.to_string());
    let mut report = format!("# Load run, {} videos\n\n{}\n\n", arguments.videos, machine::describe());
    prepare(&dir, arguments.videos, &mut report)?;
    bare_indexing(&mut report)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve_and_measure(&dir, &arguments, &mut report))?;
    println!("{report}");
    if let Some(out) = &arguments.out {
        std::fs::write(out, report).with_context(|| format!("writing `{}`", out.display()))?;
    }
    Ok(())
}

/// Makes the journal and the index where they are missing, and reports how fast.
fn prepare(dir: &Path, n_videos: u64, report: &mut String) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("making `{}`", dir.display()))?;
    let journal_path = dir.join("journal.db");
    let journal = Journal::open(&journal_path)?;
    let mut appender = Appender { writer: journal.writer(), n_entries: 0, elapsed: Duration::ZERO };
    let (n_channels, n_playlists) = (corpus::n_channels(n_videos), corpus::n_playlists(n_videos));
    let n_known = journal.reader()?.stats()?.n_records;
    if n_known < n_videos {
        appender.append_all(n_videos, corpus::entries)?;
    }
    if n_known < n_videos + n_channels + n_playlists {
        appender.append_all(n_channels, corpus::channel_entries)?;
        appender.append_all(n_playlists, |numbers| corpus::playlist_entries(numbers, n_videos))?;
    }
    if appender.n_entries > 0 {
        let per_second = appender.n_entries as f64 / appender.elapsed.as_secs_f64();
        writeln!(report, "- journal: appended at {per_second:.0} records/s, {APPEND} to an append, each fsynced")?;
    }
    drop(journal);
    if Snapshot::current_generation(&dir.join("index"))?.is_none() {
        let start = Instant::now();
        let vigie = vigie()?;
        let status = Command::new(&vigie)
            .args(["index", "--rebuild", "--data"])
            .arg(dir)
            .stderr(Stdio::null())
            .status()
            .with_context(|| format!("running `{}`", vigie.display()))?;
        ensure!(status.success(), "vigie index --rebuild: {status}");
        let n_records = n_videos + n_channels + n_playlists;
        let per_second = n_records as f64 / start.elapsed().as_secs_f64();
        writeln!(
            report,
            "- index: {per_second:.0} documents/s from the journal, process start and publication included"
        )?;
    }
    let n_records = Reader::open(&journal_path)?.stats()?.n_records;
    let generation = machine::directory_bytes(&dir.join("index").join("generations"));
    let journal = machine::directory_bytes(dir).saturating_sub(machine::directory_bytes(&dir.join("index")));
    writeln!(
        report,
        "- disk: journal {:.2} GB, index {:.2} GB, {n_records} records\n",
        journal as f64 / 1e9,
        generation as f64 / 1e9
    )?;
    Ok(())
}

/// Appends entries and counts the time of it, without that of making them.
struct Appender {
    writer: Writer,
    n_entries: u64,
    elapsed: Duration,
}

impl Appender {
    fn append_all(&mut self, n: u64, make: impl Fn(std::ops::Range<u64>) -> Vec<Entry>) -> anyhow::Result<()> {
        for first in (0..n).step_by(APPEND as usize) {
            let entries = make(first..n.min(first + APPEND));
            self.n_entries += entries.len() as u64;
            let start = Instant::now();
            self.writer.append_blocking(entries)?;
            self.elapsed += start.elapsed();
        }
        Ok(())
    }
}

/// What the engine alone takes to index: the same documents, made beforehand, one indexing thread, no journal, no
/// stemming, no merge.
fn bare_indexing(report: &mut String) -> anyhow::Result<()> {
    const DOCUMENTS: u64 = 50_000;
    const WRITER_BYTES: usize = 100 << 20;
    let (schema, fields) = indexer::schema::VideoFields::build();
    let seen_at = jiff::Timestamp::from_millisecond(corpus::NOW_MS)?;
    let documents = (0..DOCUMENTS)
        .map(|number| indexer::video_document(&fields, &corpus::video(number), seen_at))
        .collect::<Result<Vec<_>, _>>()?;
    let index = tantivy::Index::create_from_tempdir(schema)?;
    indexer::analysis::register(index.tokenizers());
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    let start = Instant::now();
    for document in documents {
        writer.add_document(document)?;
    }
    writer.commit()?;
    let per_second = DOCUMENTS as f64 / start.elapsed().as_secs_f64();
    writeln!(report, "- bare Tantivy, {DOCUMENTS} documents made beforehand, one thread: {per_second:.0} documents/s")?;
    Ok(())
}

/// The release binary beside this one.
fn vigie() -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("vigie");
    ensure!(path.exists(), "`{}` is missing: run cargo build --release first", path.display());
    Ok(path)
}

/// The server, ended with the run.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.0.kill().and_then(|()| self.0.wait()) {
            eprintln!("ending the server: {error}");
        }
    }
}

async fn serve_and_measure(dir: &Path, arguments: &Arguments, report: &mut String) -> anyhow::Result<()> {
    let scenarios = scenarios(arguments);
    let address = free_address()?;
    let start = Instant::now();
    let server = Server(
        Command::new(vigie()?)
            .args(["serve", "--listen", &address.to_string(), "--data"])
            .arg(dir)
            .stderr(Stdio::null())
            .spawn()
            .context("starting vigie serve")?,
    );
    let pid = server.0.id();
    let first = first_answer(address, &scenarios).await?;
    writeln!(report, "- cold start to the first search answer: {} ms ({} bytes)", start.elapsed().as_millis(), first)?;
    let memory = |report: &mut String, when: &str| {
        let mb = |bytes: Option<u64>| bytes.unwrap_or_default() as f64 / 1e6;
        let (anonymous, resident) = (mb(machine::anonymous_bytes(pid)), mb(machine::resident_bytes(pid)));
        writeln!(report, "- memory {when}: {anonymous:.0} MB anonymous, {resident:.0} MB with mapped files")
    };
    memory(report, "after it")?;
    writeln!(
        report,
        "\n| scenario | clients | answers/s | p50 ms | p99 ms | max ms | kB an answer |\n|---|---|---|---|---|---|---|"
    )?;
    for (name, requests) in &scenarios {
        // Once through, unmeasured: file caches and the server's own caches are those of a running service.
        run(address, &Arc::new(requests.iter().take(arguments.requests / 3).cloned().collect()), 4).await?;
        let single: Arc<Vec<_>> = Arc::new(requests.iter().take(arguments.requests).cloned().collect());
        row(report, name, 1, &run(address, &single, 1).await?)?;
        row(report, name, 16, &run(address, &Arc::new(requests.clone()), 16).await?)?;
    }
    for (name, measured) in bare(dir, arguments)? {
        row(report, &name, 1, &measured)?;
    }
    writeln!(report)?;
    memory(report, "after the load")?;
    Ok(())
}

fn row(report: &mut String, name: &str, clients: usize, measured: &Measured) -> anyhow::Result<()> {
    writeln!(
        report,
        "| {name} | {clients} | {:.0} | {:.2} | {:.1} | {:.0} | {:.1} |",
        measured.per_second(),
        measured.percentile_ms(0.5),
        measured.percentile_ms(0.99),
        measured.percentile_ms(1.0),
        measured.n_bytes as f64 / measured.n_answers.max(1) as f64 / 1000.0,
    )?;
    Ok(())
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Asks until the server answers; returns the bytes of the first answer.
async fn first_answer(address: SocketAddr, scenarios: &[(String, Vec<Vec<u8>>)]) -> anyhow::Result<usize> {
    let start = Instant::now();
    let request = scenarios.first().and_then(|(_, requests)| requests.first()).context("no scenario")?;
    while start.elapsed() < START_LIMIT {
        if let Ok(mut connection) = Connection::open(address).await {
            let (status, body) = connection.exchange(request).await?;
            if status == 200 {
                return Ok(body.len());
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bail!("the server gave no answer within {START_LIMIT:?}")
}

/// A text of one to three words that stand together in some title, as visitors ask for what exists.
fn words(rng: &mut SmallRng, n_videos: u64) -> (String, journal::record::Video) {
    let video = corpus::video(rng.random_range(0..n_videos));
    let words: Vec<&str> = video.name.split(' ').collect();
    let text = if words.len() > 1 {
        let n = rng.random_range(1..=3.min(words.len()));
        let first = rng.random_range(0..=words.len() - n);
        words[first..first + n].join(" ")
    } else {
        let characters: Vec<char> = video.name.chars().filter(|character| character.is_alphabetic()).collect();
        let n = rng.random_range(2..=4).min(characters.len());
        let first = rng.random_range(0..=characters.len() - n);
        characters[first..first + n].iter().collect()
    };
    (text, video)
}

/// Percent-encodes everything but letters and digits.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// The filters of a scenario: all five kinds that a page offers, around a video that exists.
fn filters(video: &journal::record::Video) -> String {
    let language = video.language.as_ref().map_or("_unknown", |language| language.id.as_str());
    let category = video.category.as_ref().map_or(1, |category| category.id);
    let (second, third) = (category % 18 + 1, (category + 6) % 18 + 1);
    format!(
        "nsfw=false&languageOneOf[]={language}&categoryOneOf[]={category}&categoryOneOf[]={second}\
         &categoryOneOf[]={third}&startDate=2021-01-01&durationMin=60"
    )
}

fn scenarios(arguments: &Arguments) -> Vec<(String, Vec<Vec<u8>>)> {
    let n = arguments.requests * 4;
    let n_videos = arguments.videos;
    let mut rng = SmallRng::seed_from_u64(7);
    let mut build = |make: &mut dyn FnMut(&mut SmallRng) -> String| {
        (0..n).map(|_| get(&format!("/api/v1/{}", make(&mut rng)))).collect::<Vec<_>>()
    };
    let text = |rng: &mut SmallRng| format!("search={}", encode(&words(rng, n_videos).0));
    let filtered = |rng: &mut SmallRng| {
        let (text, video) = words(rng, n_videos);
        format!("search={}&{}", encode(&text), filters(&video))
    };
    let browse_filtered = |rng: &mut SmallRng| {
        let (_, video) = words(rng, n_videos);
        let language = video.language.as_ref().map_or("_unknown", |language| language.id.as_str()).to_owned();
        let category = video.category.as_ref().map_or(1, |category| category.id);
        format!("sort=-publishedAt&nsfw=false&languageOneOf[]={language}&categoryOneOf[]={category}")
    };
    let of_channels =
        |rng: &mut SmallRng| format!("search/video-channels?count=15&search={}", encode(&channel_words(rng, n_videos)));
    let of_playlists = |rng: &mut SmallRng| {
        format!("search/video-playlists?count=15&search={}", encode(&playlist_words(rng, n_videos)))
    };
    let faceted = |rng: &mut SmallRng| format!("search?kinds=video&facets=all&count=15&{}", filtered(rng));
    vec![
        (
            "videos: text + filters + count, 15 documents".to_owned(),
            build(&mut |rng| format!("search/videos?count=15&{}", filtered(rng))),
        ),
        (
            "videos: text + count, 15 documents".to_owned(),
            build(&mut |rng| format!("search/videos?count=15&{}", text(rng))),
        ),
        (
            "videos: browse by date, nsfw=false".to_owned(),
            build(&mut |rng| {
                let start = rng.random_range(0..20) * 15;
                format!("search/videos?count=15&sort=-publishedAt&nsfw=false&start={start}")
            }),
        ),
        (
            "videos: browse by date, language + category".to_owned(),
            build(&mut |rng| format!("search/videos?count=15&{}", browse_filtered(rng))),
        ),
        ("channels: text + count, 15 documents".to_owned(), build(&mut |rng| of_channels(rng))),
        ("playlists: text + count, 15 documents".to_owned(), build(&mut |rng| of_playlists(rng))),
        ("native: text + filters, all facets of videos".to_owned(), build(&mut |rng| faceted(rng))),
        (
            "native: text, all facets of videos".to_owned(),
            build(&mut |rng| format!("search?kinds=video&facets=all&count=15&{}", text(rng))),
        ),
        (
            "native: language + category, all facets of videos".to_owned(),
            build(&mut |rng| format!("search?kinds=video&facets=all&count=15&{}", browse_filtered(rng))),
        ),
        ("native: text, every kind".to_owned(), build(&mut |rng| format!("search?count=10&{}", text(rng)))),
        (
            "mixed: four of videos, two of channels, two of playlists, two with facets in ten".to_owned(),
            build(&mut |rng| match rng.random_range(0..10) {
                0..2 => format!("search/videos?count=10&{}", text(rng)),
                2..4 => format!("search/videos?count=10&{}", filtered(rng)),
                4..6 => of_channels(rng),
                6..8 => of_playlists(rng),
                _ => faceted(rng),
            }),
        ),
        (
            "suggest: one to eight characters".to_owned(),
            build(&mut |rng| {
                let (text, _) = words(rng, n_videos);
                let n_typed = rng.random_range(1..=8);
                let typed: String = text.chars().take(n_typed).collect();
                format!("suggest?q={}", encode(&typed))
            }),
        ),
    ]
}

/// One or two words of the name of a channel that exists.
fn channel_words(rng: &mut SmallRng, n_videos: u64) -> String {
    let channel = corpus::channel(rng.random_range(0..corpus::n_channels(n_videos)));
    some_words(rng, &channel.actor.display_name)
}

/// One or two words of the title of a playlist that exists.
fn playlist_words(rng: &mut SmallRng, n_videos: u64) -> String {
    let playlist = corpus::playlist(rng.random_range(0..corpus::n_playlists(n_videos)), n_videos);
    some_words(rng, &playlist.display_name)
}

fn some_words(rng: &mut SmallRng, title: &str) -> String {
    let n = rng.random_range(1..=2);
    title.split(' ').take(n).collect::<Vec<_>>().join(" ")
}

/// What the engine alone takes: four fields, all words, filters, count, 15 stored documents, no HTTP and no ranking of
/// ours.
fn bare(dir: &Path, arguments: &Arguments) -> anyhow::Result<Vec<(String, Measured)>> {
    let snapshot = Snapshot::open_current(&dir.join("index"))?;
    let mut results = Vec::new();
    for is_filtered in [true, false] {
        let mut rng = SmallRng::seed_from_u64(7);
        let mut latencies = Vec::new();
        let mut n_bytes = 0;
        let start = Instant::now();
        for _ in 0..arguments.requests {
            let (text, video) = words(&mut rng, arguments.videos);
            let query = bare_query(&snapshot, &text, is_filtered.then_some(&video));
            let asked = Instant::now();
            let top = TopDocs::with_limit(15).order_by_score();
            let (hits, _total) = snapshot.videos.search(&query, &(top, Count))?;
            for (_, address) in hits {
                let document: TantivyDocument = snapshot.videos.doc(address)?;
                let doc = document.get_first(snapshot.video_fields.doc);
                n_bytes += doc.and_then(|value| value.as_bytes()).map_or(0, <[u8]>::len);
            }
            latencies.push(asked.elapsed());
        }
        let name = if is_filtered { "bare Tantivy: text + filters" } else { "bare Tantivy: text" };
        results.push((name.to_owned(), Measured::of(latencies, start.elapsed(), n_bytes)));
    }
    Ok(results)
}

fn bare_query(snapshot: &Snapshot, text: &str, filtered_like: Option<&journal::record::Video>) -> BooleanQuery {
    let fields = &snapshot.video_fields;
    let term = |field: Field, text: &str| -> Box<dyn Query> {
        Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
    };
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for token in indexer::analysis::fold(text) {
        let boosted = [(fields.title, 5.0), (fields.tags, 3.0), (fields.channel, 2.0), (fields.description, 1.0)];
        let any = boosted.map(|(field, boost)| {
            (Occur::Should, Box::new(BoostQuery::new(term(field, &token), boost)) as Box<dyn Query>)
        });
        clauses.push((Occur::Must, Box::new(BooleanQuery::new(any.into()))));
    }
    if let Some(video) = filtered_like {
        let language = video.language.as_ref().map_or("_unknown", |language| language.id.as_str());
        let category = video.category.as_ref().map_or(1, |category| category.id);
        let categories = [category, category % 18 + 1, (category + 6) % 18 + 1].map(|category| {
            let term = Term::from_field_i64(fields.category, category);
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>)
        });
        let since = Term::from_field_i64(fields.published_at, 1_609_459_200_000);
        let longer = Term::from_field_u64(fields.duration, 60);
        let filters: [Box<dyn Query>; 5] = [
            Box::new(TermQuery::new(Term::from_field_u64(fields.nsfw, 0), IndexRecordOption::Basic)),
            term(fields.language, language),
            Box::new(BooleanQuery::new(categories.into())),
            Box::new(RangeQuery::new(std::ops::Bound::Included(since), std::ops::Bound::Unbounded)),
            Box::new(RangeQuery::new(std::ops::Bound::Included(longer), std::ops::Bound::Unbounded)),
        ];
        clauses
            .extend(filters.map(|filter| (Occur::Must, Box::new(ConstScoreQuery::new(filter, 0.0)) as Box<dyn Query>)));
    }
    BooleanQuery::new(clauses)
}

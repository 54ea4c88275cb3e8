//! What do rules and decisions cost a search? The mix of the load run, in process, on one generation under four rulings.
//!
//! Corpus: `corpus.rs`, that of the load run, indexed as `vigie index --rebuild` does. The rulings take turns on each request,
//! so that whatever else the machine does meets all of them. Excluded: HTTP, parsing, and cold file caches.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use allowlist::moderation::{Action, Decision, ModerationFile, Target};
use allowlist::rules::Rules;
use anyhow::{Context, ensure};
use benches::{corpus, machine};
use clap::Parser;
use indexer::inclusion::Inclusion;
use indexer::{Indexer, Options, Snapshot};
use journal::{Entry, Journal, Reader};
use query_api::params::{Location, parse_query_string, read_channel_query, read_playlist_query, read_video_query};
use query_api::query::{ChannelQuery, PlaylistQuery, VideoQuery};
use query_api::search::{Deadline, Facet, FacetRequest, KindFilter};
use query_api::wire::{ChannelList, PlaylistList, VideoList};
use query_api::{Ruling, SearchIndex};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tantivy::Term;

/// Entries in one append.
const APPEND: u64 = 1000;

/// Entries of the word lists; the last ones are two words each.
const N_WORDS: usize = 200;
const N_PHRASES: usize = 40;

/// Decisions of moderators.
const N_DECISIONS: u64 = 5000;

/// A word of a list stands in no greater share of the videos: lists name what is rare.
const MAX_SHARE: f64 = 0.0005;

/// The aim of the project for the median with rules, as a multiple of that without.
const AIM: f64 = 1.15;

#[derive(Parser)]
struct Arguments {
    /// Videos of the corpus; made and indexed first where they are missing.
    #[arg(long, default_value_t = 1_000_000)]
    videos: u64,
    /// Where corpora are kept.
    #[arg(long, default_value = "target/corpus")]
    dir: PathBuf,
    /// Requests, each of which is asked under every ruling.
    #[arg(long, default_value_t = 2000)]
    requests: usize,
    /// Write the result there as well.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// One request of the mix.
enum Asked {
    Videos(Box<VideoQuery>),
    Faceted(Box<VideoQuery>),
    Channels(ChannelQuery),
    Playlists(PlaylistQuery),
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.videos > 1 && arguments.requests > 0, "nothing to measure");
    let mut report = format!("# Searches under rules, {} videos\n\n{}\n\n", arguments.videos, machine::describe());
    let dir = arguments.dir.join(arguments.videos.to_string());
    prepare(&dir, arguments.videos)?;
    let snapshot = Snapshot::open_current(&dir.join("index"))?;
    let open = SearchIndex::open(snapshot.clone(), None)?;
    open.warm();
    let rulings = [
        ("no rules", Inclusion::everything()),
        ("nsfw and 200 words", compiled(&theme(&snapshot, arguments.videos)?)?),
        ("5,000 decisions", Inclusion::everything().with(decisions(arguments.videos)?.layer())?),
        ("at most 3 a channel and day", compiled("[limits]\nper_channel_and_day = 3\n")?),
    ];
    writeln!(report, "| ruling | videos hidden | taking it, ms | the next generation, ms | counting by reason, ms |")?;
    writeln!(report, "|---|---|---|---|---|")?;
    let mut indexes = Vec::new();
    for (name, inclusion) in rulings {
        let ruling = Ruling::new(inclusion);
        let begun = Instant::now();
        // As a refresh does with a running service: the segments are known, the ruling is not.
        let index = SearchIndex::open_ruled(snapshot.clone(), Arc::clone(&ruling), Some(&open))?;
        index.warm();
        let taking = begun.elapsed();
        let begun = Instant::now();
        let next = SearchIndex::open_ruled(snapshot.clone(), ruling, Some(&index))?;
        next.warm();
        let next_generation = begun.elapsed();
        let begun = Instant::now();
        let hidden = next.hidden_counts()?;
        let [taking, next_generation, counting] = [taking, next_generation, begun.elapsed()].map(milliseconds);
        writeln!(report, "| {name} | {} | {taking:.0} | {next_generation:.0} | {counting:.0} |", hidden.total.videos)?;
        indexes.push((name, next));
    }
    drop(open);
    writeln!(report)?;
    measure(&indexes, &arguments, &mut report)?;
    println!("{report}");
    if let Some(out) = &arguments.out {
        std::fs::write(out, report).with_context(|| format!("writing `{}`", out.display()))?;
    }
    Ok(())
}

/// Makes the journal and the index where they are missing: the same as those of the load run.
fn prepare(dir: &Path, n_videos: u64) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("making `{}`", dir.display()))?;
    let journal_path = dir.join("journal.db");
    let journal = Journal::open(&journal_path)?;
    let (n_channels, n_playlists) = (corpus::n_channels(n_videos), corpus::n_playlists(n_videos));
    if journal.reader()?.stats()?.n_records < n_videos + n_channels + n_playlists {
        let writer = journal.writer();
        let append = |n: u64, make: &dyn Fn(std::ops::Range<u64>) -> Vec<Entry>| -> anyhow::Result<()> {
            for first in (0..n).step_by(APPEND as usize) {
                writer.append_blocking(make(first..n.min(first + APPEND)))?;
            }
            Ok(())
        };
        append(n_videos, &corpus::entries)?;
        append(n_channels, &corpus::channel_entries)?;
        append(n_playlists, &|numbers| corpus::playlist_entries(numbers, n_videos))?;
    }
    drop(journal);
    let index_dir = dir.join("index");
    if Snapshot::current_generation(&index_dir)?.is_none() {
        let mut indexer = Indexer::open(&index_dir, Options::default())?;
        indexer.rebuild(&Reader::open(&journal_path)?, &AtomicBool::new(false), &mut |_| {})?;
    }
    Ok(())
}

fn compiled(rules: &str) -> anyhow::Result<Inclusion> {
    Ok(Inclusion::compile(&Rules::parse("bench", rules)?)?)
}

/// Rules like those of a theme without adult content: one policy, and word lists whose words are rare.
fn theme(snapshot: &Snapshot, n_videos: u64) -> anyhow::Result<String> {
    let fields = &snapshot.video_fields;
    let mut rng = SmallRng::seed_from_u64(11);
    let mut words: Vec<String> = Vec::new();
    for _ in 0..N_WORDS * 1000 {
        let video = corpus::video(rng.random_range(0..n_videos));
        let title: Vec<&str> = video.name.split(' ').collect();
        let is_phrase = words.len() >= N_WORDS - N_PHRASES;
        let entry = if is_phrase {
            title.windows(2).next().map(|pair| pair.join(" "))
        } else {
            title.first().map(|word| (*word).to_owned())
        };
        let Some(entry) = entry else { continue };
        let mut n_docs = u64::MAX;
        for term in indexer::analysis::fold(&entry) {
            let in_title = snapshot.videos.doc_freq(&Term::from_field_text(fields.title, &term))?;
            let in_description = snapshot.videos.doc_freq(&Term::from_field_text(fields.description, &term))?;
            n_docs = n_docs.min(in_title.max(in_description));
        }
        let is_rare = n_docs as f64 <= (n_videos as f64 * MAX_SHARE).max(2.0);
        if (is_phrase || is_rare) && !words.contains(&entry) && !entry.contains(['"', '\\']) {
            words.push(entry);
        }
        if words.len() == N_WORDS {
            break;
        }
    }
    ensure!(words.len() == N_WORDS, "the corpus has too few rare words for the lists: {}", words.len());
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let words = words.join(", ");
    Ok(format!("[exclude]\nnsfw = \"exclude\"\n[[exclude.words]]\nname = \"rare\"\nwords = [{words}]\n"))
}

/// What moderators of a large index may have decided in some years.
fn decisions(n_videos: u64) -> anyhow::Result<ModerationFile> {
    let mut rng = SmallRng::seed_from_u64(13);
    let mut decisions = Vec::new();
    for id in 0..N_DECISIONS {
        let video = corpus::video(rng.random_range(0..n_videos));
        let handle = |actor: &journal::record::Actor| format!("{}@{}", actor.name, video.host).to_lowercase();
        let (action, target) = match id % 50 {
            0 => (Action::Downrank, Target::Channel(handle(&video.channel))),
            1..3 => (Action::Hide, Target::Channel(handle(&video.channel))),
            3..5 => (Action::Hide, Target::Account(handle(&video.account))),
            5..7 => (Action::Downrank, Target::Item(format!("{}", video.record_id()))),
            _ => (Action::Hide, Target::Item(format!("{}", video.record_id()))),
        };
        let at = jiff::Timestamp::from_millisecond(corpus::NOW_MS)?;
        decisions.push(Decision { id, action, target, reason: "bench".to_owned(), source: None, at });
    }
    Ok(ModerationFile::new(jiff::Timestamp::from_millisecond(corpus::NOW_MS)?, decisions, Vec::new()))
}

fn measure(indexes: &[(&str, SearchIndex)], arguments: &Arguments, report: &mut String) -> anyhow::Result<()> {
    let requests = requests(arguments)?;
    let mut latencies: Vec<Vec<Duration>> = indexes.iter().map(|_| Vec::with_capacity(requests.len())).collect();
    // Once through, unmeasured: caches are those of a running service.
    for request in requests.iter().take(requests.len() / 4) {
        for (_, index) in indexes {
            ask(index, request)?;
        }
    }
    for (request, n) in requests.iter().zip(0_usize..) {
        // Whoever is first of a turn finds the caches of the processor cold, so each is first in turn.
        for nth in 0..indexes.len() {
            let nth = (nth + n) % indexes.len();
            if let (Some((_, index)), Some(latencies)) = (indexes.get(nth), latencies.get_mut(nth)) {
                let begun = Instant::now();
                ask(index, request)?;
                latencies.push(begun.elapsed());
            }
        }
    }
    writeln!(
        report,
        "{} requests: four of videos, two of channels, two of playlists, two with facets in ten\n",
        requests.len()
    )?;
    writeln!(report, "| ruling | p50 ms | p99 ms | p50 as a multiple of that without rules |\n|---|---|---|---|")?;
    let mut without = None;
    for ((name, _), latencies) in indexes.iter().zip(&mut latencies) {
        latencies.sort_unstable();
        let at = |share: f64| {
            let place = ((latencies.len() - 1) as f64 * share) as usize;
            latencies.get(place).copied().map_or(0.0, milliseconds)
        };
        let (p50, p99) = (at(0.5), at(0.99));
        let ratio = p50 / *without.get_or_insert(p50);
        writeln!(report, "| {name} | {p50:.3} | {p99:.2} | {ratio:.2} |")?;
        if ratio > AIM {
            writeln!(report, "\n{name}: {ratio:.2} is more than the aim of {AIM}\n")?;
        }
    }
    Ok(())
}

/// Asks and writes the answer, as the routes do.
fn ask(index: &SearchIndex, request: &Asked) -> anyhow::Result<usize> {
    let deadline = Deadline::none();
    Ok(match request {
        Asked::Videos(query) => VideoList::to_json(index.search(query, deadline)?)?.len(),
        Asked::Channels(query) => ChannelList::to_json(index.search_channels(query, deadline)?)?.len(),
        Asked::Playlists(query) => PlaylistList::to_json(index.search_playlists(query, deadline)?)?.len(),
        Asked::Faceted(query) => {
            let page = index.search_with_matches(query, deadline)?;
            let filter = KindFilter::Videos(Box::new(query.filter.clone()));
            let request = FacetRequest { facets: Facet::OF_VIDEOS.to_vec(), size: 10 };
            let facets = index.facets(&filter, page.matches.as_ref(), &request, deadline)?;
            VideoList::to_json(page)?.len() + facets.len()
        }
    })
}

fn requests(arguments: &Arguments) -> anyhow::Result<Vec<Asked>> {
    let mut rng = SmallRng::seed_from_u64(7);
    let mut requests = Vec::with_capacity(arguments.requests);
    for _ in 0..arguments.requests {
        let video = corpus::video(rng.random_range(0..arguments.videos));
        let category = video.category.as_ref().map_or(1, |category| category.id);
        let language = video.language.as_ref().map_or("_unknown", |language| language.id.as_str());
        let text = |title: &str, rng: &mut SmallRng| {
            let words: Vec<&str> = title.split(' ').collect();
            let n_words = rng.random_range(1..=3.min(words.len()));
            let first = rng.random_range(0..=words.len() - n_words);
            format!("search={}", words.iter().skip(first).take(n_words).copied().collect::<Vec<_>>().join("+"))
        };
        let filters = format!(
            "nsfw=false&languageOneOf[]={language}&categoryOneOf[]={category}&startDate=2021-01-01&durationMin=60"
        );
        let read = |query: &str| parse_query_string(&format!("count=10&{query}"), Location::Query);
        let videos =
            |query: &str| read_video_query(&read(query)).map(Box::new).map_err(|error| anyhow::anyhow!("{error:?}"));
        let words = text(&video.name, &mut rng);
        requests.push(match rng.random_range(0..10) {
            0..2 => Asked::Videos(videos(&words)?),
            2..4 => Asked::Videos(videos(&format!("{words}&{filters}"))?),
            4..6 => {
                let channel = corpus::channel(rng.random_range(0..corpus::n_channels(arguments.videos).max(1)));
                let query = text(&channel.actor.display_name, &mut rng);
                Asked::Channels(read_channel_query(&read(&query)).map_err(|error| anyhow::anyhow!("{error:?}"))?)
            }
            6..8 => {
                let n_playlists = corpus::n_playlists(arguments.videos).max(1);
                let playlist = corpus::playlist(rng.random_range(0..n_playlists), arguments.videos);
                let query = text(&playlist.display_name, &mut rng);
                Asked::Playlists(read_playlist_query(&read(&query)).map_err(|error| anyhow::anyhow!("{error:?}"))?)
            }
            _ => Asked::Faceted(videos(&format!("{words}&{filters}"))?),
        });
    }
    Ok(requests)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

//! What does "near me" cost? Searches of a million events around places, in process, by the same index that serves visitors.
//!
//! Corpus: `events.rs`, indexed as `vigie index --rebuild` does. Each circle is asked once, so no set of it is remembered.
//! Excluded: HTTP, parsing, writing of the answer, and cold file caches. Totals and first places are compared with a look at
//! every point, which also says what there is to win.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use benches::corpus::{NOW_MS, SEED};
use benches::{events, machine};
use clap::Parser;
use indexer::geography::{Area, BoundingBox, Circle, GeoPoint, distance_m};
use indexer::{Indexer, Options, Snapshot};
use journal::{Journal, Reader};
use query_api::SearchIndex;
use query_api::query::{EventFilter, EventQuery, EventTimes, Sort, SortKey, TextQuery};
use query_api::search::Deadline;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Entries in one append.
const APPEND: u64 = 1000;

const RADII_KM: [u32; 4] = [5, 25, 100, 500];

/// Searches of each row that are compared with a look at every point.
const COMPARED: usize = 20;

/// The aim of the project for the 99th percentile at 25 km.
const AIM: Duration = Duration::from_millis(10);

#[derive(Parser)]
struct Arguments {
    /// Events of the corpus; made and indexed first where they are missing.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Where corpora are kept.
    #[arg(long, default_value = "target/corpus")]
    dir: PathBuf,
    /// Searches of each row.
    #[arg(long, default_value_t = 2000)]
    searches: usize,
    /// Write the result there as well.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.searches > 0 && arguments.events > 0, "nothing to measure");
    let mut report = format!("# Searches near a place, {} events\n\n{}\n\n", arguments.events, machine::describe());
    let dir = arguments.dir.join(format!("events-{}", arguments.events));
    prepare(&dir, arguments.events, &mut report)?;
    let begun = Instant::now();
    let snapshot = Snapshot::open_current(&dir.join("index"))?;
    let n_segments = snapshot.events.segment_readers().len();
    let index = SearchIndex::open(snapshot, None)?;
    index.warm();
    writeln!(report, "- {n_segments} segments, opened and warmed in {} ms", begun.elapsed().as_millis())?;
    measure(&index, &arguments, &mut report)?;
    println!("{report}");
    if let Some(out) = &arguments.out {
        std::fs::write(out, report).with_context(|| format!("writing `{}`", out.display()))?;
    }
    Ok(())
}

/// Makes the journal and the index where they are missing.
fn prepare(dir: &Path, n_events: u64, report: &mut String) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("making `{}`", dir.display()))?;
    let journal_path = dir.join("journal.db");
    let journal = Journal::open(&journal_path)?;
    if journal.reader()?.stats()?.n_records < n_events {
        let writer = journal.writer();
        for first in (0..n_events).step_by(APPEND as usize) {
            writer.append_blocking(events::entries(first..n_events.min(first + APPEND)))?;
        }
    }
    drop(journal);
    let index_dir = dir.join("index");
    if Snapshot::current_generation(&index_dir)?.is_none() {
        let begun = Instant::now();
        let mut indexer = Indexer::open(&index_dir, Options::default())?;
        indexer.rebuild(&Reader::open(&journal_path)?, &AtomicBool::new(false), &mut |_| {})?;
        let per_second = n_events as f64 / begun.elapsed().as_secs_f64();
        writeln!(report, "- index: {per_second:.0} events/s from the journal, merged to one segment")?;
    }
    let bytes = machine::directory_bytes(&index_dir.join("generations"));
    writeln!(report, "- index on disk: {:.2} GB", bytes as f64 / 1e9)?;
    Ok(())
}

fn measure(index: &SearchIndex, arguments: &Arguments, report: &mut String) -> anyhow::Result<()> {
    let n_events = arguments.events;
    let points: Vec<Option<GeoPoint>> = (0..n_events).map(point).collect();
    let points: Vec<GeoPoint> = points.into_iter().flatten().collect();
    writeln!(
        report,
        "- {} searches a row, {COMPARED} of each compared with a look at every point\n",
        arguments.searches
    )?;
    writeln!(report, "| search | results, mean | p50 ms | p99 ms | max ms | a look at every point, ms |")?;
    writeln!(report, "|---|---|---|---|---|---|")?;
    let mut rng = SmallRng::seed_from_u64(SEED ^ 0x5eed);
    let mut p99_at_25_km = Duration::ZERO;
    for radius_km in RADII_KM {
        let mut near = |change: &mut dyn FnMut(&mut SmallRng, &mut EventQuery)| -> Vec<EventQuery> {
            let searches = (0..arguments.searches).map(|_| {
                let centre = centre(&mut rng);
                let mut query = nearest(centre, f64::from(radius_km) * 1000.0);
                change(&mut rng, &mut query);
                query
            });
            searches.collect()
        };
        let plain = near(&mut |_, _| {});
        let of_category = near(&mut |rng, query| {
            let categories = indexer::schema::EVENT_CATEGORIES;
            query.filter.categories.extend(categories.get(rng.random_range(0..8)).map(|name| (*name).to_owned()));
        });
        let upcoming = near(&mut |_, query| {
            query.filter.times = EventTimes::between(Some(NOW_MS), None);
            query.sort = Sort { key: SortKey::StartTime, descending: false };
        });
        let with_word = near(&mut |rng, query| {
            let title = events::event(rng.random_range(0..n_events)).title;
            query.text = title.split_whitespace().next().map(TextQuery::parse);
            query.sort = Sort::default();
        });
        let look = compare(index, &points, &plain)?;
        let rows = [
            (format!("{radius_km} km, first 20 by distance + total"), plain, Some(look)),
            (format!("{radius_km} km, of a category"), of_category, None),
            (format!("{radius_km} km, upcoming, by start"), upcoming, None),
            (format!("{radius_km} km, with a word, by relevance"), with_word, None),
        ];
        for (nth, (name, searches, look)) in rows.into_iter().enumerate() {
            let row = Row::measure(index, &searches)?;
            if radius_km == 25 && nth == 0 {
                p99_at_25_km = row.p99;
            }
            row.write(report, &name, look)?;
        }
    }
    for degrees in [0.1, 1.0, 10.0, 60.0] {
        let boxes: Vec<EventQuery> = (0..arguments.searches).map(|_| in_box(centre(&mut rng), degrees)).collect();
        Row::measure(index, &boxes)?.write(report, &format!("box {degrees}° high, upcoming, by start"), None)?;
    }
    let verdict = if p99_at_25_km <= AIM { "met" } else { "missed" };
    writeln!(report, "\nThe aim, a p99 of at most {} ms at 25 km, is {verdict}.", AIM.as_millis())?;
    Ok(())
}

/// The figures of a row.
struct Row {
    n_found: f64,
    p50: Duration,
    p99: Duration,
    max: Duration,
}

impl Row {
    fn measure(index: &SearchIndex, searches: &[EventQuery]) -> anyhow::Result<Self> {
        let mut times = Vec::with_capacity(searches.len());
        let mut n_found = 0;
        for query in searches {
            let begun = Instant::now();
            let page = index.search_events(query, Deadline::none())?;
            times.push(begun.elapsed());
            n_found += page.n_found;
        }
        times.sort_unstable();
        let at = |share: f64| times.get(((times.len() - 1) as f64 * share) as usize).copied().unwrap_or_default();
        Ok(Self { n_found: n_found as f64 / times.len() as f64, p50: at(0.5), p99: at(0.99), max: at(1.0) })
    }

    fn write(&self, report: &mut String, name: &str, look: Option<Duration>) -> anyhow::Result<()> {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let look = look.map_or_else(String::new, |look| format!("{:.1}", ms(look)));
        let Self { n_found, p50, p99, max } = self;
        writeln!(report, "| {name} | {n_found:.0} | {:.3} | {:.2} | {:.1} | {look} |", ms(*p50), ms(*p99), ms(*max))?;
        Ok(())
    }
}

/// The first twenty around a point.
fn nearest(centre: GeoPoint, radius_m: f64) -> EventQuery {
    EventQuery {
        count: 20,
        sort: Sort { key: SortKey::Distance, descending: false },
        near: Some(centre),
        filter: EventFilter { areas: vec![Area::Circle(Circle::new(centre, radius_m))], ..EventFilter::default() },
        ..EventQuery::default()
    }
}

/// What a map shows around a point: so many degrees of latitude, twice as many of longitude.
fn in_box(centre: GeoPoint, degrees: f64) -> EventQuery {
    let (lat, lon) = (centre.lat(), centre.lon());
    let bounds = BoundingBox::new(lat + degrees / 2.0, lon - degrees, lat - degrees / 2.0, lon + degrees);
    let times = EventTimes::between(Some(NOW_MS), None);
    EventQuery {
        count: 20,
        sort: Sort { key: SortKey::StartTime, descending: false },
        filter: EventFilter { areas: bounds.into_iter().map(Area::Box).collect(), times, ..EventFilter::default() },
        ..EventQuery::default()
    }
}

/// Where somebody looks: where events are.
fn centre(rng: &mut SmallRng) -> GeoPoint {
    loop {
        let (lat, lon, _) = events::place(rng);
        if let Some(point) = GeoPoint::new(lat, lon) {
            return point;
        }
    }
}

fn point(number: u64) -> Option<GeoPoint> {
    let point = events::event(number).address?.point?;
    GeoPoint::new(point.lat(), point.lon())
}

/// Compares totals and distances with a look at every point; gives how long such a look takes.
fn compare(index: &SearchIndex, points: &[GeoPoint], searches: &[EventQuery]) -> anyhow::Result<Duration> {
    let mut elapsed = Duration::ZERO;
    let compared = searches.iter().take(COMPARED);
    let n_compared = compared.len() as u32;
    for query in compared {
        let (Some(near), Some(area)) = (query.near, query.filter.areas.first()) else { continue };
        let begun = Instant::now();
        let mut expected: Vec<f64> =
            points.iter().filter(|point| area.contains(**point)).map(|point| distance_m(near, *point)).collect();
        expected.sort_unstable_by(f64::total_cmp);
        elapsed += begun.elapsed();
        let page = index.search_events(query, Deadline::none())?;
        ensure!(page.n_found == expected.len(), "{query:?}: {} found, {} expected", page.n_found, expected.len());
        let found: Vec<f64> = page.hits.iter().filter_map(|hit| hit.distance_m).collect();
        ensure!(expected.starts_with(&found), "{query:?}: {found:?} is not the beginning of the nearest");
    }
    Ok(elapsed / n_compared.max(1))
}

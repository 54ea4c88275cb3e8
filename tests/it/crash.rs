//! kill -9 at random moments of crawl and index: what was acknowledged is there, and the index equals a rebuild.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use journal::{Offset, Reader};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use simulator::{Catalogue, Fediverse, HostSetup};

use crate::rig::{Rig, n_indexed, runtime, wait_until};

/// Kills in a plain run; VIGIE_KILLS raises it.
const KILLS: usize = 50;

/// How long a round waits for pages before it kills all the same.
const WORK_LIMIT: Duration = Duration::from_secs(5);

const HOSTS: usize = 6;
const VIDEOS: u32 = 250;

/// The rows that the crawler acknowledged in its log: each line is written after the append returned.
fn acknowledged(lines: &[String]) -> Vec<(u64, u64)> {
    lines
        .iter()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|line| Some((line.get("journal.offset")?.as_u64()?, line.get("written")?.as_u64()?)))
        .collect()
}

// case 99, case 100, case 101, case 107
#[test]
fn fifty_kills_lose_no_acknowledged_page_and_the_index_equals_a_rebuild() {
    let n_kills = std::env::var("VIGIE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let seed = std::env::var("VIGIE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    println!("{n_kills} kills, seed {seed}");
    let mut rng = SmallRng::seed_from_u64(seed);
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let catalogue = Catalogue::new(seed, now, HOSTS);
    let runtime = runtime();
    let mut builder = Fediverse::builder();
    for index in 0..HOSTS {
        builder = builder.host(HostSetup::generated(catalogue.instance(index, VIDEOS).unwrap()).rate_limit(None));
    }
    let fediverse = runtime.block_on(builder.start()).unwrap();
    let rig = Rig::new(&fediverse, "10ms");
    let names: Vec<String> = fediverse.resolve().into_keys().collect();

    let mut last_acknowledged = 0;
    let mut n_acknowledged = 0;
    for kill in 0..n_kills {
        // Something new on every host, so that each round has pages to write.
        for name in &names {
            let host = fediverse.host(name).unwrap();
            for _ in 0..5 {
                host.add_video(now).unwrap();
            }
        }
        let running = rig.start(&["up", "--listen", "127.0.0.1:0"]);
        // One kill in five falls into the start, the others into the work, which begins late on a busy machine: the
        // crawler waits longer for a host that answers slowly.
        if rng.random_range(0..5) > 0 {
            let begun = Instant::now();
            let n_pages = rng.random_range(1..=4);
            while acknowledged(&running.lines()).len() < n_pages && begun.elapsed() < WORK_LIMIT {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        std::thread::sleep(Duration::from_millis(rng.random_range(0..300)));
        let lines = running.kill();
        let said = acknowledged(&lines);
        n_acknowledged += said.len();
        last_acknowledged = said.iter().map(|(offset, _)| *offset).fold(last_acknowledged, u64::max);
        if !rig.data().join("journal.db").exists() {
            continue;
        }
        // A kill in the very first moments can leave a file without tables; the next start makes them.
        let Ok(reader) = Reader::open(&rig.data().join("journal.db")) else {
            assert_eq!(last_acknowledged, 0, "kill {kill}: the journal cannot be opened");
            continue;
        };
        assert_eq!(reader.integrity_check().unwrap(), Vec::<String>::new(), "kill {kill}");
        let last = reader.last_offset().unwrap();
        assert!(last.0 >= last_acknowledged, "kill {kill}: acknowledged {last_acknowledged}, kept {last}");
        for (offset, n_written) in said {
            let after = Offset(offset - n_written);
            let kept = reader.read_after(after, usize::try_from(n_written).unwrap()).unwrap();
            let is_whole = kept.len() as u64 == n_written && kept.last().is_none_or(|(last, _)| last.0 == offset);
            assert!(is_whole, "kill {kill}: a page of {n_written} rows up to {offset} is not whole");
        }
    }
    assert!(n_acknowledged > n_kills / 4, "only {n_acknowledged} pages were acknowledged: the kills came too early");

    // Now it may finish: everything listed is in the index, and the index says what the journal says.
    let running = rig.start(&["up", "--listen", "127.0.0.1:0"]);
    let n_listed: u64 = names.iter().map(|name| fediverse.host(name).unwrap().listed().len() as u64).sum();
    wait_until("every listed video is indexed", || n_indexed(&rig.index()) == n_listed);
    let (elapsed, is_well) = running.interrupt();
    assert!(is_well && elapsed < Duration::from_secs(5), "Ctrl-C took {elapsed:?}");
    rig.run(&["index"]);
    let incremental = rig.run(&["index", "--check"]);
    rig.run(&["index", "--rebuild"]);
    let rebuilt = rig.run(&["index", "--check"]);
    let documents = |text: &str| text.split(": ").nth(1).map(str::to_owned);
    assert_eq!(documents(&incremental), documents(&rebuilt));
    rig.run(&["doctor"]);
    runtime.block_on(fediverse.shutdown());
}

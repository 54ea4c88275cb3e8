//! What do the embedded cities cost? Time and memory to unpack them, and time to find some by what was typed.

use std::time::{Duration, Instant};

use anyhow::Context;
use query_api::places::{self, PlaceQuery};

/// Texts as people type them: beginnings, whole names, other scripts, and what nobody is called.
const TEXTS: [&str; 24] = [
    "a",
    "s",
    "m",
    "la",
    "san",
    "new",
    "par",
    "lyo",
    "lyon",
    "wien",
    "Wien, Österreich",
    "paris, tex",
    "münchen",
    "saint-é",
    "東京",
    "北",
    "Моск",
    "القاهرة",
    "köln",
    "st",
    "new york",
    "zzzz",
    "frankfurt",
    "monaco di bav",
];

const ROUNDS: usize = 200;

fn main() -> anyhow::Result<()> {
    let before = anonymous_kib()?;
    let begun = Instant::now();
    places::warm();
    let unpacked = begun.elapsed();
    let after = anonymous_kib()?;
    println!("unpacked in {} ms, {} KiB of anonymous memory", unpacked.as_millis(), after.saturating_sub(before));
    let mut times: Vec<(Duration, &str)> = Vec::new();
    for _ in 0..ROUNDS {
        for text in TEXTS {
            let query = PlaceQuery { text: text.to_owned(), language: Some("fr".to_owned()), count: 10, near: None };
            let begun = Instant::now();
            std::hint::black_box(places::search(&query));
            times.push((begun.elapsed(), text));
        }
    }
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last());
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("greatest", 1.0)] {
        let (time, text) = at(share).context("nothing was measured")?;
        println!("search: {name} {:.3} ms ({text:?})", time.as_secs_f64() * 1e3);
    }
    let begun = Instant::now();
    for text in TEXTS {
        std::hint::black_box(places::resolve(text, None));
    }
    println!("resolve: {:.3} ms on average", begun.elapsed().as_secs_f64() * 1e3 / TEXTS.len() as f64);
    Ok(())
}

/// Memory of this process that no file stands behind.
fn anonymous_kib() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("reading /proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("finding RssAnon")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}

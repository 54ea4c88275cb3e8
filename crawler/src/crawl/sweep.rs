//! The full scan of a listing, oldest first: where it goes next and when it has seen everything.
//!
//! The instance's `total` is a claim. What counts is what pages hold: a scan ends where the rows end, gives up when
//! pages repeat, and never costs many more pages than the rows it has brought.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Rows asked for in one page; PeerTube refuses more.
pub const PAGE_ROWS: u64 = 100;

/// Rows of the previous page that are asked for again: a deletion during the scan shifts everything behind it.
const OVERLAP_ROWS: u64 = 5;

/// Empty pages passed over while the instance claims that more follows.
const MAX_EMPTY_PAGES: u32 = 3;

/// Pages without anything new before the scan gives up.
const MAX_BARREN_PAGES: u32 = 2;

/// Pages of one sweep whatever happens: two million videos.
const MAX_PAGES: u64 = 20_000;

/// Losses that are not believed at once: more than half of a list of at least this many.
const MIN_ROWS_FOR_DROP_GUARD: u64 = 4;

/// Sweeps for which a large loss is held.
const MAX_HELD_SWEEPS: u32 = 2;

/// A sweep, in progress or ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sweep {
    /// 1 for the first of a host; marks what it has seen.
    pub number: u32,
    /// Between its first and its last page.
    pub is_running: bool,
    /// First row of the next page.
    pub start: u64,
    /// Pages so far.
    pub n_pages: u64,
    /// Rows so far, overlaps counted twice.
    pub n_rows: u64,
    /// Different rows so far.
    pub n_distinct: u64,
    /// Of these, rows of the instance's own; only they justify more pages.
    pub n_own: u64,
    /// Empty pages in a row.
    pub n_empty: u32,
    /// Pages without anything new, in a row.
    pub n_barren: u32,
    /// What the instance last claimed the listing holds.
    pub claimed_total: Option<u64>,
    /// The rows of the previous page, shortened.
    pub previous: Vec<u64>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When it ended, whole or not.
    pub ended_at: Option<Timestamp>,
    /// Why it ended before it had seen everything.
    pub stopped_because: Option<String>,
    /// Times in a row that the next page could not be read.
    pub n_failed: u32,
    /// Sweeps in a row that missed more than half of what is known.
    pub n_held: u32,
}

/// Failures of one page in a row after which a sweep or a poll goes without it. With the backoff between them, the first
/// sweep of a host that is down goes on for more than half a day.
pub const MAX_FAILED: u32 = 5;

/// What a page tells the sweep.
#[derive(Clone, Debug, Default)]
pub struct PageFacts {
    /// Rows on the page.
    pub n_rows: u64,
    /// Rows that this sweep had not seen before.
    pub n_new: u64,
    /// Of these, rows of the instance's own.
    pub n_own: u64,
    /// What the instance claims.
    pub total: Option<u64>,
    /// The rows, shortened.
    pub rows: Vec<u64>,
}

/// How a list is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageShape {
    /// Rows asked for.
    pub rows: u64,
    /// Rows of the page before that are asked for again; 0 for lists whose pages have numbers.
    pub overlap: u64,
}

impl PageShape {
    /// Pages by their first row.
    pub const BY_ROW: Self = Self { rows: PAGE_ROWS, overlap: OVERLAP_ROWS };

    /// Pages by number. What a deletion pushes onto a page already read is missing, and asked for by itself.
    pub fn by_number(rows: u64) -> Self {
        Self { rows: rows.max(1), overlap: 0 }
    }
}

/// What becomes of the sweep after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The next page is at [`Sweep::start`].
    Continue,
    /// Everything was seen: what was not seen is missing.
    Complete,
    /// Given up; nothing can be said about what was not seen.
    Stopped(String),
}

/// What becomes of the records that a complete sweep did not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing is missing.
    None,
    /// Each is asked for by itself, and withdrawn when the instance says so.
    Confirm,
    /// Too many at once: kept until more sweeps agree, and shown to the operator.
    Hold,
}

impl Sweep {
    /// Starts the next sweep.
    pub fn begin(&mut self, now: Timestamp) {
        *self = Self {
            number: self.number.saturating_add(1),
            is_running: true,
            started_at: Some(now),
            ended_at: self.ended_at,
            n_held: self.n_held,
            claimed_total: self.claimed_total,
            ..Self::default()
        };
    }

    /// Takes note that the next page could not be read. One page that never can must not keep everything else waiting: the
    /// sweep ends, incomplete, and what it did not see stays.
    pub fn fail(&mut self, now: Timestamp) {
        self.n_failed += 1;
        if self.is_running && self.start > 0 && self.n_failed >= MAX_FAILED {
            self.end(now, Some(format!("the page at {} cannot be read", self.start)));
        }
    }

    /// Takes in a page and decides how to go on.
    pub fn advance(&mut self, page: PageFacts, now: Timestamp) -> Verdict {
        self.advance_by(page, PageShape::BY_ROW, now)
    }

    /// The same for pages of another shape.
    pub fn advance_by(&mut self, page: PageFacts, shape: PageShape, now: Timestamp) -> Verdict {
        self.n_failed = 0;
        self.n_pages += 1;
        if shape.overlap == 0 {
            // A page has a number: of a size that changed since the last one it begins before what was asked for.
            self.start -= self.start % shape.rows.max(1);
        }
        self.n_rows = self.n_rows.saturating_add(page.n_rows);
        self.n_distinct = self.n_distinct.saturating_add(page.n_new);
        self.n_own = self.n_own.saturating_add(page.n_own);
        self.claimed_total = page.total;
        self.n_empty = if page.n_rows == 0 { self.n_empty + 1 } else { 0 };
        self.n_barren = if page.n_new == 0 { self.n_barren + 1 } else { 0 };
        let end = self.start.saturating_add(page.n_rows);
        let is_short = page.n_rows < shape.rows;
        let claims_more = page.total.is_some_and(|total| end < total);
        self.previous = page.rows;

        let verdict = if is_short && !claims_more {
            Verdict::Complete
        } else if self.n_empty >= MAX_EMPTY_PAGES || (self.n_barren >= MAX_BARREN_PAGES && self.n_empty == 0) {
            self.judge_barren_end()
        } else if self.n_pages >= self.budget(shape) {
            Verdict::Stopped(format!("{} pages brought only {} items of its own", self.n_pages, self.n_own))
        } else {
            Verdict::Continue
        };
        match &verdict {
            Verdict::Continue => {
                self.start = if page.n_rows == 0 || shape.overlap == 0 {
                    self.start.saturating_add(shape.rows)
                } else if is_short {
                    end
                } else {
                    end.saturating_sub(shape.overlap)
                };
            }
            Verdict::Complete => self.end(now, None),
            Verdict::Stopped(reason) => self.end(now, Some(reason.clone())),
        }
        verdict
    }

    /// Pages that the instance's own rows seen so far justify.
    fn budget(&self, shape: PageShape) -> u64 {
        let expected = self.n_own / shape.rows.saturating_sub(shape.overlap).max(1);
        (expected + expected / 5 + 20).min(MAX_PAGES)
    }

    /// Nothing new comes any more. A claim that is only a little too high is a miscount; a much higher one means that
    /// the listing does not show what it has.
    fn judge_barren_end(&self) -> Verdict {
        match self.claimed_total {
            Some(total) if total > self.n_distinct + self.n_distinct / 10 + 20 => {
                Verdict::Stopped(format!("it claims {total} items and its pages repeat after {}", self.n_distinct))
            }
            _ => Verdict::Complete,
        }
    }

    fn end(&mut self, now: Timestamp, stopped_because: Option<String>) {
        self.is_running = false;
        self.ended_at = Some(now);
        self.start = 0;
        self.previous = Vec::new();
        self.stopped_because = stopped_because;
    }

    /// Judges what a complete sweep did not see.
    ///
    /// - `n_known`: everything known of the host, the missing included.
    pub fn judge_missing(&mut self, n_known: u64, n_missing: u64) -> Missing {
        if n_missing == 0 {
            self.n_held = 0;
            return Missing::None;
        }
        let is_drop = n_known >= MIN_ROWS_FOR_DROP_GUARD && n_missing * 2 > n_known;
        if is_drop && self.n_held < MAX_HELD_SWEEPS {
            self.n_held += 1;
            return Missing::Hold;
        }
        // Held no longer: from here on each is asked for by itself.
        self.n_held = 0;
        Missing::Confirm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    /// Runs a sweep against a listing; returns the verdict, the rows seen and the starts asked for.
    fn sweep(mut page_at: impl FnMut(u64) -> (Vec<u64>, Option<u64>)) -> (Verdict, Vec<u64>, Vec<u64>) {
        let mut sweep = Sweep::default();
        sweep.begin(now());
        let (mut seen, mut starts) = (Vec::new(), Vec::new());
        loop {
            starts.push(sweep.start);
            let (rows, total) = page_at(sweep.start);
            let new: Vec<u64> = rows.iter().copied().filter(|row| !seen.contains(row)).collect();
            let n_new = new.len() as u64;
            let facts = PageFacts { n_rows: rows.len() as u64, n_new, n_own: n_new, total, rows };
            seen.extend(new);
            let verdict = sweep.advance(facts, now());
            if verdict != Verdict::Continue {
                return (verdict, seen, starts);
            }
            assert!(starts.len() <= 20_000, "never ends");
        }
    }

    fn slice(rows: &[u64], start: u64) -> Vec<u64> {
        rows.iter().copied().skip(start as usize).take(PAGE_ROWS as usize).collect()
    }

    #[test]
    fn a_listing_is_seen_whole() {
        for n in [0, 1, 99, 100, 101, 195, 200, 1234] {
            let rows: Vec<u64> = (0..n).collect();
            let (verdict, seen, _) = sweep(|start| (slice(&rows, start), Some(n)));
            assert_eq!((verdict, seen.len() as u64), (Verdict::Complete, n));
            let (verdict, seen, _) = sweep(|start| (slice(&rows, start), None));
            assert_eq!((verdict, seen.len() as u64), (Verdict::Complete, n), "without a total");
        }
    }

    #[test]
    fn pages_whose_size_changes_hide_nothing() {
        let rows: Vec<u64> = (0..200).collect();
        let mut sweep = Sweep::default();
        sweep.begin(now());
        let mut seen = std::collections::BTreeSet::new();
        // Larger after the first page, and halved again later.
        for size in [8, 16, 16, 16, 8, 4, 4, 4, 8, 16, 32, 8].into_iter().chain(std::iter::repeat(32)) {
            let page: Vec<u64> =
                rows.iter().copied().skip((sweep.start / size * size) as usize).take(size as usize).collect();
            let n_new = page.iter().filter(|row| seen.insert(**row)).count() as u64;
            let facts = PageFacts { n_rows: page.len() as u64, n_new, n_own: n_new, total: Some(200), rows: page };
            if sweep.advance_by(facts, PageShape::by_number(size), now()) != Verdict::Continue {
                break;
            }
        }
        assert_eq!(seen.len(), 200);
    }

    #[test]
    fn a_deletion_during_the_scan_hides_nothing() {
        let mut rows: Vec<u64> = (0..500).collect();
        let mut n_pages = 0;
        let (verdict, seen, _) = sweep(|start| {
            let page = slice(&rows, start);
            n_pages += 1;
            if n_pages == 2 {
                rows.drain(10..13);
            }
            (page, Some(rows.len() as u64))
        });
        assert_eq!(verdict, Verdict::Complete);
        assert_eq!(seen.len(), 500);
    }

    #[test]
    fn case_49_a_huge_claim_costs_few_pages() {
        let (verdict, _, starts) = sweep(|start| ((start..start + 15).collect(), Some(1_000_000_000_000)));
        assert!(matches!(verdict, Verdict::Stopped(_)), "{verdict:?}");
        assert!(starts.len() <= 25, "{} pages", starts.len());
        // The same claim with an honest end: nothing is concluded about what was not seen.
        let rows: Vec<u64> = (0..250).collect();
        let (verdict, seen, starts) = sweep(|start| (slice(&rows, start), Some(1_000_000_000_000)));
        assert!(matches!(verdict, Verdict::Stopped(_)));
        assert_eq!(seen.len(), 250);
        assert!(starts.len() <= 7);
    }

    #[test]
    fn rows_of_other_instances_justify_no_pages() {
        let mut sweep = Sweep::default();
        sweep.begin(now());
        let mut n_pages = 0;
        let verdict = loop {
            n_pages += 1;
            let rows: Vec<u64> = (sweep.start..sweep.start + 100).collect();
            let n_own = u64::from(n_pages == 1);
            let facts = PageFacts { n_rows: 100, n_new: 95, n_own, total: Some(1_000_000), rows };
            match sweep.advance(facts, now()) {
                Verdict::Continue => {}
                verdict => break verdict,
            }
        };
        assert!(matches!(verdict, Verdict::Stopped(_)));
        assert_eq!(n_pages, 20);
    }

    #[test]
    fn case_50_repeating_pages_end_the_scan() {
        let (verdict, _, starts) = sweep(|_| ((0..100).collect(), Some(5000)));
        assert!(matches!(verdict, Verdict::Stopped(_)));
        assert_eq!(starts.len(), 3);
        // Page N answers with page N - 1.
        let rows: Vec<u64> = (0..300).collect();
        let (verdict, seen, _) = sweep(|start| (slice(&rows, start.saturating_sub(100)), Some(300)));
        assert_eq!((verdict, seen.len()), (Verdict::Complete, 300));
    }

    #[test]
    fn case_51_an_empty_page_in_the_middle_is_passed_over() {
        let page_at = |start: u64, n_empty: u64| {
            let is_hole = (200..200 + n_empty * 100).contains(&start);
            if is_hole { Vec::new() } else { (start..(start + 100).min(900)).collect() }
        };
        let (verdict, seen, _) = sweep(|start| (page_at(start, 2), Some(900)));
        assert_eq!(verdict, Verdict::Complete);
        assert!(seen.contains(&899));
        let (verdict, _, starts) = sweep(|start| (if start < 100 { (0..100).collect() } else { vec![] }, Some(900)));
        assert!(matches!(verdict, Verdict::Stopped(_)));
        assert_eq!(starts, [0, 95, 190, 290, 390]);
    }

    #[test]
    fn a_total_that_is_a_little_too_high_is_a_miscount() {
        let rows: Vec<u64> = (0..42).collect();
        let (verdict, seen, starts) = sweep(|start| (slice(&rows, start), Some(44)));
        assert_eq!((verdict, seen.len()), (Verdict::Complete, 42));
        assert!(starts.len() <= 4, "{} pages", starts.len());
    }

    #[test]
    fn a_page_that_never_can_be_read_ends_the_sweep_and_nothing_is_missing() {
        let mut sweep = Sweep::default();
        sweep.begin(now());
        (0..10).for_each(|_| sweep.fail(now()));
        assert!(sweep.is_running, "without its first page there is nothing to go on with");
        let page = PageFacts { n_rows: PAGE_ROWS, n_new: PAGE_ROWS, n_own: PAGE_ROWS, total: Some(500), rows: vec![1] };
        assert_eq!(sweep.advance(page, now()), Verdict::Continue);
        (1..MAX_FAILED).for_each(|_| sweep.fail(now()));
        assert!(sweep.is_running);
        sweep.fail(now());
        assert!(!sweep.is_running && sweep.stopped_because.is_some() && sweep.ended_at.is_some());
    }

    #[test]
    fn case_90_a_large_loss_is_held_for_two_sweeps() {
        let mut sweep = Sweep::default();
        assert_eq!(sweep.judge_missing(100, 0), Missing::None);
        assert_eq!(sweep.judge_missing(100, 10), Missing::Confirm);
        assert_eq!(sweep.judge_missing(100, 100), Missing::Hold);
        assert_eq!(sweep.judge_missing(100, 51), Missing::Hold);
        assert_eq!(sweep.judge_missing(100, 51), Missing::Confirm);
        assert_eq!(sweep.judge_missing(100, 50), Missing::Confirm);
        assert_eq!(sweep.n_held, 0);
        assert_eq!(sweep.judge_missing(3, 3), Missing::Confirm); // Each is asked for by itself anyway.
    }
}

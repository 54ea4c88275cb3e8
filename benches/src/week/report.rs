//! The result of a week in Markdown.

use std::fmt::Write as _;

use super::{Ledger, Requests, What};

/// The table of how soon changes were searchable.
///
/// # Errors
/// Never: a text can be written to.
pub fn freshness(report: &mut String, ledger: &Ledger, rows: &[What]) -> std::fmt::Result {
    writeln!(report, "| change | asked: within | counted | within it | p50 | p95 | max | never seen | not counted |")?;
    writeln!(report, "|---|---|---|---|---|---|---|---|---|")?;
    for &what in rows {
        let outcome = ledger.outcome(what);
        let limit = what.limit();
        writeln!(
            report,
            "| {} | {} | {} | {:.1} % | {} | {} | {} | {} | {} |",
            what.label(),
            time(limit.as_secs_f64()),
            outcome.delays_s.len() + outcome.n_missed,
            100.0 * outcome.share_within(limit),
            time(outcome.percentile_s(0.5)),
            time(outcome.percentile_s(0.95)),
            time(outcome.percentile_s(1.0)),
            outcome.n_missed,
            outcome.n_left_out,
        )?;
    }
    writeln!(
        report,
        "\nNot counted: changes of hosts that were down within the limit or not asked again since, changes overtaken by \
         another of the same thing, what came and went between two looks, and changes so late that the week \
         ended before their limit.\n"
    )?;
    let (hours, n_waiting) = ledger.recoveries_h();
    if let (Some(middle), Some(last)) = (hours.get(hours.len() / 2), hours.last()) {
        writeln!(
            report,
            "After an outage of 2 to 12 hours the backoff asks again: {middle:.1} h after its end at the median, \
             {last:.1} h at most, of {}; {n_waiting} not yet at the end.\n",
            hours.len()
        )?;
    }
    Ok(())
}

/// What it cost the hosts.
///
/// - `days`: those that were measured.
///
/// # Errors
/// Never: a text can be written to.
pub fn requests(report: &mut String, requests: &Requests, days: u32) -> std::fmt::Result {
    let days = f64::from(days);
    let counts = requests.of_hosts();
    let total: u64 = counts.iter().sum();
    let at = |share: f64| {
        let index = ((counts.len() as f64 * share) as usize).min(counts.len().saturating_sub(1));
        counts.get(index).map_or(0.0, |count| *count as f64 / days)
    };
    writeln!(
        report,
        "- requests per host and day: {:.0} on average, {:.0} at the median, {:.0} for the busiest",
        total as f64 / days / counts.len().max(1) as f64,
        at(0.5),
        at(1.0)
    )?;
    writeln!(
        report,
        "- pauses: the shortest between two requests to one host {:.2} s; {} of {total} requests came sooner than a second \
         after the one before",
        requests.shortest_pause_s, requests.n_too_soon
    )?;
    let (n_polls, n_requests) = requests.empty_polls;
    writeln!(
        report,
        "- polls that brought nothing: {n_polls}, with {:.3} requests each on average, {} at most\n",
        n_requests as f64 / n_polls.max(1) as f64,
        requests.most_of_an_empty_poll
    )?;
    writeln!(report, "| requests about | a day and host |\n|---|---|")?;
    for (task, n) in requests.by_task() {
        writeln!(report, "| {task} | {:.1} |", *n as f64 / days / counts.len().max(1) as f64)?;
    }
    Ok(())
}

/// Seconds for people.
fn time(seconds: f64) -> String {
    match seconds {
        seconds if seconds.is_nan() => "–".to_owned(),
        seconds if seconds < 120.0 => format!("{seconds:.0} s"),
        seconds if seconds < 7200.0 => format!("{:.0} min", seconds / 60.0),
        seconds if seconds < 172_800.0 => format!("{:.1} h", seconds / 3600.0),
        seconds => format!("{:.1} d", seconds / 86_400.0),
    }
}

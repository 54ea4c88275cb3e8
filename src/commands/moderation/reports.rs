//! `vigie moderation reports`: what visitors reported, and what is done about it.

use allowlist::registry::{OnlyOpen, Registry, Settlement};
use allowlist::report::Report;
use jiff::Timestamp;

use super::args::SettleReport;
use super::decide::open;
use crate::data::DataDir;
use crate::output::{plain, say};

/// Lists reports, the most reported first.
///
/// # Errors
/// When the registry cannot be read.
pub fn list(data: &DataDir, json: bool, only_open: OnlyOpen) -> anyhow::Result<()> {
    let reports =
        if data.registry().exists() { Registry::open(&data.registry())?.reports(only_open)? } else { Vec::new() };
    if json {
        say!("{}", serde_json::to_string_pretty(&reports)?);
        return Ok(());
    }
    for report in &reports {
        print(report);
    }
    let n_open = reports.iter().filter(|report| report.closed.is_none()).count();
    eprintln!("vigie: {n_open} reports wait; `vigie moderation reports close ID --decision … --reason …` settles one");
    Ok(())
}

/// Settles one.
///
/// # Errors
/// When it does not wait, or the registry cannot be written.
pub fn close(data: &DataDir, asked: &SettleReport) -> anyhow::Result<()> {
    let registry = open(data)?;
    let now = Timestamp::now();
    let settlement = Settlement::from(asked.decision);
    let settled = registry.settle_report(asked.id, settlement, asked.author.label(), &asked.reason, now)?;
    match &settled.decision {
        Some(decision) => {
            registry.publish_decisions(&data.index(), now)?;
            eprintln!(
                "vigie: {} by decision {}; reports closed: {}",
                plain(&decision.target.to_string()),
                decision.id,
                settled.n_closed
            );
        }
        None => eprintln!("vigie: report {} is dismissed", asked.id),
    }
    Ok(())
}

fn print(report: &Report) {
    say!(
        "{:>5}  {:<16}  {:>4} times  {}  {}  {}",
        report.id,
        report.reason.as_str(),
        report.n_reports,
        report.last_at.strftime("%Y-%m-%d %H:%M"),
        plain(&report.item),
        report.state.as_str()
    );
    for comment in &report.comments {
        let contact =
            if comment.contact.is_empty() { String::new() } else { format!("  ({})", plain(&comment.contact)) };
        // Each on one line: what visitors wrote cannot pass for a line of ours.
        say!("       {}{contact}", plain(&comment.text));
    }
    if let Some(closed) = &report.closed {
        say!("       closed by {}: {}", plain(&closed.by), plain(&closed.reason));
    }
}

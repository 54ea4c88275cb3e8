//! `vigie instances explain`: what happened last with an instance, what happens next, and why.

use std::collections::BTreeMap;

use allowlist::Host;
use crawler::{Health, HostReport};
use jiff::Timestamp;
use serde_json::json;

use crate::allowed;
use crate::config::Config;
use crate::data::DataDir;

/// What the crawler knows of each instance; nothing where it never ran.
///
/// # Errors
/// When its state cannot be read.
pub fn reports(data: &DataDir) -> anyhow::Result<BTreeMap<Host, HostReport>> {
    if !data.crawler_state().exists() {
        return Ok(BTreeMap::new());
    }
    let reports = crawler::read_reports(&data.crawler_state())?;
    Ok(reports.into_iter().map(|report| (report.host.clone(), report)).collect())
}

/// What a report says of an instance that is on the list.
pub fn sentence(report: &HostReport) -> &str {
    // The crawler knows the list of its last run, which may have been of other instances only.
    if report.health == Health::Delisted { "listed, and visited by the next crawl" } else { &report.sentence }
}

/// Runs `vigie instances explain`.
///
/// # Errors
/// When lists or state cannot be read.
pub fn run(config: &Config, data: &DataDir, host: &Host, json: bool) -> anyhow::Result<()> {
    let mut listed_in = Vec::new();
    let mut removed_by = Vec::new();
    for source in allowed::sources(config, data)? {
        if source.list.contains(host) {
            listed_in.push(source.name.clone());
        }
        if source.list.is_removed(host) {
            removed_by.push(source.name);
        }
    }
    let report = reports(data)?.remove(host);
    let sentence = match (&report, removed_by.first(), listed_in.is_empty()) {
        (_, Some(list), _) => format!("removed on request of the operator in {list}"),
        (_, None, true) => "not on the list".to_owned(),
        (None, None, false) => "waiting for its first crawl".to_owned(),
        (Some(report), None, false) => sentence(report).to_owned(),
    };
    if json {
        let value = json!({
            "host": host,
            "listedIn": listed_in,
            "removedBy": removed_by,
            "sentence": sentence,
            "crawl": report.as_ref().map(report_json),
        });
        println!("{}", serde_json::to_string_pretty(&value)?);
        return Ok(());
    }
    println!("{}: {sentence}", host.to_unicode());
    for list in &listed_in {
        println!("  listed in        {list}");
    }
    if let Some(report) = &report {
        print_report(report);
    }
    Ok(())
}

fn print_report(report: &HostReport) {
    let time = |time: Option<Timestamp>| time.map_or_else(|| "never".to_owned(), |time| format!("{time:.0}"));
    println!(
        "  software         {} {}",
        report.kind,
        report.software_version.as_deref().unwrap_or("(version unknown)")
    );
    let claimed = report.claimed_total.map(|total| format!(" of {total} that it lists")).unwrap_or_default();
    println!(
        "  records          {}{claimed}; {} without tags and full text yet",
        report.n_records, report.n_without_detail
    );
    println!(
        "  left out         {} of other instances, {} that claimed to be of others, {} not readable",
        report.n_remote, report.n_spoofed, report.n_item_errors
    );
    println!("  taken out        {} deleted or hidden", report.n_withdrawn);
    println!("  last good answer {}", time(report.last_success_at));
    println!(
        "  last failure     {}{}",
        time(report.last_error_at),
        report.last_error.as_ref().map(|text| format!(": {text}")).unwrap_or_default()
    );
    println!("  next visit       {}", time(Some(report.next_at)));
    println!("  requests         {} so far, at least {:.1} s apart", report.n_requests, report.delay.as_secs_f64());
    for flag in &report.flags {
        println!("  look at          {flag}");
    }
}

fn report_json(report: &HostReport) -> serde_json::Value {
    json!({
        "health": report.health.as_str(),
        "kind": report.kind.as_str(),
        "softwareVersion": report.software_version,
        "records": report.n_records,
        "withoutDetail": report.n_without_detail,
        "claimedTotal": report.claimed_total,
        "remote": report.n_remote,
        "spoofed": report.n_spoofed,
        "itemErrors": report.n_item_errors,
        "withdrawn": report.n_withdrawn,
        "requests": report.n_requests,
        "lastSuccessAt": report.last_success_at,
        "lastErrorAt": report.last_error_at,
        "lastError": report.last_error,
        "nextAt": report.next_at,
        "delaySeconds": report.delay.as_secs_f64(),
        "flags": report.flags,
    })
}

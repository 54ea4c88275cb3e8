//! `vigie submissions …`: what visitors submitted, and what the operator says to it.

use allowlist::registry::{OnlyOpen, Registry};
use allowlist::submission::{Check, CheckOutcome, Submission};
use crawler::net::Client;
use query_api::wire::SubmissionObject;

use crate::args::Submissions;
use crate::commands::service;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::{plain, say};
use crate::submissions::Desk;

/// Runs `vigie submissions …`.
///
/// # Errors
/// What the operator should read.
pub fn run(config: &Config, command: Submissions) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    match command {
        Submissions::List { all, json } => list(&data, if all { OnlyOpen::No } else { OnlyOpen::Yes }, json),
        Submissions::Approve { id, author } => {
            let done = desk(config, &data)?.approve(&id, &author_or_user(author))?;
            say!("{}", done.sentence());
            Ok(())
        }
        Submissions::Reject { id, reason, author } => {
            let done = desk(config, &data)?.reject(&id, &author_or_user(author), &reason)?;
            say!("{}", done.sentence());
            Ok(())
        }
        Submissions::Check { host, json } => check(config, &data, &host, json),
    }
}

fn desk(config: &Config, data: &DataDir) -> anyhow::Result<Desk> {
    data.create()?;
    Desk::open(config, data, Client::new(service::network(config)?)?)
}

fn list(data: &DataDir, only_open: OnlyOpen, json: bool) -> anyhow::Result<()> {
    let all =
        if data.registry().exists() { Registry::open(&data.registry())?.submissions(only_open)? } else { Vec::new() };
    if json {
        // Without tokens: they are for those who submitted.
        let rows: Vec<_> = all.iter().map(|one| SubmissionObject::new(one, String::new(), None)).collect();
        say!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    for submission in &all {
        print_row(submission);
    }
    eprintln!("vigie: {} submissions", all.len());
    Ok(())
}

fn print_row(submission: &Submission) {
    let proof = if submission.proved_at.is_some() { "proved" } else { "unproved" };
    say!(
        "{}  {:<7} {:<9} {proof:<9} {:<10} {}",
        submission.id,
        submission.purpose.as_str(),
        submission.state.as_str(),
        submission.kind.map_or("-", allowlist::SourceKind::as_str),
        plain(&submission.host.to_unicode())
    );
    for check in submission.checks.iter().filter(|check| check.outcome != CheckOutcome::Passed) {
        print_check(check, "    ");
    }
}

fn check(config: &Config, data: &DataDir, host: &str, json: bool) -> anyhow::Result<()> {
    let desk = desk(config, data)?;
    let checks = service::runtime()?.block_on(desk.check(host))?;
    if json {
        say!("{}", serde_json::to_string_pretty(&checks)?);
    } else {
        for check in &checks {
            print_check(check, "");
        }
    }
    Ok(())
}

fn print_check(check: &Check, indent: &str) {
    say!("{indent}{:<8} {}: {}", check.outcome.as_str(), check.name.title(), plain(&check.sentence));
    if let Some(fix) = &check.fix {
        say!("{indent}         {}", plain(fix));
    }
}

fn author_or_user(author: Option<String>) -> String {
    author
        .or_else(|| std::env::var("USER").ok())
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "operator".to_owned())
}

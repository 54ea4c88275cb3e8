//! `vigie instances …`: who may be visited.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use allowlist::directory::{Directory, parse_page};
use allowlist::list::{Instance, InstanceList};
use allowlist::{Host, edit};
use anyhow::{Context, bail};
use crawler::net::Client;
use indexer::directory::InstanceStatus;
use jiff::Timestamp;

use crate::args::Instances;
use crate::commands::{Unusable, service};
use crate::config::{Config, DirectorySource};
use crate::data::DataDir;
use crate::output::say;
use crate::{allowed, directory};

/// Runs `vigie instances …`.
///
/// # Errors
/// What the user should read; [`Unusable`] for lists that cannot be used.
pub fn run(config: &Config, command: Instances) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    match command {
        Instances::List { json } => list(config, &data, json),
        Instances::Add { host, kind, note, crawl_delay, accept_lookalike } => {
            let crawl_delay = crawl_delay
                .map(|seconds| {
                    Duration::try_from_secs_f64(seconds)
                        .map_err(|_| Unusable(format!("--crawl-delay {seconds} is not a number of seconds")))
                })
                .transpose()?;
            add(config, &data, &Instance { host, kind, note, crawl_delay }, accept_lookalike)
        }
        Instances::Remove { host } => remove(config, &data, &host),
        Instances::Check { files } => check(config, &data, &files),
        Instances::Explain { host, json } => super::explain::run(config, &data, &host, json),
        Instances::Import { url, name, kind, accept_shrink } => {
            let sources = match (url, name) {
                (Some(url), Some(name)) => vec![DirectorySource { name, url, kind }],
                _ => config.instances.directories.clone(),
            };
            import(config, &data, &sources, accept_shrink)
        }
    }
}

fn list(config: &Config, data: &DataDir, json: bool) -> anyhow::Result<()> {
    let list = allowed::list(config, data)?;
    let statuses: BTreeMap<Host, InstanceStatus> = directory::statuses(&list, super::explain::reports(data)?)
        .into_iter()
        .map(|status| (status.host.clone(), status))
        .collect();
    if json {
        let rows: Vec<_> = list
            .iter()
            .map(|instance| {
                let status = statuses.get(&instance.host);
                serde_json::json!({
                    "host": instance.host,
                    "kind": instance.kind.as_str(),
                    "note": instance.note,
                    "crawlDelaySeconds": instance.crawl_delay.map(|delay| delay.as_secs_f64()),
                    "status": status.map(|status| &status.status),
                    "sentence": status.map(|status| &status.sentence),
                })
            })
            .collect();
        say!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    for instance in list.iter() {
        let (status, sentence) =
            statuses.get(&instance.host).map_or(("", ""), |status| (status.status.as_str(), status.sentence.as_str()));
        say!("{:<40} {:<10} {status:<18} {sentence}", instance.host.to_unicode(), instance.kind);
    }
    eprintln!("vigie: {} instances may be visited", list.len());
    Ok(())
}

fn add(config: &Config, data: &DataDir, instance: &Instance, accept_lookalike: bool) -> anyhow::Result<()> {
    let host = &instance.host;
    if !accept_lookalike {
        let listed = allowed::list(config, data)?;
        let shown = format!("`{}` (`{host}`)", host.to_unicode());
        if let Some(other) = listed.iter().find(|other| host.resembles(&other.host)) {
            bail!(
                "{shown} looks like the listed `{}` (`{}`): add it with --accept-lookalike if both are right",
                other.host.to_unicode(),
                other.host
            );
        }
        if host.mixes_scripts() {
            bail!("{shown} mixes scripts, as names made to deceive do: add it with --accept-lookalike if it is right");
        }
    }
    change_own_list(data, |name, text| edit::add(name, text, instance))?;
    eprintln!("vigie: {host} is listed and will be visited by the next crawl");
    Ok(())
}

fn remove(config: &Config, data: &DataDir, host: &Host) -> anyhow::Result<()> {
    let was_listed = allowed::list(config, data)?.contains(host);
    change_own_list(data, |name, text| edit::remove(name, text, host))?;
    let before = if was_listed { "" } else { " (it was not listed, and stays out whatever lists it)" };
    eprintln!(
        "vigie: {host} is removed{before}; the crawler takes its records out of the index when it next reads the lists"
    );
    Ok(())
}

fn change_own_list(
    data: &DataDir,
    change: impl FnOnce(&str, &str) -> Result<String, allowlist::list::ListError>,
) -> anyhow::Result<()> {
    let path = data.own_list();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "# Instances added and removed by `vigie instances add` and `remove`. May be edited by hand.\n".to_owned()
        }
        Err(error) => return Err(error).with_context(|| format!("reading instance list `{}`", path.display())),
    };
    let changed = change(&path.display().to_string(), &text)?;
    allowed::replace(&path, &changed)
}

fn check(config: &Config, data: &DataDir, files: &[PathBuf]) -> anyhow::Result<()> {
    let unusable = |error: anyhow::Error| Unusable(format!("{error:#}"));
    if files.is_empty() {
        for source in allowed::sources(config, data).map_err(unusable)? {
            say!("{}: {} instances", source.name, source.list.len());
        }
        say!("in force: {} instances", allowed::list(config, data).map_err(unusable)?.len());
    }
    for file in files {
        let source = allowed::read(file).map_err(unusable)?;
        say!("{}: {} instances", source.name, source.list.len());
        warn_of_lookalikes(&source.list);
    }
    Ok(())
}

fn warn_of_lookalikes(list: &InstanceList) {
    for instance in list.iter().filter(|instance| instance.host.mixes_scripts()) {
        say!("warning: `{}` (`{}`) mixes scripts", instance.host.to_unicode(), instance.host);
    }
}

fn import(config: &Config, data: &DataDir, sources: &[DirectorySource], accept_shrink: bool) -> anyhow::Result<()> {
    if sources.is_empty() {
        return Err(Unusable(
            "no directory is named: give its address and --name, or write [[instances.directories]]".to_owned(),
        )
        .into());
    }
    let client = Client::new(service::network(config)?)?;
    let runtime = service::runtime()?;
    for source in sources {
        let is_name =
            !source.name.is_empty() && source.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_name {
            return Err(Unusable(format!(
                "`{}` is not a name for a directory; use letters, digits and `-`",
                source.name
            ))
            .into());
        }
        runtime
            .block_on(import_one(&client, data, source, accept_shrink))
            .with_context(|| format!("importing `{}`", source.name))?;
    }
    Ok(())
}

async fn import_one(
    client: &Client,
    data: &DataDir,
    source: &DirectorySource,
    accept_shrink: bool,
) -> anyhow::Result<()> {
    let path = allowed::directory_copy(data, &source.name);
    let last_good = last_good(&path)?;
    // The address of the pages is what operators copy; the client wants what stands before it.
    let base = source.url.trim_end_matches('/').trim_end_matches("/instances/hosts");
    let mut directory = Directory::default();
    for page in crawler::directory::fetch_pages(client, base).await? {
        directory.add(parse_page(&page)?);
    }
    for error in directory.item_errors().iter().take(10) {
        eprintln!("vigie: left out: {error}");
    }
    let n_refused = directory.item_errors().len();
    let hosts = if accept_shrink { directory.accept_shrunk()? } else { directory.accept(&last_good)? };
    let (n_new, n_gone) = (hosts.difference(&last_good).count(), last_good.difference(&hosts).count());
    allowed::replace(&path, &allowed::directory_text(&source.url, source.kind, &hosts, Timestamp::now()))?;
    eprintln!(
        "vigie: {} lists {} instances, {n_new} of them new; {n_gone} are gone, {n_refused} items are not host names",
        source.name,
        hosts.len()
    );
    Ok(())
}

/// The hosts of the copy from last time; none when there is no copy.
fn last_good(path: &Path) -> anyhow::Result<BTreeSet<Host>> {
    if !path.exists() {
        return Ok(BTreeSet::new());
    }
    Ok(allowed::read(path)?.list.iter().map(|instance| instance.host.clone()).collect())
}

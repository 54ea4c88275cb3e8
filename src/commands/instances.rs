//! `vigie instances …`: who may be visited.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use allowlist::flood::{self, HeldBack, MAX_HOSTS_PER_DOMAIN};
use allowlist::list::{Instance, InstanceList};
use allowlist::{Host, edit, exchange};
use anyhow::{Context, bail};
use crawler::net::Client;
use indexer::directory::InstanceStatus;
use jiff::Timestamp;

use crate::allowed::{InForce, Origin, Source};
use crate::args::Instances;
use crate::commands::{Unusable, service};
use crate::config::{Config, DirectorySource};
use crate::data::DataDir;
use crate::output::say;
use crate::{allowed, delist, directory, refresh};

/// Held hosts, and domains of them, that are printed before they are only counted.
const MAX_HELD_SHOWN: usize = 20;

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
        Instances::Export { json } => export(config, &data, json),
        Instances::Import { source, name, kind, accept_shrink } => match (source, name) {
            (Some(url), Some(name)) if url.contains("://") => {
                import(config, &data, &[DirectorySource { name, url, kind }], accept_shrink)
            }
            (Some(url), None) if url.contains("://") => {
                Err(Unusable(format!("give the copy of `{url}` a name with --name")).into())
            }
            (Some(file), _) => import_file(&data, Path::new(&file)),
            (None, _) => import(config, &data, &config.instances.directories.clone(), accept_shrink),
        },
    }
}

fn list(config: &Config, data: &DataDir, json: bool) -> anyhow::Result<()> {
    let InForce { list, held, sources } = allowed::in_force(config, data)?;
    let statuses: BTreeMap<Host, InstanceStatus> = directory::statuses(&list, super::explain::reports(data)?)
        .into_iter()
        .map(|status| (status.host.clone(), status))
        .collect();
    if json {
        let row = |instance: &Instance, held_because: Option<String>| {
            let status = statuses.get(&instance.host);
            serde_json::json!({
                "host": instance.host,
                "kind": instance.kind.as_str(),
                "note": instance.note,
                "crawlDelaySeconds": instance.crawl_delay.map(|delay| delay.as_secs_f64()),
                "status": status.map(|status| &status.status),
                "sentence": status.map(|status| &status.sentence),
                "heldBecause": held_because,
            })
        };
        let mut rows: Vec<_> = list.iter().map(|instance| row(instance, None)).collect();
        rows.extend(held.iter().map(|held| row(&held.instance, Some(why_held(&held.domain)))));
        say!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    for instance in list.iter() {
        let (status, sentence) =
            statuses.get(&instance.host).map_or(("", ""), |status| (status.status.as_str(), status.sentence.as_str()));
        say!("{:<40} {:<10} {status:<18} {sentence}", instance.host.to_unicode(), instance.kind);
    }
    for held in held.iter().take(MAX_HELD_SHOWN) {
        let HeldBack { instance, domain } = held;
        say!("{:<40} {:<10} {:<18} {}", instance.host.to_unicode(), instance.kind, "held", why_held(domain));
    }
    eprintln!("vigie: {} instances may be visited", list.len());
    tell_of_copies(&sources);
    tell_of_held(&held);
    Ok(())
}

fn why_held(domain: &str) -> String {
    format!("{domain} has {MAX_HOSTS_PER_DOMAIN} hosts already; `vigie instances add` takes it nevertheless.")
}

fn tell_of_held(held: &[HeldBack]) {
    for (domain, n) in flood::by_domain(held).into_iter().take(MAX_HELD_SHOWN) {
        eprintln!(
            "vigie: {n} more hosts of {domain} are held for review: directories and submissions add at most {MAX_HOSTS_PER_DOMAIN} of one domain"
        );
    }
}

fn tell_of_copies(sources: &[Source]) {
    let now = Timestamp::now();
    for source in sources.iter().filter(|source| source.origin == Origin::Directory) {
        eprintln!("vigie: {}", source.describe(now));
    }
}

fn export(config: &Config, data: &DataDir, json: bool) -> anyhow::Result<()> {
    let list = allowed::list(config, data)?;
    let text = if json { exchange::to_json(&list)? } else { exchange::to_toml(&list)? };
    crate::output::text(text.as_bytes());
    if json {
        say!("");
    }
    eprintln!("vigie: {} instances and {} removals", list.len(), list.removed().count());
    Ok(())
}

/// Takes the entries of a file into the operator's own list.
fn import_file(data: &DataDir, path: &Path) -> anyhow::Result<()> {
    let list = allowed::read(path).map_err(|error| Unusable(format!("{error:#}")))?.list;
    change_own_list(data, |name, text| edit::merge(name, text, &list))?;
    eprintln!("vigie: {} instances and {} removals taken over", list.len(), list.removed().count());
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
    publish(config, data);
    eprintln!("vigie: {host} is listed and will be visited by the next crawl");
    Ok(())
}

fn remove(config: &Config, data: &DataDir, host: &Host) -> anyhow::Result<()> {
    let was_listed = allowed::list(config, data)?.contains(host);
    change_own_list(data, |name, text| edit::remove(name, text, host))?;
    publish(config, data);
    let before = if was_listed { "" } else { " (it was not listed, and stays out whatever lists it)" };
    eprintln!(
        "vigie: {host} is removed{before} and hidden; the crawler takes its records out of journal and index when it next reads the lists"
    );
    Ok(())
}

/// Hides at once what is not listed any more; a running crawler would do it within seconds.
fn publish(config: &Config, data: &DataDir) {
    if let Err(error) = allowed::list(config, data).and_then(|list| delist::publish(data, &list)) {
        eprintln!("vigie: hiding what left the lists: {error:#}; a running crawler tries it again");
    }
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
        let now = Timestamp::now();
        let InForce { list, held, sources } = allowed::in_force(config, data).map_err(unusable)?;
        for source in &sources {
            say!("{}", source.describe(now));
        }
        say!("in force: {} instances; {} are held for review", list.len(), held.len());
        tell_of_held(&held);
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
        let imported = runtime
            .block_on(refresh::import(&client, data, source, accept_shrink))
            .with_context(|| format!("importing `{}`", source.name))?;
        for error in imported.item_errors.iter().take(10) {
            eprintln!("vigie: left out: {error}");
        }
        eprintln!(
            "vigie: {} lists {} instances, {} of them new; {} are gone, {} items are not host names",
            source.name,
            imported.n_hosts,
            imported.n_new,
            imported.n_gone,
            imported.item_errors.len()
        );
    }
    Ok(())
}

//! Copies of remote directories: made by `vigie instances import`, and kept fresh beside a crawl.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

use allowlist::directory::{Directory, parse_page};
use allowlist::list::Instance;
use allowlist::moderation::Target;
use allowlist::{Host, exchange};
use anyhow::Context;
use crawler::net::Client;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, DirectorySource};
use crate::data::DataDir;
use crate::{allowed, forgotten};

/// Time between two looks whether a copy is due.
const PAUSE: Duration = Duration::from_secs(60);

/// Time after which a directory that could not be read is asked again.
const RETRY: Duration = Duration::from_secs(60 * 60);

/// What an import brought.
pub struct Imported {
    /// Instances of the copy.
    pub n_hosts: usize,
    /// Those that the copy of before did not have.
    pub n_new: usize,
    /// Those that only the copy of before had.
    pub n_gone: usize,
    /// Items that are no host names.
    pub item_errors: Vec<String>,
}

/// Reads a directory and replaces its copy. A directory that fails, is empty or shrank suddenly leaves the last good
/// copy.
///
/// - `accept_shrink`: the operator looked, and it may have shrunk.
///
/// # Errors
/// When it cannot be read or is not believed, or the copy cannot be written.
pub async fn import(
    client: &Client,
    data: &DataDir,
    source: &DirectorySource,
    accept_shrink: bool,
) -> anyhow::Result<Imported> {
    let path = allowed::directory_copy(data, &source.name);
    let last_good = last_good(&path)?;
    let mut directory = Directory::default();
    // A list in a file has notes and delays; a directory has names only.
    let mut file = None;
    if is_file(&source.url) {
        let text = crawler::directory::fetch_list(client, &source.url).await?;
        let list = exchange::read(&source.url, &text)?;
        directory.add_all(list.iter().map(|instance| instance.host.clone()));
        file = Some(list);
    } else {
        for page in crawler::directory::fetch_pages(client, &source.url, source.kind).await? {
            directory.add(parse_page(&page)?);
        }
    }
    let item_errors = directory.item_errors().to_vec();
    let hosts = if accept_shrink { directory.accept_shrunk()? } else { directory.accept(&last_good)? };
    let (n_new, n_gone) = (hosts.difference(&last_good).count(), last_good.difference(&hosts).count());
    let mut list = file.unwrap_or_default();
    // Whom somebody else removed from their index is not ours to remove.
    list.drop_removals();
    list.retain(|host| hosts.contains(host));
    for host in &hosts {
        if !list.contains(host) {
            list.insert(Instance { host: host.clone(), kind: source.kind, note: None, crawl_delay: None });
        }
    }
    if let Some(forgotten) = forgotten::load_if_any(data)? {
        list.retain(|host| !forgotten.holds(&Target::Instance(host.clone())));
    }
    list.stamp(&source.url, Timestamp::now());
    allowed::replace(&path, &allowed::copy_text(&list)?)?;
    Ok(Imported { n_hosts: list.len(), n_new, n_gone, item_errors })
}

fn is_file(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.ends_with(".toml") || path.ends_with(".json")
}

/// The hosts of the copy from last time; none when there is no copy.
fn last_good(path: &Path) -> anyhow::Result<BTreeSet<Host>> {
    if !path.exists() {
        return Ok(BTreeSet::new());
    }
    Ok(allowed::read(path)?.list.iter().map(|instance| instance.host.clone()).collect())
}

/// The task that reads the directories of the configuration again when their copies are old.
pub struct Refresher {
    sources: Vec<DirectorySource>,
    interval: Duration,
    data: DataDir,
    client: Client,
    not_before: HashMap<String, Instant>,
}

impl Refresher {
    /// One for the directories of `config`.
    pub fn new(config: &Config, data: &DataDir, client: Client) -> Self {
        Self {
            sources: config.instances.directories.clone(),
            interval: Duration::try_from(config.instances.refresh_interval).unwrap_or_default(),
            data: data.clone(),
            client,
            not_before: HashMap::new(),
        }
    }

    /// Reads what is due until `stop`. With an interval of nothing it reads nothing: copies are the operator's business.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() && !self.interval.is_zero() && !self.sources.is_empty() {
            for source in self.sources.clone() {
                if self.is_due(&source).unwrap_or(true) {
                    tokio::select! {
                        () = self.refresh(&source) => {}
                        () = stop.cancelled() => return,
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    fn is_due(&self, source: &DirectorySource) -> anyhow::Result<bool> {
        if self.not_before.get(&source.name).is_some_and(|time| Instant::now() < *time) {
            return Ok(false);
        }
        let path = allowed::directory_copy(&self.data, &source.name);
        if !path.exists() {
            return Ok(true);
        }
        let copy = allowed::read(&path).context("reading the copy of a directory")?;
        let as_of = copy.list.as_of().or(copy.written_at);
        let age = as_of.and_then(|as_of| Duration::try_from(Timestamp::now().duration_since(as_of)).ok());
        Ok(age.is_none_or(|age| age >= self.interval))
    }

    async fn refresh(&mut self, source: &DirectorySource) {
        match import(&self.client, &self.data, source, false).await {
            Ok(imported) => {
                let Imported { n_hosts, n_new, n_gone, .. } = imported;
                tracing::info!("{} lists {n_hosts} instances, {n_new} of them new; {n_gone} are gone", source.name);
            }
            Err(error) => {
                // Once an hour: the last good copy serves meanwhile, and `vigie instances check` shows its age.
                tracing::warn!("reading the directory {}: {error:#}; the last good copy stays", source.name);
                self.not_before.insert(source.name.clone(), Instant::now() + RETRY);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_files_are_told_by_their_ending() {
        assert!(is_file("https://a.example/lists/fr.toml") && is_file("https://a.example/fr.json?raw=1"));
        assert!(!is_file("https://a.example/api/v1/instances/hosts"));
    }
}

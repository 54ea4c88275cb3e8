//! `vigie forget`: somebody asked to be erased.

use std::time::{Duration, Instant};

use allowlist::moderation::Target;
use allowlist::registry::Registry;
use anyhow::{Context, bail};
use jiff::Timestamp;
use journal::Journal;
use tokio_util::sync::CancellationToken;

use crate::args::Whom;
use crate::commands::{Unusable, index, service};
use crate::config::Config;
use crate::data::DataDir;
use crate::erasure::{self, Erasure};
use crate::{allowed, forgotten};

/// How long the process that crawls is waited for; it goes on alone after that.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);

/// Runs `vigie forget`.
///
/// # Errors
/// When a file cannot be read or written. Running it again goes on where it stopped.
pub fn run(config: &Config, whom: &Whom, yes: bool) -> anyhow::Result<()> {
    let target = whom.target().map_err(|error| Unusable(error.to_string()))?;
    let data = DataDir::new(&config.data);
    if !data.root().exists() {
        return Err(Unusable(format!("`{}` does not exist: choose the --data directory", data.root().display())).into());
    }
    if !yes {
        let found = erasure::find(&data, &target)?;
        eprintln!(
            "vigie: {target}: {} records and {} older rows of the journal would go, with what else names them here; \
             there is no way back; run it again with --yes",
            found.keys.len(),
            found.rows.len()
        );
        return Ok(());
    }
    tell_of_operators_lists(config, &data, &target)?;
    // They are kept out before anything of them goes, so that a crawl cannot bring them back in between.
    let registry = Registry::open(&data.registry())?;
    let key = forgotten::key_or_new(&data)?;
    let who = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    registry.keep_out(&key.hash(&target), &key.label(&target), &who, Timestamp::now())?;
    forgotten::add_pending(&data, &target)?;
    let Some(_lock) = data.try_lock_crawler()? else {
        return wait(&data, &target);
    };
    let journal = Journal::open(&data.journal())?;
    let options = index::options(config)?;
    let n_rows = service::runtime()?.block_on(async {
        let erasure = Erasure { config, data: &data, writer: journal.writer(), options };
        erasure.run(&target, &CancellationToken::new()).await
    })?;
    eprintln!("vigie: forgotten: {n_rows} rows left the journal, and a keyed hash keeps them out");
    Ok(())
}

/// Waits for the process that crawls, which does it between two visits.
fn wait(data: &DataDir, target: &Target) -> anyhow::Result<()> {
    eprintln!("vigie: another vigie crawls into `{}` and does it now", data.root().display());
    let begun = Instant::now();
    while forgotten::pending(data)?.contains(target) {
        if begun.elapsed() > MAX_WAIT {
            bail!("it is not done after {} minutes: look at the log of the crawling process", MAX_WAIT.as_secs() / 60);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    eprintln!("vigie: forgotten, and a keyed hash keeps them out");
    Ok(())
}

/// Lists that the operator wrote are not changed; what they name is kept out nevertheless.
fn tell_of_operators_lists(config: &Config, data: &DataDir, target: &Target) -> anyhow::Result<()> {
    let Target::Instance(host) = target else { return Ok(()) };
    for source in allowed::sources(config, data).context("reading the instance lists")? {
        if source.origin == allowed::Origin::Operator && (source.list.contains(host) || source.list.is_removed(host)) {
            eprintln!("vigie: {} names {host}: take it out there by hand, too", source.name);
        }
    }
    Ok(())
}

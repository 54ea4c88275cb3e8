//! `vigie moderation export` and `import`: decisions shared between indexes.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use allowlist::Host;
use allowlist::blocklist::{self, Blocklist, MAX_BYTES};
use allowlist::moderation::ModerationFile;
use allowlist::registry::Applied;
use anyhow::{Context, bail};
use crawler::net::{Accept, Client, Outcome, Request};
use jiff::Timestamp;

use super::decide::{existing, open};
use super::is_confirmed;
use crate::commands::{Unusable, service};
use crate::config::Config;
use crate::data::DataDir;
use crate::output::{plain, say, text};

/// Lists of fewer rows than this may lose any number of them at once.
const MIN_GUARDED_ROWS: usize = 10;

/// Refused rows that are printed.
const N_REFUSED_SHOWN: usize = 10;

/// What is to be imported.
pub struct Asked {
    /// A file or an address.
    pub from: String,
    /// What to call it.
    pub name: Option<String>,
    /// Nobody is to be asked.
    pub is_confirmed: bool,
    /// That the list lost most of what it said is right.
    pub accepts_shrink: bool,
}

/// Prints the decisions in force.
///
/// # Errors
/// When the registry cannot be read.
pub fn export(data: &DataDir, csv: bool) -> anyhow::Result<()> {
    let decisions = match existing(data)? {
        Some(registry) => registry.decisions_in_force()?,
        None => Vec::new(),
    };
    if csv {
        text(blocklist::to_csv(&decisions).as_bytes());
        return Ok(());
    }
    let file = ModerationFile::new(Timestamp::now(), decisions, Vec::new());
    say!("{}", serde_json::to_string_pretty(&file)?);
    Ok(())
}

/// Takes over a blocklist, after showing what it changes.
///
/// # Errors
/// When it cannot be read, is no blocklist, lost most of what it said, or the registry cannot be written.
pub fn import(config: &Config, data: &DataDir, asked: &Asked, author: &str) -> anyhow::Result<()> {
    let from = asked.from.as_str();
    let is_remote = from.starts_with("https://") || from.starts_with("http://");
    let bytes = if is_remote { fetch(config, from)? } else { read(Path::new(from))? };
    let list =
        Blocklist::parse(&bytes).map_err(|error| Unusable(format!("reading the blocklist `{from}`: {error}")))?;
    let name = match &asked.name {
        Some(name) => name.clone(),
        None if is_remote => from.to_owned(),
        // A path tells of this machine, and the name of a list is published with its decisions.
        None => Path::new(from).file_name().map_or_else(|| from.to_owned(), |name| name.to_string_lossy().into_owned()),
    };
    for refused in list.refused.iter().take(N_REFUSED_SHOWN) {
        eprintln!("vigie: line {} is left out: {}", refused.line, plain(&refused.cause));
    }
    if list.n_refused > N_REFUSED_SHOWN {
        eprintln!("vigie: {} more lines are left out", list.n_refused - N_REFUSED_SHOWN);
    }
    let registry = open(data)?;
    let planned = registry.plan_list(&name, &list.rows)?;
    say!("{}: {}", plain(&name), sentence(planned));
    if is_sudden_loss(planned) && !asked.accepts_shrink {
        bail!(
            "importing `{name}`: the list lost {} of the {} targets that it named last time, more likely by accident than on \
             purpose; import it with --accept-shrink if this is right",
            planned.n_revoked,
            n_named_before(planned)
        );
    }
    if !asked.is_confirmed && !is_confirmed("take these over?")? {
        return Ok(());
    }
    let now = Timestamp::now();
    let applied = registry.apply_list(&name, &list.rows, list.written_at, author, now)?;
    registry.publish_decisions(&data.index(), now)?;
    eprintln!("vigie: taken over: {}", sentence(applied));
    Ok(())
}

fn sentence(applied: Applied) -> String {
    let Applied { n_added, n_changed, n_revoked, n_unchanged, n_overruled } = applied;
    let mut sentence = format!("adds {n_added}, changes {n_changed}, revokes {n_revoked}, unchanged {n_unchanged}");
    if n_overruled > 0 {
        sentence.push_str(&format!(", left alone {n_overruled} that were decided here to be shown"));
    }
    sentence
}

fn n_named_before(planned: Applied) -> usize {
    planned.n_revoked + planned.n_changed + planned.n_unchanged
}

fn is_sudden_loss(planned: Applied) -> bool {
    n_named_before(planned) >= MIN_GUARDED_ROWS && planned.n_revoked * 2 > n_named_before(planned)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let reading = || format!("reading the blocklist `{}`", path.display());
    let mut bytes = Vec::new();
    // One byte more than may be, so that what is too long is seen.
    let limit = MAX_BYTES as u64 + 1;
    File::open(path).with_context(reading)?.take(limit).read_to_end(&mut bytes).with_context(reading)?;
    Ok(bytes)
}

/// Fetches a list through the guarded client, so that it comes from no private address and ends in time and size.
fn fetch(config: &Config, url: &str) -> anyhow::Result<Vec<u8>> {
    let unusable = |cause: String| Unusable(format!("importing `{}`: {cause}", plain(url)));
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = Host::parse(host).map_err(|error| unusable(error.to_string()))?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let client = Client::new(service::network(config)?)?;
    if scheme != client.config().scheme_of(&host) {
        return Err(unusable("write https".to_owned()).into());
    }
    let request =
        Request { host: &host, path_and_query: &path, accept: Accept::Text, validators: None, pause: Duration::ZERO };
    let fetched = service::runtime()?.block_on(client.get(&request))?;
    match fetched.outcome {
        Outcome::Ok(body) => Ok(body.to_vec()),
        _ => bail!("importing `{}`: {} answered with status {}", plain(url), fetched.url, fetched.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_lost_most_of_what_it_said_is_held() {
        let applied = |n_revoked, n_unchanged| Applied { n_revoked, n_unchanged, ..Applied::default() };
        assert!(is_sudden_loss(applied(6, 5)));
        assert!(!is_sudden_loss(applied(5, 5)));
        assert!(!is_sudden_loss(applied(9, 0)), "a short list may change as it likes");
        let grown = Applied { n_added: 1000, n_revoked: 10, ..Applied::default() };
        assert!(is_sudden_loss(grown), "what is new does not make up for what is gone");
    }

    #[test]
    fn what_an_import_changes_is_one_sentence() {
        let applied = Applied { n_added: 12, n_changed: 1, n_revoked: 3, n_unchanged: 240, n_overruled: 2 };
        assert_eq!(
            sentence(applied),
            "adds 12, changes 1, revokes 3, unchanged 240, left alone 2 that were decided here to be shown"
        );
    }
}

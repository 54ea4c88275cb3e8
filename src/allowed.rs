//! The instances in force: the operator's lists, or the shipped one, and what `vigie instances` added, imported and
//! removed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use allowlist::list::InstanceList;
use allowlist::{Host, SourceKind};
use anyhow::Context;

use crate::config::Config;
use crate::data::DataDir;

/// A file of instances, with what it says.
pub struct Source {
    /// What to call it.
    pub name: String,
    /// What it lists and removes.
    pub list: InstanceList,
}

/// Reads every source of instances, in the order in which the first wins.
///
/// # Errors
/// When a file cannot be read or is not a list; the message names the file and the line.
pub fn sources(config: &Config, data: &DataDir) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    if data.own_list().exists() {
        sources.push(read(&data.own_list())?);
    }
    for path in &config.instances.lists {
        sources.push(read(path)?);
    }
    if config.instances.lists.is_empty() {
        sources.push(Source { name: "the shipped list".to_owned(), list: InstanceList::shipped()? });
    }
    for path in directory_copies(data)? {
        sources.push(read(&path)?);
    }
    Ok(sources)
}

/// The instances in force.
///
/// # Errors
/// As [`sources`].
pub fn list(config: &Config, data: &DataDir) -> anyhow::Result<InstanceList> {
    let mut all = InstanceList::default();
    for source in sources(config, data)? {
        all.extend_missing(source.list);
    }
    all.apply_removals();
    Ok(all)
}

/// Where the last good copy of a directory is kept: an instance list like any other, so that people can read it.
pub fn directory_copy(data: &DataDir, name: &str) -> PathBuf {
    data.directories().join(format!("{name}.toml"))
}

/// The text of the copy of a directory.
pub fn directory_text(url: &str, kind: SourceKind, hosts: &BTreeSet<Host>, now: jiff::Timestamp) -> String {
    let mut text =
        format!("# The instances of {url} as of {now:.0}.\n# Written by `vigie instances import`; changes are lost.\n");
    for host in hosts {
        text.push_str(&format!("\n[[instance]]\nhost = \"{host}\"\nkind = \"{kind}\"\n"));
    }
    text
}

/// Replaces a file whole: it is there with its old or its new text, whatever happens in between.
///
/// # Errors
/// When it cannot be written.
pub fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let writing = || format!("writing `{}`", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(writing)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(writing)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).with_context(writing)?;
    file.as_file().sync_all().with_context(writing)?;
    file.persist(path).with_context(writing)?;
    Ok(())
}

fn directory_copies(data: &DataDir) -> anyhow::Result<Vec<PathBuf>> {
    let folder = data.directories();
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("reading `{}`", folder.display()))? {
        let path = entry.with_context(|| format!("reading `{}`", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads one list.
///
/// # Errors
/// As [`sources`].
pub fn read(path: &Path) -> anyhow::Result<Source> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("reading instance list `{name}`"))?;
    Ok(Source { list: InstanceList::parse(&name, &text)?, name })
}

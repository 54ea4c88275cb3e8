//! The instances in force: the operator's lists, or the shipped one, what `vigie instances` added, imported and removed, and
//! submissions that were accepted.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use allowlist::flood::{self, Capped, HeldBack};
use allowlist::list::InstanceList;
use allowlist::moderation::Target;
use allowlist::{Host, exchange};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use crate::config::Config;
use crate::data::DataDir;
use crate::forgotten;

/// Who is behind a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The operator: their own list, those of the configuration, or the shipped one. Never capped.
    Operator,
    /// Submissions that were accepted.
    Accepted,
    /// A copy of what somebody else lists.
    Directory,
}

/// A file of instances, with what it says.
pub struct Source {
    /// What to call it.
    pub name: String,
    /// Who is behind it.
    pub origin: Origin,
    /// What it lists and removes.
    pub list: InstanceList,
    /// When the file was last written; the list may say itself when it was true.
    pub written_at: Option<Timestamp>,
}

impl Source {
    /// How old a copy of somebody else's list is; `None` for the operator's own lists, which do not age.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        let as_of = self.list.as_of().or(self.written_at);
        as_of.filter(|_| self.origin == Origin::Directory).map(|as_of| now.duration_since(as_of))
    }

    /// One line about a copy: where it is from, and how old.
    pub fn describe(&self, now: Timestamp) -> String {
        let mut text = format!("{}: {} instances", self.name, self.list.len());
        if let Some(age) = self.age(now) {
            let hours = age.as_hours().max(0);
            let age = if hours < 48 { format!("{hours} hours") } else { format!("{} days", hours / 24) };
            text.push_str(&format!(", the last good copy is {age} old"));
        }
        if let Some(source) = self.list.source() {
            text.push_str(&format!(" ({source})"));
        }
        text
    }
}

/// Every list together.
pub struct InForce {
    /// Who may be visited, and who was removed.
    pub list: InstanceList,
    /// Who waits for the operator, because their domain has too many hosts already.
    pub held: Vec<HeldBack>,
    /// The lists that were read.
    pub sources: Vec<Source>,
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
        let (name, list) = ("the shipped list".to_owned(), InstanceList::shipped()?);
        sources.push(Source { name, origin: Origin::Operator, list, written_at: None });
    }
    if data.accepted_list().exists() {
        sources.push(Source { origin: Origin::Accepted, ..read(&data.accepted_list())? });
    }
    for path in directory_copies(data)? {
        sources.push(Source { origin: Origin::Directory, ..read(&path)? });
    }
    Ok(sources)
}

/// What is in force: the operator's lists, what was accepted, and of what directories list at most a few hosts a domain; less
/// what was removed by name in any list, and what was forgotten.
///
/// # Errors
/// As [`sources`].
pub fn in_force(config: &Config, data: &DataDir) -> anyhow::Result<InForce> {
    let sources = sources(config, data)?;
    let mut list = InstanceList::default();
    let (own, found): (Vec<&Source>, Vec<&Source>) =
        sources.iter().partition(|source| source.origin == Origin::Operator);
    let (accepted, found): (Vec<&Source>, Vec<&Source>) =
        found.into_iter().partition(|source| source.origin == Origin::Accepted);
    let mut taken_in = InstanceList::default();
    accepted.into_iter().for_each(|source| taken_in.extend_missing(source.list.clone()));
    own.into_iter().for_each(|source| list.extend_missing(source.list.clone()));
    let Capped { kept, mut held } = flood::cap(&list, &taken_in, found.into_iter().map(|source| source.list.clone()));
    list.extend_missing(kept);
    list.apply_removals();
    held.retain(|held| !list.is_removed(&held.instance.host));
    if let Some(forgotten) = forgotten::load_if_any(data)?.filter(|forgotten| !forgotten.is_empty()) {
        let is_forgotten = |host: &Host| forgotten.holds(&Target::Instance(host.clone()));
        list.retain(|host| !is_forgotten(host));
        held.retain(|held| !is_forgotten(&held.instance.host));
    }
    Ok(InForce { list, held, sources })
}

/// The instances in force.
///
/// # Errors
/// As [`sources`].
pub fn list(config: &Config, data: &DataDir) -> anyhow::Result<InstanceList> {
    Ok(in_force(config, data)?.list)
}

/// What the files of the lists look like from outside: path, time and size of each.
pub type Fingerprint = Vec<(PathBuf, Option<(SystemTime, u64)>)>;

/// Looks at the files of the lists without reading them: whoever sees another fingerprint reads them again.
pub fn fingerprint(config: &Config, data: &DataDir) -> Fingerprint {
    let mut paths = vec![data.own_list(), data.accepted_list(), data.forget_key()];
    paths.extend(config.instances.lists.iter().cloned());
    paths.extend(directory_copies(data).unwrap_or_default());
    let look = |path: PathBuf| {
        let seen = std::fs::metadata(&path).ok().and_then(|file| Some((file.modified().ok()?, file.len())));
        (path, seen)
    };
    paths.into_iter().map(look).collect()
}

/// Where the last good copy of a directory is kept: an instance list like any other, so that people can read it.
pub fn directory_copy(data: &DataDir, name: &str) -> PathBuf {
    data.directories().join(format!("{name}.toml"))
}

/// The text of the copy of a directory.
///
/// # Errors
/// None for a list that was read.
pub fn copy_text(list: &InstanceList) -> anyhow::Result<String> {
    Ok(format!("# Written by `vigie instances import`; changes are lost.\n{}", exchange::to_toml(list)?))
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

/// The copies of directories, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn directory_copies(data: &DataDir) -> anyhow::Result<Vec<PathBuf>> {
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
    let written_at = std::fs::metadata(path).and_then(|file| file.modified()).ok();
    let written_at = written_at.and_then(|time| Timestamp::try_from(time).ok());
    Ok(Source { list: exchange::read(&name, &text)?, name, origin: Origin::Operator, written_at })
}

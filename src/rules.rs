//! The inclusion rules in force: which file the configuration names, how what it names is read, and when it was changed.
//!
//! Files are read where they lie. What an address answers is fetched once, through the crawler's guarded client, and kept below the
//! data directory by its digest, so that a start needs no network and nobody's server decides when we start.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use allowlist::Host;
use allowlist::rules::{Loaded, MAX_REGION_BYTES, Reference, Rules, digest_of, load_shipped};
use anyhow::Context;
use crawler::net::{Accept, Client, Outcome, Request};
use indexer::inclusion::Inclusion;
use query_api::QueryApiConfig;

use crate::allowed;
use crate::commands::{Unusable, service};
use crate::config::Config;
use crate::data::DataDir;

/// Reads and compiles the rules that the configuration names; everything is shown where it names none.
///
/// Blocking; asks the network only for what was never fetched. Every layer is compiled, so a region that is none is told of here.
///
/// # Errors
/// [`Unusable`] with file and line.
pub fn load(config: &Config, data: &DataDir) -> anyhow::Result<Inclusion> {
    match &config.rules.file {
        Some(name) => load_named(config, data, name),
        None => Ok(Inclusion::everything()),
    }
}

/// As [`load`], for rules named by whoever runs a command: a path relative to the working directory, a shipped list, an address.
///
/// # Errors
/// As [`load`].
pub fn load_named(config: &Config, data: &DataDir, name: &str) -> anyhow::Result<Inclusion> {
    let mut loader = Loader::new(config, data, MayFetch::Yes);
    loader.load(name).map_err(|cause| Unusable(cause).into())
}

/// As [`load`], without asking the network for anything; `None` where something was never fetched.
///
/// # Errors
/// As [`load`].
pub fn load_offline(config: &Config, data: &DataDir) -> anyhow::Result<Option<Inclusion>> {
    let Some(name) = &config.rules.file else { return Ok(Some(Inclusion::everything())) };
    let mut loader = Loader::new(config, data, MayFetch::No);
    match loader.load(name) {
        Ok(inclusion) => Ok(Some(inclusion)),
        Err(_) if loader.is_unfetched => Ok(None),
        Err(cause) => Err(Unusable(cause).into()),
    }
}

/// Changes when any file that the rules are read from changes, appears or goes. Reads the files, asks no network, never fails: a
/// bad file has a fingerprint, too. Cheap enough for every few seconds.
pub fn fingerprint(config: &Config, data: &DataDir) -> u64 {
    let mut hasher = DefaultHasher::new();
    config.rules.file.hash(&mut hasher);
    if let Some(name) = &config.rules.file {
        let mut loader = Loader::new(config, data, MayFetch::No);
        // Only what was looked at counts: it is looked at before it is found bad.
        let _ = loader.load(name);
        loader.looked_at.hash(&mut hasher);
    }
    hasher.finish()
}

/// A path of the configuration or the command line from the folder that it is relative to; names of shipped lists and addresses
/// stay as they are.
pub fn from_folder(folder: &Path, name: &str) -> String {
    match name.parse() {
        Ok(Reference::File(path)) => folder.join(path).display().to_string(),
        _ => name.to_owned(),
    }
}

/// Puts rules into the settings of the server: what is shown, and what the index is called where the configuration does not say.
pub fn describe(settings: &mut QueryApiConfig, config: &Config, inclusion: &Inclusion) {
    let defaults = Config::default().index;
    let said = &inclusion.rules;
    if let Some(name) = said.name.as_ref().filter(|_| config.index.name == defaults.name) {
        settings.index_name.clone_from(name);
    }
    if let Some(description) = said.description.as_ref().filter(|_| config.index.description == defaults.description) {
        settings.description.clone_from(description);
    }
    settings.inclusion = inclusion.clone();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MayFetch {
    Yes,
    No,
}

/// When a file was changed last, and how long it is; `None` where it is not.
type Stamp = Option<(SystemTime, u64)>;

struct Loader<'a> {
    config: &'a Config,
    data: &'a DataDir,
    may_fetch: MayFetch,
    looked_at: Vec<(PathBuf, Stamp)>,
    is_unfetched: bool,
}

impl<'a> Loader<'a> {
    fn new(config: &'a Config, data: &'a DataDir, may_fetch: MayFetch) -> Self {
        Self { config, data, may_fetch, looked_at: Vec::new(), is_unfetched: false }
    }

    fn load(&mut self, name: &str) -> Result<Inclusion, String> {
        let reference: Reference = name.parse().map_err(|cause: String| format!("rules: {cause}"))?;
        let rules = Rules::load(&reference, &mut |reference, from| self.read(reference, from));
        let rules = rules.map_err(|error| error.to_string())?;
        Inclusion::compile(&rules).map_err(|fault| fault.to_string())
    }

    fn read(&mut self, reference: &Reference, from: &str) -> Result<Loaded, String> {
        if let Some(shipped) = load_shipped(reference, from) {
            return shipped;
        }
        match reference {
            Reference::Shipped(name) => Err(format!("`{name}` does not ship with this version")),
            Reference::File(path) => self.read_file(&beside(from, path)),
            Reference::Url { url, digest } => self.read_copy(url, digest),
        }
    }

    fn read_file(&mut self, path: &Path) -> Result<Loaded, String> {
        let shown = path.display().to_string();
        let metadata = std::fs::metadata(path);
        let stamp =
            metadata.as_ref().ok().map(|found| (found.modified().unwrap_or(SystemTime::UNIX_EPOCH), found.len()));
        self.looked_at.push((path.to_owned(), stamp));
        let metadata = metadata.map_err(|error| format!("reading `{shown}`: {error}"))?;
        if !metadata.is_file() {
            return Err(format!("reading `{shown}`: it is not a file"));
        }
        // A region may be longer than a list; whoever asked knows which it is and looks again.
        if metadata.len() > MAX_REGION_BYTES as u64 {
            return Err(format!("reading `{shown}`: {} bytes, the most is {MAX_REGION_BYTES}", metadata.len()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| format!("reading `{shown}`: {error}"))?;
        Ok(Loaded { file: shown, text })
    }

    fn read_copy(&mut self, url: &str, digest: &str) -> Result<Loaded, String> {
        let path = self.data.rules().join(format!("sha256-{digest}"));
        let copy = self.read_file(&path).ok().filter(|copy| digest_of(&copy.text) == digest);
        let text = match copy {
            Some(copy) => copy.text,
            None if self.may_fetch == MayFetch::No => {
                self.is_unfetched = true;
                return Err(format!("`{url}` was not fetched yet; `vigie rules check` does it"));
            }
            None => {
                let text = fetch(self.config, url).map_err(|error| format!("{error:#}"))?;
                // What has another digest is refused where it is named, and not kept.
                if digest_of(&text) == digest {
                    allowed::replace(&path, &text).map_err(|error| format!("{error:#}"))?;
                }
                text
            }
        };
        Ok(Loaded { file: url.to_owned(), text })
    }
}

/// A path from the folder of the file that names it, without detours, so that one file has one name.
fn beside(from: &str, path: &str) -> PathBuf {
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    let mut plain = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// Fetches a text; on a thread of its own, so that it can be called from anywhere.
fn fetch(config: &Config, url: &str) -> anyhow::Result<String> {
    let reading = || format!("fetching {url}");
    let network = service::network(config).with_context(reading)?;
    let client = Client::new(network).with_context(reading)?;
    let thread = std::thread::scope(|scope| {
        let fetching = scope.spawn(|| service::runtime()?.block_on(fetch_text(&client, url)));
        fetching.join()
    });
    thread
        .unwrap_or_else(|_| Err(anyhow::anyhow!("it ended by a panic; this is a defect of the program")))
        .with_context(reading)
}

async fn fetch_text(client: &Client, url: &str) -> anyhow::Result<String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = Host::parse(host)?;
    if scheme != client.config().scheme_of(&host) {
        anyhow::bail!("scheme `{scheme}` is not used for `{host}`; write https");
    }
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let request =
        Request { host: &host, path_and_query: &path, accept: Accept::Text, validators: None, pause: Duration::ZERO };
    let fetched = client.get(&request).await?;
    let Outcome::Ok(body) = fetched.outcome else { anyhow::bail!("status {}", fetched.status) };
    if body.len() > MAX_REGION_BYTES {
        anyhow::bail!("{} bytes, the most is {MAX_REGION_BYTES}", body.len());
    }
    String::from_utf8(body.to_vec()).context("it is not text in UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_from_the_file_that_names_them() {
        for (from, path, expected) in [
            ("", "rules.toml", "rules.toml"),
            ("", "./a/../rules.toml", "rules.toml"),
            ("/etc/vigie/rules.toml", "base.toml", "/etc/vigie/base.toml"),
            ("/etc/vigie/rules.toml", "../base.toml", "/etc/base.toml"),
            ("rules.toml", "../base.toml", "../base.toml"),
            ("/etc/vigie/rules.toml", "/srv/base.toml", "/srv/base.toml"),
        ] {
            assert_eq!(beside(from, path), Path::new(expected), "{from} {path}");
        }
        assert_eq!(from_folder(Path::new("/etc"), "no-adult"), "no-adult");
        assert_eq!(from_folder(Path::new("/etc"), "mine.toml"), "/etc/mine.toml");
    }

    #[test]
    fn a_change_of_any_file_changes_the_fingerprint() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::new(dir.path());
        let (first, base) = (dir.path().join("rules.toml"), dir.path().join("base.toml"));
        let mut config = Config::default();
        let nothing = fingerprint(&config, &data);
        config.rules.file = Some(first.display().to_string());
        let missing = fingerprint(&config, &data);
        std::fs::write(&first, "index.extends = ['base.toml']\n").unwrap();
        let dangling = fingerprint(&config, &data);
        std::fs::write(&base, "[include]\nlanguages = ['fr']\n").unwrap();
        let whole = fingerprint(&config, &data);
        assert_eq!(load(&config, &data).unwrap().layers.len(), 2);
        assert_eq!(fingerprint(&config, &data), whole);
        std::fs::write(&base, "[include]\nlanguages = ['fr', 'de', 'oops']\n").unwrap();
        let bad = fingerprint(&config, &data);
        let all = [nothing, missing, dangling, whole, bad];
        assert!(all.iter().enumerate().all(|(n, one)| !all[..n].contains(one)), "{all:?}");
        let refused = load(&config, &data).unwrap_err();
        assert!(refused.is::<Unusable>() && refused.to_string().contains("base.toml line 2: `oops`"), "{refused}");
    }

    #[test]
    fn what_was_fetched_once_needs_no_network() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::new(dir.path());
        let text = "[exclude]\nnsfw = 'exclude'\n";
        let mut config = Config::default();
        config.rules.file = Some(format!("https://rules.example/r.toml#sha256-{}", digest_of(text)));
        assert!(load_offline(&config, &data).unwrap().is_none());
        allowed::replace(&data.rules().join(format!("sha256-{}", digest_of(text))), text).unwrap();
        assert_eq!(&*load_offline(&config, &data).unwrap().unwrap().layers[0].file, "https://rules.example/r.toml");
        // A copy that was changed is no copy.
        allowed::replace(&data.rules().join(format!("sha256-{}", digest_of(text))), "[exclude]\n").unwrap();
        assert!(load_offline(&config, &data).unwrap().is_none());
    }
}

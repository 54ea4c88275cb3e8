//! Reading the file and the environment, and naming what is wrong in them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::Config;

/// The start of the names of our environment variables.
const PREFIX: &str = "VIGIE_";

/// A configuration that cannot be used; names the place and the way out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The named file cannot be read.
    #[error("reading configuration `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or not ours.
    #[error("{} line {line}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        cause: String,
    },
    /// A variable does not name a setting, or holds a value of another type.
    #[error("environment variable {name}: {cause}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        cause: String,
    },
}

/// Reads `file` where one is given, and the variables over it.
///
/// - `variables`: all variables of the environment; those that are not ours are passed over.
/// - Relative paths of the file are taken from the folder of the file.
///
/// # Errors
/// [`ConfigError`]: the first fault, with its file and line or its variable.
pub fn load(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let mut table = Table::new();
    if let Some(path) = file {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        table = parse_file(path, &text)?;
    }
    let mut variables: Vec<_> = variables.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    for (name, text) in variables {
        overlay(&mut table, &name, &text)?;
    }
    let mut config = Config::deserialize(Value::Table(table))
        .map_err(|error| ConfigError::Variable { name: PREFIX.to_owned(), cause: error.message().to_owned() })?;
    if let Some(folder) = file.and_then(Path::parent) {
        for list in &mut config.instances.lists {
            *list = folder.join(&list);
        }
        if let Some(rules) = &mut config.rules.file {
            *rules = crate::rules::from_folder(folder, rules);
        }
    }
    Ok(config)
}

/// Parses the file, alone, so that a fault is named with its line.
fn parse_file(path: &Path, text: &str) -> Result<Table, ConfigError> {
    let fault = |error: toml::de::Error| {
        let position = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1;
        ConfigError::File { path: path.to_owned(), line, cause: error.message().trim().replace('\n', "; ") }
    };
    toml::from_str::<Config>(text).map_err(fault)?;
    toml::from_str(text).map_err(fault)
}

/// Puts one variable over the table: `VIGIE_CRAWLER__CONTACT_URL` is `crawler.contact_url`.
fn overlay(table: &mut Table, name: &str, text: &str) -> Result<(), ConfigError> {
    let keys: Vec<String> = name.trim_start_matches(PREFIX).split("__").map(str::to_ascii_lowercase).collect();
    // A value is read as TOML where it is TOML, so that numbers and lists can be given; as plain text otherwise, so
    // that text needs no quotes.
    let as_toml = toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
    let as_text = Value::String(text.to_owned());
    let mut cause = String::new();
    for value in as_toml.into_iter().filter(|value| *value != as_text).chain([as_text.clone()]) {
        let mut tried = table.clone();
        if !insert(&mut tried, &keys, value) {
            break;
        }
        match Config::deserialize(Value::Table(tried.clone())) {
            Ok(_) => {
                *table = tried;
                return Ok(());
            }
            Err(error) if cause.is_empty() => error.message().clone_into(&mut cause),
            Err(_) => {}
        }
    }
    let setting = keys.join(".");
    if cause.is_empty() {
        cause = "not a setting".to_owned();
    }
    let cause = format!("`{setting}`: {cause}; see `vigie config show` for the settings there are");
    Err(ConfigError::Variable { name: name.to_owned(), cause })
}

fn insert(table: &mut Table, keys: &[String], value: Value) -> bool {
    match keys {
        [] => false,
        [key] => {
            table.insert(key.clone(), value);
            true
        }
        [section, rest @ ..] => {
            let section = table.entry(section.clone()).or_insert_with(|| Value::Table(Table::new()));
            section.as_table_mut().is_some_and(|section| insert(section, rest, value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        load(None, variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
    }

    fn of_file(text: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vigie.toml");
        std::fs::write(&path, text).unwrap();
        load(Some(&path), std::iter::empty())
            .map_err(|error| error.to_string().replace(&path.display().to_string(), "F"))
    }

    #[test]
    fn nothing_given_is_the_default() {
        assert_eq!(with(&[("HOME", "/"), ("VIGIEX", "1")]).unwrap(), Config::default());
        assert_eq!(of_file("").unwrap(), Config::default());
    }

    #[test]
    fn what_is_shown_can_be_read_back() {
        let mut config = Config::default();
        config.crawler.contact_url = Some("https://a.example/".to_owned());
        config.network.resolve.insert("a.example".parse().unwrap(), "127.0.0.1:9000".parse().unwrap());
        assert_eq!(toml::from_str::<Config>(&toml::to_string(&config).unwrap()).unwrap(), config);
    }

    #[test]
    fn variables_win_over_the_file_and_take_text_numbers_and_tables() {
        let config = with(&[
            ("VIGIE_CRAWLER__CONTACT_URL", "https://a.example/bot"),
            ("VIGIE_CRAWLER__MAX_CONCURRENCY", "7"),
            ("VIGIE_CRAWLER__POLL_INTERVAL", "5m"),
            ("VIGIE_LISTEN", "127.0.0.1:9999"),
            ("VIGIE_NETWORK__RESOLVE", r#"{ "a.example" = "127.0.0.1:9000" }"#),
            ("VIGIE_NETWORK__PLAIN_HTTP", r#"["a.example"]"#),
            ("VIGIE_INDEX__NAME", "42"),
        ])
        .unwrap();
        assert_eq!(config.crawler.contact_url.as_deref(), Some("https://a.example/bot"));
        assert_eq!(config.crawler.max_concurrency, 7);
        assert_eq!(config.crawler.poll_max, jiff::SignedDuration::from_mins(5), "by its former name");
        assert_eq!(config.listen.port(), 9999);
        assert_eq!(config.network.resolve.len() + config.network.plain_http.len(), 2);
        assert_eq!(config.index.name, "42", "text that looks like a number stays text where text is wanted");
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        let message = of_file("[crawler]\nspeed = 9\n").unwrap_err();
        assert!(message.starts_with("F line 2: unknown field `speed`, expected one of `contact_url`, "), "{message}");
        assert!(message.ends_with("`sweep_interval`, `min_delay`, `max_concurrency`"), "{message}");
        assert!(of_file("listen = 'everywhere'\n").unwrap_err().starts_with("F line 1: "));
        assert!(of_file("listen = \n").unwrap_err().starts_with("F line 1: "));
        assert!(of_file("[network]\nplain_http = ['http://a.example']\n").unwrap_err().contains("holds a scheme"));
        let message = with(&[("VIGIE_CRAWLER__SPEED", "9")]).unwrap_err().to_string();
        assert!(
            message.starts_with("environment variable VIGIE_CRAWLER__SPEED: `crawler.speed`: unknown field"),
            "{message}"
        );
        assert!(with(&[("VIGIE_DATA__X", "9")]).is_err() && with(&[("VIGIE_NONSENSE", "9")]).is_err());
    }

    #[test]
    fn lists_are_found_beside_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vigie.toml");
        std::fs::write(&path, "[instances]\nlists = ['mine.toml', '/etc/all.toml']\n[rules]\nfile = 'rules.toml'\n")
            .unwrap();
        let config = load(Some(&path), std::iter::empty()).unwrap();
        assert_eq!(config.rules.file.unwrap(), dir.path().join("rules.toml").display().to_string());
        assert_eq!(config.instances.lists, [dir.path().join("mine.toml"), PathBuf::from("/etc/all.toml")]);
    }
}

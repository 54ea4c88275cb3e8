//! The inclusion rules in force, followed while the program runs: a changed file takes effect within seconds, a bad one changes
//! nothing and is named in the log.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allowlist::moderation::{FILE_NAME, ModerationFile};
use anyhow::Context;
use indexer::inclusion::Inclusion;
use query_api::Ruling;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::data::DataDir;
use crate::rules;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// How long rules that could not be read wait.
const RETRY: Duration = Duration::from_secs(60);

/// What is in force now for who looks at the index below `index_dir` once: the rules, and what moderators decided.
///
/// # Errors
/// When either cannot be read: what cannot be read might hide what would be shown.
pub fn ruling(config: &Config, data: &DataDir, index_dir: &Path) -> anyhow::Result<Arc<Ruling>> {
    let inclusion = rules::load(config, data)?;
    let path = index_dir.join(FILE_NAME);
    let reading = || format!("reading what moderators decided in `{}`", path.display());
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Ruling::new(inclusion)),
        Err(error) => return Err(error).with_context(reading),
    };
    let decided = ModerationFile::parse(&text).map_err(anyhow::Error::msg).with_context(reading)?;
    Ok(Ruling::new(inclusion.with(decided.layer()).with_context(reading)?))
}

/// Watches the files that the rules are read from.
pub struct RulesFollower {
    config: Config,
    data: DataDir,
    fingerprint: u64,
    /// When the rules could not be read, and what was said of it.
    failed: Option<(Instant, String)>,
    in_force: watch::Sender<Inclusion>,
}

impl RulesFollower {
    /// Reads the rules for the first time.
    ///
    /// # Errors
    /// [`crate::commands::Unusable`] with file and line: nothing is indexed or shown under rules that cannot be read.
    pub fn open(config: &Config, data: &DataDir) -> anyhow::Result<Self> {
        // Before the files are read: what changes meanwhile is read again.
        let fingerprint = rules::fingerprint(config, data);
        let inclusion = rules::load(config, data)?;
        for layer in inclusion.layers.iter() {
            tracing::info!("rules in force: {}", layer.file);
        }
        let (in_force, _) = watch::channel(inclusion);
        Ok(Self { config: config.clone(), data: data.clone(), fingerprint, failed: None, in_force })
    }

    /// The rules in force, now and later.
    pub fn in_force(&self) -> watch::Receiver<Inclusion> {
        self.in_force.subscribe()
    }

    /// Looks at the files every two seconds, and reads them again when one changed or on SIGHUP, until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut hangup = match signal(SignalKind::hangup()) {
            Ok(hangup) => hangup,
            Err(error) => return tracing::error!("listening for SIGHUP: {error}; changed rules need a restart"),
        };
        loop {
            let is_asked = tokio::select! {
                () = stop.cancelled() => return,
                _ = hangup.recv() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            let task = tokio::task::spawn_blocking(move || {
                self.look(is_asked);
                self
            });
            match task.await {
                Ok(follower) => self = follower,
                Err(error) => {
                    tracing::error!("reading the rules ended by a panic; this is a defect of the program: {error}");
                    return;
                }
            }
        }
    }

    fn look(&mut self, is_asked: bool) {
        let fingerprint = rules::fingerprint(&self.config, &self.data);
        // What an address answers may be there in a minute.
        let is_retry = self.failed.as_ref().is_some_and(|(at, _)| at.elapsed() >= RETRY);
        if fingerprint == self.fingerprint && !is_asked && !is_retry {
            return;
        }
        self.fingerprint = fingerprint;
        match rules::load(&self.config, &self.data) {
            Ok(inclusion) => {
                self.failed = None;
                let is_other = self.in_force.borrow().rules != inclusion.rules;
                if is_other {
                    tracing::info!("the rules changed: {} files are in force", inclusion.layers.len());
                    self.in_force.send_replace(inclusion);
                }
            }
            Err(error) => {
                let said = format!("{error:#}");
                if self.failed.as_ref().is_none_or(|(_, before)| *before != said) {
                    tracing::error!(
                        "reading the changed rules: {said}; the rules of before stay in force, and they are read again once \
                         a minute, when a file changes, and on SIGHUP"
                    );
                }
                self.failed = Some((Instant::now(), said));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // case 161
    #[test]
    fn changed_rules_are_taken_and_bad_ones_leave_the_old_in_force() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("rules.toml");
        let mut config = Config::default();
        config.rules.file = Some(file.display().to_string());
        let data = DataDir::new(&dir.path().join("data"));
        std::fs::write(&file, "[include]\nlanguages = ['fr']\n").unwrap();
        let mut follower = RulesFollower::open(&config, &data).unwrap();
        let mut in_force = follower.in_force();
        follower.look(false);
        assert!(!in_force.has_changed().unwrap());
        let languages = |inclusion: &Inclusion| {
            inclusion.layers.iter().map(|layer| layer.include.languages.len()).collect::<Vec<_>>()
        };
        for bad in ["[include]\nlanguages = 3\n", "[includes]\n", "index.extends = ['rules.toml']\n"] {
            std::fs::write(&file, bad).unwrap();
            follower.look(false);
            assert!(!in_force.has_changed().unwrap(), "{bad}");
        }
        std::fs::write(&file, "[include]\nlanguages = ['fr', 'de']\n").unwrap();
        follower.look(false);
        assert_eq!(languages(&in_force.borrow_and_update()), [2]);
        // Asked for by a signal, the same rules are no other ones.
        follower.look(true);
        assert!(!in_force.has_changed().unwrap());
        std::fs::remove_file(&file).unwrap();
        follower.look(false);
        assert_eq!(languages(&in_force.borrow()), [2], "a file that is gone is no rule that shows everything");
        assert!(RulesFollower::open(&config, &data).is_err(), "but nothing starts without it");
    }
}

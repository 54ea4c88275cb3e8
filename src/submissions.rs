//! The desk: takes what visitors submit, asks the hosts, looks for proofs, and lets the decision take effect.
//!
//! Any process of the operator may stand at it: what is known is in the registry, and what was accepted or taken out is an
//! instance list of its own in the data directory, which a running crawl reads with the others.

use std::fs::OpenOptions;
use std::sync::Arc;
use std::time::Duration;

use allowlist::list::{Instance, InstanceList};
use allowlist::registry::{LookTurn, ProbeTurn, Registry};
use allowlist::submission::{
    Automatic, Check, Decision, HostRefusal, Known, Mode, Purpose, State, Submission, decide, lookalike, read_host,
};
use allowlist::{Host, edit, flood};
use anyhow::Context;
use crawler::net::Client;
use crawler::probe::{ProbeReport, Prober, TxtResolver};
use jiff::{SignedDuration, Timestamp};
use query_api::submissions::{SubmissionAnswer, SubmissionDesk, SubmissionError, SubmissionRequest};

use crate::config::Config;
use crate::data::DataDir;
use crate::{allowed, delist};

/// What the program itself did, in the audit log.
const BY_RULE: &str = "vigie";

/// How long an answer waits for the proof to be looked for; the look goes on without it.
const WAIT_FOR_PROOF: Duration = Duration::from_secs(10);

/// How long the checks of one submission wait for those of another of the same host.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(120);

/// The desk of one data directory. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    shared: Arc<Shared>,
}

struct Shared {
    registry: Registry,
    prober: Prober,
    config: Config,
    data: DataDir,
    own: Option<Host>,
    rule: Automatic,
}

/// Why the operator's word has no effect.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No such submission.
    #[error("there is no submission `{0}`: see `vigie submissions list`")]
    Unknown(String),
    /// It is settled, or nothing is known of its host yet.
    #[error("submission `{id}` is {state}: {what}")]
    Unfit {
        /// Its id.
        id: String,
        /// Its state.
        state: State,
        /// The way out.
        what: &'static str,
    },
}

impl Desk {
    /// Opens the registry of the data directory, which is created where it is missing.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(config: &Config, data: &DataDir, client: Client) -> anyhow::Result<Self> {
        let registry = Registry::open(&data.registry())?;
        let dns = config.network.dns.map_or_else(TxtResolver::system, TxtResolver::at);
        let public = config.index.public_url.as_deref().and_then(|url| url::Url::parse(url).ok());
        let own = public.and_then(|url| Host::parse(url.host_str()?).ok());
        let settings = &config.submissions;
        let shared = Shared {
            registry,
            prober: Prober::new(client, dns),
            config: config.clone(),
            data: data.clone(),
            own,
            rule: Automatic { mode: settings.mode, min_items: settings.min_items },
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The desk as the server asks it. Call it once in a process that serves: checks that a former process left are ended.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn door(&self) -> anyhow::Result<SubmissionDesk> {
        self.shared.registry.end_interrupted_checks(Timestamp::now())?;
        let key = self.shared.registry.submission_key()?;
        let desk = self.clone();
        let door = SubmissionDesk::new(
            Arc::new(move |request| {
                let desk = desk.clone();
                Box::pin(async move { desk.answer(request).await })
            }),
            key,
        );
        Ok(door)
    }

    /// Makes the checks of a host without submitting it: for the operator.
    ///
    /// # Errors
    /// [`HostRefusal`] in words, or when the lists cannot be read.
    pub async fn check(&self, text: &str) -> anyhow::Result<Vec<Check>> {
        let list = self.list()?;
        let host = self.read(text, Purpose::Add, &list)?;
        let report = self.shared.prober.probe(&host).await;
        Ok(with_lookalike(report.checks, &host, &list))
    }

    /// Accepts a submission, or carries a removal out, by the operator's word.
    ///
    /// # Errors
    /// [`DeskError`]; when list or registry cannot be written.
    pub fn approve(&self, id: &str, author: &str) -> anyhow::Result<Submission> {
        let submission = self.find(id)?;
        let unfit = |what| DeskError::Unfit { id: id.to_owned(), state: submission.state, what };
        if !submission.state.is_open() {
            return Err(unfit("it is settled").into());
        }
        if submission.purpose == Purpose::Remove {
            return self.remove(&submission, author);
        }
        if submission.kind.is_none() {
            return Err(
                unfit("what it runs is not known; add it with `vigie instances add`, which asks for that").into()
            );
        }
        self.accept(&submission, author)
    }

    /// Says no to a submission.
    ///
    /// # Errors
    /// As [`Self::approve`].
    pub fn reject(&self, id: &str, author: &str, reason: &str) -> anyhow::Result<Submission> {
        let submission = self.find(id)?;
        if !submission.state.is_open() {
            return Err(DeskError::Unfit { id: id.to_owned(), state: submission.state, what: "it is settled" }.into());
        }
        let reason = allowlist::registry::decisions::checked("the reason", reason, 500)?;
        self.change(id, author, |submission| {
            submission.state = State::Rejected;
            submission.reason = Some(reason);
        })
    }

    fn find(&self, id: &str) -> anyhow::Result<Submission> {
        Ok(self.shared.registry.submission(id)?.ok_or_else(|| DeskError::Unknown(id.to_owned()))?)
    }

    fn change(&self, id: &str, by: &str, change: impl FnOnce(&mut Submission)) -> anyhow::Result<Submission> {
        let changed = self.shared.registry.change_submission(id, by, Timestamp::now(), change)?;
        Ok(changed.ok_or_else(|| DeskError::Unknown(id.to_owned()))?)
    }

    fn list(&self) -> anyhow::Result<InstanceList> {
        allowed::list(&self.shared.config, &self.shared.data)
    }

    fn read(&self, text: &str, purpose: Purpose, list: &InstanceList) -> Result<Host, HostRefusal> {
        let known = Known {
            is_listed: &|host| list.contains(host),
            is_removed: &|host| list.is_removed(host),
            own: self.shared.own.as_ref(),
        };
        read_host(text, purpose, known)
    }

    async fn answer(&self, request: SubmissionRequest) -> Result<SubmissionAnswer, SubmissionError> {
        match request {
            SubmissionRequest::Read { host, purpose } => {
                self.apart(move |desk| desk.begin(&host, purpose)).await?;
                Ok(SubmissionAnswer { submission: None, token: String::new() })
            }
            SubmissionRequest::Submit { host, purpose } => {
                let (submission, turn) = self.apart(move |desk| desk.submit(&host, purpose)).await?;
                if let Some(turn) = turn {
                    self.check_behind(submission.clone(), turn);
                }
                self.told(submission)
            }
            SubmissionRequest::Show { id } => {
                let submission = self.apart(move |desk| desk.known(&id)).await?;
                self.told(submission)
            }
            SubmissionRequest::Check { id } => {
                let (submission, turn) = self.apart(move |desk| desk.check_again(&id)).await?;
                self.check_behind(submission.clone(), turn);
                self.told(submission)
            }
            SubmissionRequest::Verify { id } => self.verify(id).await,
        }
    }

    fn told(&self, submission: Submission) -> Result<SubmissionAnswer, SubmissionError> {
        let key = self.shared.registry.submission_key().map_err(broken)?;
        let token = key.proof_token(&submission.id, &submission.host, submission.purpose);
        Ok(SubmissionAnswer { submission: Some(submission), token })
    }

    /// Runs what reads and writes files on a thread for that.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, SubmissionError> + Send + 'static,
    ) -> Result<T, SubmissionError> {
        let desk = self.clone();
        tokio::task::spawn_blocking(move || work(&desk)).await.unwrap_or_else(|error| Err(broken(error)))
    }

    fn known(&self, id: &str) -> Result<Submission, SubmissionError> {
        self.shared.registry.submission(id).map_err(broken)?.ok_or(SubmissionError::Unknown)
    }

    /// Whether a text can be submitted. Nobody is asked.
    fn begin(&self, text: &str, purpose: Purpose) -> Result<Host, SubmissionError> {
        if self.shared.rule.mode == Mode::Closed && purpose == Purpose::Add {
            return Err(SubmissionError::Closed);
        }
        Ok(self.read(text, purpose, &self.list().map_err(broken)?)?)
    }

    fn submit(&self, text: &str, purpose: Purpose) -> Result<(Submission, Option<ProbeTurn>), SubmissionError> {
        let host = self.begin(text, purpose)?;
        let now = Timestamp::now();
        let registry = &self.shared.registry;
        let turn = match purpose {
            Purpose::Remove => None,
            Purpose::Add => Some(self.turn(&host, now)?),
        };
        let submission = registry.submit(&host, purpose, now).map_err(broken)?.ok_or(SubmissionError::Full)?;
        tracing::info!(instance.host = %host, "submission: {host} is to be {}", if purpose == Purpose::Add { "taken in" } else { "taken out" });
        Ok((submission, turn))
    }

    /// A turn to ask a host, or what is known of it.
    fn turn(&self, host: &Host, now: Timestamp) -> Result<ProbeTurn, SubmissionError> {
        match self.shared.registry.take_probe_turn(host, now).map_err(broken)? {
            ProbeTurn::Later(wait) => {
                Err(SubmissionError::Later { what: "Many instances are being checked", wait: unsigned(wait) })
            }
            turn => Ok(turn),
        }
    }

    fn check_again(&self, id: &str) -> Result<(Submission, ProbeTurn), SubmissionError> {
        let submission = self.known(id)?;
        if submission.purpose == Purpose::Remove {
            return Err(SubmissionError::NotNow("An instance that is to be taken out is not checked."));
        }
        if submission.state == State::Checking {
            return Err(SubmissionError::NotNow("The checks are under way."));
        }
        if !submission.state.is_open() {
            return Err(SubmissionError::NotNow("This submission is settled."));
        }
        let now = Timestamp::now();
        let turn = self.turn(&submission.host, now)?;
        if let (ProbeTurn::Known(Some(_)), Some(at)) = (&turn, submission.checked_at) {
            let wait = (at + SignedDuration::from_hours(1)).duration_since(now);
            return Err(SubmissionError::Later { what: "An instance is checked once an hour", wait: unsigned(wait) });
        }
        let changed = self.change(id, BY_RULE, |submission| submission.state = State::Checking).map_err(broken)?;
        Ok((changed, turn))
    }

    /// Makes the checks while the visitor goes on: how long they take tells them nothing.
    fn check_behind(&self, submission: Submission, turn: ProbeTurn) {
        let desk = self.clone();
        tokio::spawn(async move {
            let report = match turn {
                ProbeTurn::Known(Some(known)) => serde_json::from_str(&known).ok(),
                ProbeTurn::Known(None) | ProbeTurn::Later(_) => desk.report_of_others(&submission.host).await,
                ProbeTurn::Now => Some(desk.ask(&submission.host).await),
            };
            let id = submission.id;
            if let Err(error) = desk.apart(move |desk| desk.take_report(&id, report).map_err(broken)).await {
                tracing::error!("keeping the checks of a submission: {error}");
            }
        });
    }

    async fn ask(&self, host: &Host) -> ProbeReport {
        let report = self.shared.prober.probe(host).await;
        match serde_json::to_string(&report) {
            Ok(text) => {
                let host = host.clone();
                let kept = self.apart(move |desk| desk.shared.registry.keep_probe(&host, &text).map_err(broken)).await;
                // It was logged; the host is not asked again within the hour all the same.
                drop(kept);
            }
            Err(error) => tracing::error!("keeping the checks of {host}: {error}"),
        }
        report
    }

    /// What another submission of the same host learns, which is under way.
    async fn report_of_others(&self, host: &Host) -> Option<ProbeReport> {
        let deadline = tokio::time::Instant::now() + WAIT_FOR_OTHERS;
        while tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let host = host.clone();
            let turn = self
                .apart(move |desk| desk.shared.registry.take_probe_turn(&host, Timestamp::now()).map_err(broken))
                .await;
            if let Ok(ProbeTurn::Known(Some(known))) = turn {
                return serde_json::from_str(&known).ok();
            }
        }
        None
    }

    /// Takes over what came of the checks, and lets the rule decide.
    fn take_report(&self, id: &str, report: Option<ProbeReport>) -> anyhow::Result<()> {
        let list = self.list()?;
        let changed = self.change(id, BY_RULE, |submission| match report {
            // Somebody settled it while the host was asked: that word stands.
            _ if submission.state != State::Checking => {}
            Some(report) => {
                submission.checks = with_lookalike(report.checks, &submission.host, &list);
                submission.kind = report.kind;
                submission.n_items = report.n_items;
                submission.checked_at = Some(report.at);
            }
            None => submission.checks = Vec::new(),
        })?;
        self.apply_rule(&changed).map(drop)
    }

    fn apply_rule(&self, submission: &Submission) -> anyhow::Result<Submission> {
        if !submission.state.is_open() {
            return Ok(submission.clone());
        }
        let move_to = |state: State| {
            self.change(&submission.id, BY_RULE, |submission| {
                if submission.state.is_open() {
                    submission.state = state;
                }
            })
        };
        match decide(submission, self.shared.rule) {
            Decision::Move(state) => move_to(state),
            // What was taken out since, or has many neighbours here, is for the operator to decide.
            Decision::Accept if !self.may_accept(submission)? => move_to(State::Queued),
            Decision::Accept => self.accept(submission, BY_RULE),
            Decision::Remove => self.remove(submission, BY_RULE),
        }
    }

    async fn verify(&self, id: String) -> Result<SubmissionAnswer, SubmissionError> {
        let asked = id.clone();
        let submission = self.apart(move |desk| desk.take_look(&asked)).await?;
        let desk = self.clone();
        let looking = tokio::spawn(async move {
            let key = desk.shared.registry.submission_key().map_err(broken)?;
            let token = key.proof_token(&submission.id, &submission.host, submission.purpose);
            let report = desk.shared.prober.prove(&submission.host, &token).await;
            desk.apart(move |desk| {
                let changed = desk.change(&submission.id, BY_RULE, |submission| {
                    if !submission.state.is_open() {
                        return;
                    }
                    submission.missing = report.missing;
                    if let Some(place) = report.place.filter(|_| submission.proved_at.is_none()) {
                        submission.missing = Vec::new();
                        submission.proved_at = Some(Timestamp::now());
                        submission.proved_by = Some(place);
                    }
                });
                let changed = changed.map_err(broken)?;
                if changed.proved_at.is_some() { desk.apply_rule(&changed).map_err(broken) } else { Ok(changed) }
            })
            .await
        });
        if let Ok(looked) = tokio::time::timeout(WAIT_FOR_PROOF, looking).await {
            looked.unwrap_or_else(|error| Err(broken(error)))?;
        }
        let submission = self.apart(move |desk| desk.known(&id)).await?;
        self.told(submission)
    }

    fn take_look(&self, id: &str) -> Result<Submission, SubmissionError> {
        let submission = self.known(id)?;
        let is_unfinished = submission.proved_at.is_some() && submission.purpose == Purpose::Remove;
        let may_prove = matches!(submission.state, State::Unproved | State::Queued);
        if !may_prove || submission.proved_at.is_some() && !is_unfinished {
            return Err(SubmissionError::NotNow("There is nothing to prove now."));
        }
        match self.shared.registry.take_look_turn(id, Timestamp::now()).map_err(broken)? {
            LookTurn::Now => Ok(submission),
            LookTurn::Later(wait) => Err(SubmissionError::Later {
                what: "The proof is looked for once a minute, and twenty times a day",
                wait: unsigned(wait),
            }),
        }
    }

    /// Whether the rule may accept a host: it was not taken out since it was submitted, and few of its domain are in.
    fn may_accept(&self, submission: &Submission) -> anyhow::Result<bool> {
        let list = self.list()?;
        let domain = flood::registrable_domain(&submission.host);
        let n_neighbours = list.iter().filter(|instance| flood::registrable_domain(&instance.host) == domain).count();
        Ok(!list.is_removed(&submission.host) && n_neighbours < flood::MAX_HOSTS_PER_DOMAIN)
    }

    /// Puts an instance onto the list of what was accepted; a running crawl reads it within a minute.
    fn accept(&self, submission: &Submission, by: &str) -> anyhow::Result<Submission> {
        let kind = submission.kind.context("accepting a submission: what its host runs is not known")?;
        let host = submission.host.clone();
        if self.list()?.is_removed(&host) {
            let what = "its host was taken out of this index; `vigie instances add` takes that back";
            return Err(DeskError::Unfit { id: submission.id.clone(), state: submission.state, what }.into());
        }
        let instance = Instance { host, kind, note: Some("submitted".to_owned()), crawl_delay: None };
        self.change_list(|name, text| edit::add(name, text, &instance))?;
        tracing::info!(instance.host = %submission.host, "submission: {} is accepted", submission.host);
        self.change(&submission.id, by, |submission| submission.state = State::Accepted)
    }

    /// Takes an instance out: off every list, hidden by every server of this index within seconds, withdrawn from the journal
    /// by the running crawl within minutes.
    fn remove(&self, submission: &Submission, by: &str) -> anyhow::Result<Submission> {
        self.change_list(|name, text| edit::remove(name, text, &submission.host))?;
        delist::publish(&self.shared.data, &self.list()?)?;
        tracing::info!(instance.host = %submission.host, "submission: {} is taken out", submission.host);
        self.change(&submission.id, by, |submission| submission.state = State::Removed)
    }

    fn change_list(
        &self,
        change: impl FnOnce(&str, &str) -> Result<String, allowlist::list::ListError>,
    ) -> anyhow::Result<()> {
        let path = self.shared.data.accepted_list();
        // The operator's command and the server may change it at once.
        let lock = path.with_extension("lock");
        let locking = || format!("locking `{}`", lock.display());
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock).with_context(locking)?;
        file.lock().with_context(locking)?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                "# Instances that were submitted and accepted, and those taken out at the wish of their admins.\n\
                 # Written by `vigie`; may be edited by hand.\n"
                    .to_owned()
            }
            Err(error) => return Err(error).with_context(|| format!("reading instance list `{}`", path.display())),
        };
        let changed = change(&path.display().to_string(), &text)?;
        allowed::replace(&path, &changed)
    }
}

fn with_lookalike(mut checks: Vec<Check>, host: &Host, list: &InstanceList) -> Vec<Check> {
    checks.push(lookalike(host, list.iter().map(|instance| &instance.host)));
    checks
}

fn broken(error: impl std::fmt::Display) -> SubmissionError {
    tracing::error!("the desk of submissions: {error:#}");
    SubmissionError::Broken
}

fn unsigned(wait: SignedDuration) -> Duration {
    Duration::try_from(wait).unwrap_or_default().max(Duration::from_secs(1))
}

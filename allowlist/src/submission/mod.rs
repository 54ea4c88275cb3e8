//! What somebody submits to an index: an instance to be taken in, or to be taken out. Pure: who asks the instance and who
//! keeps what became of it are elsewhere.

mod check;
mod decide;
mod form;
mod host;
mod proof;

pub use check::{Check, CheckName, CheckOutcome, lookalike, named};
pub use decide::{Automatic, Decision, Mode, decide};
pub use form::{FormToken, FormTokenFault, POW_BITS, is_work_done};
pub use host::{HostRefusal, Known, read_host};
pub use proof::{
    MAX_PROOF_FILE_BYTES, MissingProof, NODEINFO_KEY, PROOF_PATH, ProofPlace, SecretKey, TXT_KEY, TXT_LABEL,
    holds_token, is_txt_proof,
};

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Host, SourceKind};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// That the instance is indexed.
    Add,
    /// That it leaves the index and stays out.
    Remove,
}

impl Purpose {
    /// The name in the API, in forms and in the registry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
        }
    }
}

/// Where a submission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The instance is being asked.
    Checking,
    /// A check failed; after it is mended the checks can be made again.
    Failing,
    /// Waits for the proof that the submitter runs the instance.
    Unproved,
    /// Waits for the operator.
    Queued,
    /// It is on the list.
    Accepted,
    /// The operator said no.
    Rejected,
    /// It was taken out.
    Removed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Checking, Self::Failing, Self::Unproved, Self::Queued, Self::Accepted, Self::Rejected, Self::Removed];

    /// The name in the API and in the registry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Failing => "failing",
            Self::Unproved => "unproved",
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Removed => "removed",
        }
    }

    /// Whether something can still become of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Checking | Self::Failing | Self::Unproved | Self::Queued)
    }
}

/// A name that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not known here")]
pub struct UnknownName(pub String);

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| UnknownName(text.to_owned()))
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Purpose {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "add" => Ok(Self::Add),
            "remove" => Ok(Self::Remove),
            _ => Err(UnknownName(text.to_owned())),
        }
    }
}

/// One submission. Nothing of whoever made it is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Unguessable: whoever knows it may see the submission. 32 hexadecimal digits.
    pub id: String,
    /// The instance.
    pub host: Host,
    /// What it runs, once that is known.
    pub kind: Option<SourceKind>,
    /// What is wanted.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: State,
    /// What the instance was asked and how it answered, in order; empty before that and for removals.
    pub checks: Vec<Check>,
    /// Public items of its own on the first page of its list.
    pub n_items: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything of it changed last.
    pub updated_at: Timestamp,
    /// When the checks were made.
    pub checked_at: Option<Timestamp>,
    /// When the proof was looked for last.
    pub looked_at: Option<Timestamp>,
    /// How often it was looked for on that day (UTC).
    pub n_looked: u32,
    /// What the last look found in the place of the proof.
    pub missing: Vec<MissingProof>,
    /// When the proof was found.
    pub proved_at: Option<Timestamp>,
    /// Where it was found.
    pub proved_by: Option<ProofPlace>,
    /// What the operator said.
    pub reason: Option<String>,
}

impl Submission {
    /// One plain sentence about where it stands.
    pub fn sentence(&self) -> String {
        let host = self.host.to_unicode();
        match (self.state, self.purpose) {
            (State::Checking, _) => format!("{host} is being asked; this takes some seconds."),
            (State::Failing, _) => match self.checks.iter().find(|check| check.outcome == CheckOutcome::Failed) {
                Some(check) => format!("{host} cannot be taken in yet. {}", check.sentence),
                None => format!("The checks of {host} were interrupted; let them be made again."),
            },
            (State::Unproved, Purpose::Add) => {
                format!("{host} can be taken in. What is missing is the proof that you run it.")
            }
            (State::Unproved, Purpose::Remove) => {
                format!("{host} is taken out as soon as you have proved that you run it.")
            }
            (State::Queued, _) if self.proved_at.is_some() => {
                format!("You have proved that you run {host}. It waits for the operator of this index.")
            }
            (State::Queued, _) => format!(
                "{host} passed the checks and waits for the operator of this index. A proof that you run it makes this easier."
            ),
            (State::Accepted, _) => format!("{host} is on the list and will be visited within minutes."),
            (State::Rejected, _) => match &self.reason {
                Some(reason) => format!("The operator of this index does not take {host} in: {reason}"),
                None => format!("The operator of this index does not take {host} in."),
            },
            (State::Removed, _) => {
                format!("{host} is out: it is not visited any more and no search shows it.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_they_are_written() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for purpose in [Purpose::Add, Purpose::Remove] {
            assert_eq!(purpose.as_str().parse(), Ok(purpose));
        }
        assert!("done".parse::<State>().is_err() && "".parse::<Purpose>().is_err());
    }
}

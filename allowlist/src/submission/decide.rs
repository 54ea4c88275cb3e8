//! What becomes of a submission once its checks are made or its proof is found.

use serde::{Deserialize, Serialize};

use super::{CheckName, CheckOutcome, Purpose, State, Submission};

/// Who decides about instances that pass the checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The operator accepts each one.
    #[default]
    Queue,
    /// Those that pass every check and whose admin proved it are accepted at once.
    Verified,
    /// Nothing is submitted here; instances can still be taken out.
    Closed,
}

/// The rule for acceptance without the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Automatic {
    /// Who decides.
    pub mode: Mode,
    /// Public items of its own that an instance must have.
    pub min_items: u64,
}

/// What to do with a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It moves to this state.
    Move(State),
    /// The instance goes onto the list.
    Accept,
    /// The instance leaves the list and the index.
    Remove,
}

/// Decides by what is known of a submission now.
///
/// A removal waits for its proof and for nothing else. An instance with a failed check is never taken in; one that looks like
/// another, or whose software did not say its version, is never taken in without the operator.
pub fn decide(submission: &Submission, rule: Automatic) -> Decision {
    let is_proved = submission.proved_at.is_some();
    if submission.purpose == Purpose::Remove {
        return if is_proved { Decision::Remove } else { Decision::Move(State::Unproved) };
    }
    if submission.checks.is_empty() || submission.kind.is_none() {
        return Decision::Move(State::Failing);
    }
    let mut outcomes = submission.checks.iter().map(|check| (check.name, check.outcome));
    if outcomes.clone().any(|(_, outcome)| outcome == CheckOutcome::Failed) {
        return Decision::Move(State::Failing);
    }
    let is_doubtful = outcomes.any(|(name, outcome)| {
        outcome == CheckOutcome::Warned && matches!(name, CheckName::Lookalike | CheckName::Software)
    });
    match rule.mode {
        Mode::Verified if is_doubtful || submission.n_items < rule.min_items => Decision::Move(State::Queued),
        Mode::Verified if is_proved => Decision::Accept,
        Mode::Verified => Decision::Move(State::Unproved),
        Mode::Queue | Mode::Closed => Decision::Move(State::Queued),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::SourceKind;
    use crate::submission::{Check, ProofPlace};

    fn submission(purpose: Purpose, checks: Vec<Check>, is_proved: bool) -> Submission {
        let now = Timestamp::UNIX_EPOCH;
        Submission {
            id: String::new(),
            host: "tube.example".parse().unwrap(),
            kind: Some(SourceKind::PeerTube),
            purpose,
            state: State::Checking,
            checks,
            n_items: 3,
            created_at: now,
            updated_at: now,
            checked_at: Some(now),
            looked_at: None,
            n_looked: 0,
            missing: Vec::new(),
            proved_at: is_proved.then_some(now),
            proved_by: is_proved.then_some(ProofPlace::File),
            reason: None,
        }
    }

    #[test]
    fn only_what_passed_and_was_proved_is_taken_in_without_the_operator() {
        let good = || vec![Check::passed(CheckName::Content, "")];
        let odd = || vec![Check::warned(CheckName::Lookalike, "", None)];
        let slow = || vec![Check::warned(CheckName::Ipv6, "", None)];
        let bad = || vec![Check::passed(CheckName::Name, ""), Check::failed(CheckName::Robots, "", None)];
        let by = |mode, checks, is_proved| {
            decide(&submission(Purpose::Add, checks, is_proved), Automatic { mode, min_items: 1 })
        };
        assert_eq!(by(Mode::Queue, good(), true), Decision::Move(State::Queued));
        assert_eq!(by(Mode::Verified, good(), false), Decision::Move(State::Unproved));
        assert_eq!(by(Mode::Verified, good(), true), Decision::Accept);
        assert_eq!(by(Mode::Verified, slow(), true), Decision::Accept);
        assert_eq!(by(Mode::Verified, odd(), true), Decision::Move(State::Queued));
        for mode in [Mode::Queue, Mode::Verified] {
            assert_eq!(by(mode, bad(), true), Decision::Move(State::Failing));
            assert_eq!(by(mode, Vec::new(), true), Decision::Move(State::Failing));
        }
        let few = Automatic { mode: Mode::Verified, min_items: 4 };
        assert_eq!(decide(&submission(Purpose::Add, good(), true), few), Decision::Move(State::Queued));
    }

    // case 152
    #[test]
    fn case_152_nothing_is_taken_out_without_proof() {
        for mode in [Mode::Queue, Mode::Verified, Mode::Closed] {
            let rule = Automatic { mode, min_items: 0 };
            let removal = |is_proved| decide(&submission(Purpose::Remove, Vec::new(), is_proved), rule);
            assert_eq!(removal(false), Decision::Move(State::Unproved));
            assert_eq!(removal(true), Decision::Remove);
        }
    }
}

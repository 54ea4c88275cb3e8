//! Rules that cannot be used.

use super::Place;

/// What is wrong with a rules file or with files that extend each other; names the place and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {cause}")]
pub struct RulesError {
    /// Where.
    pub place: Place,
    /// What is wrong there.
    pub cause: String,
}

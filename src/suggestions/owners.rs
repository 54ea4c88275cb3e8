//! Numbers in the place of handles: what is counted of each owner is counted by the million.

use std::collections::HashMap;

use allowlist::moderation::Target;

/// Owners in the order in which they were first seen.
#[derive(Default)]
pub struct Owners {
    numbers: HashMap<Target, usize>,
}

impl Owners {
    /// The number of an owner.
    pub fn number(&mut self, owner: &Target) -> usize {
        if let Some(number) = self.numbers.get(owner) {
            return *number;
        }
        let number = self.numbers.len();
        self.numbers.insert(owner.clone(), number);
        number
    }

    /// The owners by their numbers.
    pub fn into_targets(self) -> HashMap<usize, Target> {
        self.numbers.into_iter().map(|(target, number)| (number, target)).collect()
    }
}

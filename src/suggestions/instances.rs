//! Instances whose names deceive, and new ones that hold much already.

use std::collections::BTreeMap;

use allowlist::Host;
use allowlist::moderation::Target;
use jiff::{SignedDuration, Timestamp};

use super::{Sign, Suggestion};

/// So long an instance is new: long enough for its admin to have posted its first own videos, and for visitors to complain.
const NEW: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Records of a new instance that are much. The median instance holds some hundred after years.
const MUCH: u64 = 1000;

/// What is known of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub host: Host,
    /// When it was visited first; unknown where it never was.
    pub first_visit_at: Option<Timestamp>,
    /// What the journal holds of it.
    pub n_records: u64,
}

impl Instance {
    /// Whether it was visited for the first time, and not longer ago than `age`.
    pub fn is_younger_than(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.first_visit_at.is_some_and(|first| now.duration_since(first) < age)
    }
}

/// Look-alikes and new instances that hold much.
pub fn suggest(instances: &[Instance], now: Timestamp) -> Vec<Suggestion> {
    let mut suggestions = lookalikes(instances);
    for instance in instances.iter().filter(|instance| instance.n_records >= MUCH && instance.is_younger_than(NEW, now))
    {
        let days = instance.first_visit_at.map_or(0, |first| now.duration_since(first).as_hours() / 24);
        suggestions.push(suggestion(
            Sign::NewInstance,
            instance,
            format!(
                "first visited {days} days ago and holds {} records already: hide it until somebody has looked",
                instance.n_records
            ),
        ));
    }
    suggestions
}

/// Of instances whose names look the same, all but the one that was here first; and names that mix scripts as no language does.
fn lookalikes(instances: &[Instance]) -> Vec<Suggestion> {
    let mut by_look: BTreeMap<String, Vec<&Instance>> = BTreeMap::new();
    for instance in instances {
        by_look.entry(instance.host.skeleton()).or_default().push(instance);
    }
    let mut suggestions = Vec::new();
    for mut alike in by_look.into_values() {
        // The first visit says who came first; whoever was never visited came last.
        alike.sort_by_key(|instance| {
            (instance.first_visit_at.is_none(), instance.first_visit_at, instance.host.clone())
        });
        let Some((first, others)) = alike.split_first() else { continue };
        for other in others.iter().filter(|other| other.host.name() != first.host.name()) {
            let sentence = format!(
                "`{}` (`{}`) looks like `{}` (`{}`)",
                other.host.to_unicode(),
                other.host,
                first.host.to_unicode(),
                first.host
            );
            suggestions.push(suggestion(Sign::Lookalike, other, sentence));
        }
        if others.is_empty() && first.host.mixes_scripts() {
            let sentence =
                format!("`{}` (`{}`) mixes scripts, as names made to deceive do", first.host.to_unicode(), first.host);
            suggestions.push(suggestion(Sign::Lookalike, first, sentence));
        }
    }
    suggestions
}

fn suggestion(sign: Sign, instance: &Instance, sentence: String) -> Suggestion {
    let n_records = usize::try_from(instance.n_records).unwrap_or(usize::MAX);
    Suggestion { sign, target: Target::Instance(instance.host.clone()), n_records, sentence, samples: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(host: &str, days_ago: Option<i64>, n_records: u64) -> Instance {
        let first_visit_at = days_ago.map(|days| now() - SignedDuration::from_hours(24 * days));
        Instance { host: host.parse().unwrap(), first_visit_at, n_records }
    }

    fn now() -> Timestamp {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    // case 27
    #[test]
    fn of_two_names_that_look_the_same_the_later_is_worth_a_look() {
        let found = suggest(
            &[
                instance("frаmatube.org", Some(3), 5),
                instance("framatube.org", Some(900), 5000),
                instance("tube.example", None, 0),
            ],
            now(),
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].sign, Sign::Lookalike);
        assert!(found[0].target.to_string().starts_with("instance:xn--"), "{}", found[0].target);
        assert!(found[0].sentence.contains("`framatube.org`"), "{}", found[0].sentence);
    }

    #[test]
    fn a_new_instance_that_holds_much_is_worth_a_look() {
        let found = suggest(
            &[
                instance("new.example", Some(3), 2000),
                instance("small.example", Some(3), 999),
                instance("old.example", Some(15), 20_000),
                instance("unvisited.example", None, 20_000),
            ],
            now(),
        );
        let targets: Vec<String> = found.iter().map(|one| one.target.to_string()).collect();
        assert_eq!(targets, ["instance:new.example"]);
        assert!(found[0].sentence.contains("3 days ago") && found[0].sentence.contains("2000 records"));
    }
}

//! The same title again and again, by one account or by many accounts of young instances.

use std::collections::{HashMap, HashSet};

use allowlist::Host;
use allowlist::moderation::Target;
use indexer::analysis;

use super::owners::Owners;
use super::{Item, Sign, Suggestion, quoted};

/// Records of one owner with one title. A weekly programme that never says which week it is comes here after a quarter of
/// a year; less often is not worth a look.
const MIN_REPEATS: usize = 12;

/// Of an owner's records, one in so many must have the title: who publishes much repeats some.
const SHARE: usize = 3;

/// Accounts with one title on young instances. Campaigns come by the dozen; three friends at one event by three.
const MIN_ACCOUNTS: usize = 5;

/// Letters of a title that many accounts have: “Live”, “Test” and “Welcome” mean nothing.
const MIN_LETTERS: usize = 12;

struct Repeated {
    n_records: usize,
    title: String,
}

/// The titles of each owner, folded.
pub struct Titles {
    owners: Owners,
    n_records: HashMap<usize, usize>,
    by_owner: HashMap<(usize, String), Repeated>,
    young: HashSet<Host>,
    by_title: HashMap<String, HashSet<usize>>,
}

impl Titles {
    /// With the instances that are young.
    pub fn new(young: HashSet<Host>) -> Self {
        let (owners, n_records) = (Owners::default(), HashMap::new());
        Self { owners, n_records, by_owner: HashMap::new(), young, by_title: HashMap::new() }
    }

    pub(super) fn add(&mut self, item: &Item<'_>) {
        let owner = self.owners.number(&item.owner);
        *self.n_records.entry(owner).or_default() += 1;
        let folded = analysis::fold(item.title).join(" ");
        if folded.is_empty() {
            return;
        }
        if self.young.contains(item.host) && folded.chars().filter(|c| c.is_alphanumeric()).count() >= MIN_LETTERS {
            self.by_title.entry(folded.clone()).or_default().insert(owner);
        }
        // A choir meets every week, and each evening is an event of its own; two of one evening are not.
        let key = match item.starts_at {
            Some(starts_at) => format!("{folded} {}", starts_at.as_second()),
            None => folded,
        };
        let repeated = self
            .by_owner
            .entry((owner, key))
            .or_insert_with(|| Repeated { n_records: 0, title: item.title.to_owned() });
        repeated.n_records += 1;
    }

    pub(super) fn finish(self) -> Vec<Suggestion> {
        let owners = self.owners.into_targets();
        let mut worst: HashMap<usize, &Repeated> = HashMap::new();
        for ((owner, _), repeated) in &self.by_owner {
            let n_all = self.n_records.get(owner).copied().unwrap_or_default();
            if repeated.n_records < MIN_REPEATS || repeated.n_records * SHARE < n_all {
                continue;
            }
            let found = worst.entry(*owner).or_insert(repeated);
            if (repeated.n_records, &repeated.title) > (found.n_records, &found.title) {
                *found = repeated;
            }
        }
        let mut suggestions = Vec::new();
        for (owner, Repeated { n_records, title }) in worst {
            let Some(target) = owners.get(&owner) else { continue };
            let n_all = self.n_records.get(&owner).copied().unwrap_or_default();
            suggestions.push(Suggestion {
                sign: Sign::RepeatedTitle,
                target: target.clone(),
                n_records: *n_records,
                sentence: format!("{n_records} of its {n_all} records have the title {}", quoted(title)),
                samples: vec![title.clone()],
            });
        }
        for (title, accounts) in self.by_title.iter().filter(|(_, accounts)| accounts.len() >= MIN_ACCOUNTS) {
            // Words that are too long for a target are cut: what is hidden by fewer words is more, and a person looks first.
            let words: String = title.chars().take(200).collect();
            suggestions.push(Suggestion {
                sign: Sign::RepeatedTitle,
                target: Target::Word(words),
                n_records: accounts.len(),
                sentence: format!(
                    "{} accounts of instances that are new here have the title {}",
                    accounts.len(),
                    quoted(title)
                ),
                samples: accounts
                    .iter()
                    .filter_map(|account| owners.get(account))
                    .take(super::N_SAMPLES)
                    .map(ToString::to_string)
                    .collect(),
            });
        }
        suggestions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item<'a>(host: &'a Host, owner: &str, title: &'a str, starts_at: Option<i64>) -> Item<'a> {
        let owner = Target::Account(format!("{owner}@{host}"));
        let starts_at = starts_at.map(|second| jiff::Timestamp::from_second(second).unwrap());
        Item { host, outlet: owner.clone(), owner, title, description: None, published_at: None, starts_at }
    }

    #[test]
    fn one_title_again_and_again_is_worth_a_look_and_a_weekly_evening_is_not() {
        let host: Host = "tube.example".parse().unwrap();
        let mut titles = Titles::new(HashSet::new());
        for number in 0..20 {
            titles.add(&item(&host, "spammer", if number % 2 == 0 { "Büy NOW" } else { "buy  now!" }, None));
            titles.add(&item(&host, "choir", "Rehearsal of the choir", Some(number * 604_800)));
            titles.add(&item(&host, "copies", "Market day", Some(7)));
            let (busy, numbered) = (format!("Part {}", number % 10), format!("Number {number}"));
            titles.add(&item(&host, "busy", &busy, None));
            titles.add(&item(&host, "numbered", &numbered, None));
        }
        // Often, but little of what it publishes.
        for number in 0..100 {
            let title = if number < 15 { "Good night".to_owned() } else { format!("Number {number}") };
            titles.add(&item(&host, "station", &title, None));
        }
        let mut found: Vec<_> = titles.finish().into_iter().map(|one| (one.target.to_string(), one.sentence)).collect();
        found.sort();
        assert_eq!(
            found,
            [
                (
                    "account:copies@tube.example".to_owned(),
                    "20 of its 20 records have the title “Market day”".to_owned()
                ),
                ("account:spammer@tube.example".to_owned(), "20 of its 20 records have the title “Büy NOW”".to_owned()),
            ]
        );
    }

    #[test]
    fn one_title_of_many_accounts_counts_on_young_instances_only() {
        let (old, young): (Host, Host) = ("old.example".parse().unwrap(), "young.example".parse().unwrap());
        let mut titles = Titles::new(HashSet::from([young.clone()]));
        for number in 0..6 {
            let owner = format!("user{number}");
            titles.add(&item(&young, &owner, "Best casino bonus today", None));
            titles.add(&item(&young, &owner, "Live", None));
            titles.add(&item(&old, &owner, "The general assembly", None));
        }
        let found = titles.finish();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].target.to_string().as_str(), found[0].n_records), ("word:best casino bonus today", 6));
        assert!(found[0].target.to_string().parse::<Target>().is_ok());
    }
}

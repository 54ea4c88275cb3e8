//! Descriptions that lead away and say nothing.

use std::collections::HashMap;

use super::owners::Owners;
use super::{Item, N_SAMPLES, Sign, Suggestion};

/// Records of an owner whose description is links only. A few bare links are how people are.
const MIN_RECORDS: usize = 10;

/// Of the descriptions of an owner, so many in a hundred must be of that kind.
const MIN_PER_CENT: usize = 80;

/// Letters beside the links that say nothing yet, such as “More here:”.
const MAX_OTHER_LETTERS: usize = 12;

#[derive(Default)]
struct Counted {
    n_described: usize,
    n_links_only: usize,
    samples: Vec<String>,
}

/// The descriptions of each owner.
#[derive(Default)]
pub struct Links {
    owners: Owners,
    counted: HashMap<usize, Counted>,
}

impl Links {
    pub(super) fn add(&mut self, item: &Item<'_>) {
        let Some(description) = item.description.filter(|description| !description.trim().is_empty()) else { return };
        let owner = self.owners.number(&item.owner);
        let counted = self.counted.entry(owner).or_default();
        counted.n_described += 1;
        if is_links_only(description) {
            counted.n_links_only += 1;
            if counted.samples.len() < N_SAMPLES {
                counted.samples.push(item.title.to_owned());
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Suggestion> {
        let owners = self.owners.into_targets();
        let mut suggestions = Vec::new();
        for (owner, Counted { n_described, n_links_only, samples }) in self.counted {
            let Some(target) = owners.get(&owner) else { continue };
            if n_links_only >= MIN_RECORDS && n_links_only * 100 >= n_described * MIN_PER_CENT {
                suggestions.push(Suggestion {
                    sign: Sign::LinksOnly,
                    target: target.clone(),
                    n_records: n_links_only,
                    sentence: format!("{n_links_only} of its {n_described} descriptions are links and nothing else"),
                    samples,
                });
            }
        }
        suggestions
    }
}

/// Whether a description in Markdown or HTML has links, and hardly a letter beside them.
fn is_links_only(description: &str) -> bool {
    let mut has_link = false;
    let mut n_letters = 0;
    let mut rest = description;
    while !rest.is_empty() {
        let (text, tag, after) = match rest.split_once('<') {
            Some((text, behind)) => match behind.split_once('>') {
                Some((tag, after)) => (text, tag, after),
                None => (rest, "", ""),
            },
            None => (rest, "", ""),
        };
        // `<https://…>` is a link in Markdown, `<a href=…>` in HTML.
        has_link |= is_link(tag) || tag.contains("href=");
        for word in text.split(|character: char| character.is_whitespace() || "()[]{}\"'".contains(character)) {
            if is_link(word) {
                has_link = true;
            } else {
                n_letters += word.chars().filter(|character| character.is_alphanumeric()).count();
            }
        }
        if n_letters > MAX_OTHER_LETTERS {
            return false;
        }
        rest = after;
    }
    has_link
}

fn is_link(word: &str) -> bool {
    word.contains("://") || word.starts_with("www.") || word.starts_with("mailto:")
}

#[cfg(test)]
mod tests {
    use allowlist::Host;
    use allowlist::moderation::Target;

    use super::*;

    #[test]
    fn bare_links_are_told_from_words() {
        for bare in [
            "https://shop.example/x",
            "More: https://shop.example/x\nhttps://shop.example/y",
            "<p><a href=\"https://shop.example\">Click here</a></p>",
            "[buy](https://shop.example)",
            "<https://shop.example> www.shop.example",
        ] {
            assert!(is_links_only(bare), "{bare}");
        }
        for said in [
            "A talk about bread, recorded in Lyon. https://tube.example",
            "no link at all",
            "",
            "a < b and more words than that https://x.example",
            "講演の録画です。資料はこちらにあります https://tube.example",
        ] {
            assert!(!is_links_only(said), "{said}");
        }
    }

    #[test]
    fn an_account_that_only_links_is_worth_a_look() {
        let host: Host = "tube.example".parse().unwrap();
        let mut links = Links::default();
        for number in 0..20 {
            for (owner, description) in [
                ("shop", "https://shop.example"),
                ("half", if number < 10 { "https://a.example" } else { "We talk about the weather of the week." }),
            ] {
                let owner = Target::Account(format!("{owner}@{host}"));
                links.add(&Item {
                    host: &host,
                    outlet: owner.clone(),
                    owner,
                    title: "t",
                    description: Some(description),
                    published_at: None,
                    starts_at: None,
                });
            }
        }
        let found = links.finish();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].target.to_string().as_str(), found[0].n_records), ("account:shop@tube.example", 20));
        assert_eq!(found[0].samples.len(), N_SAMPLES);
    }
}

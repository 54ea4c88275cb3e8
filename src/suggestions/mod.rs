//! What a moderator may want to look at. Signs suggest and never decide: each has honest explanations, too, and says so little
//! that a person must look.
//!
//! Pure functions over records of the journal; the command reads them and prints what comes out.

mod floods;
mod instances;
mod links;
mod owners;
mod titles;

pub use instances::Instance;

use std::collections::HashSet;

use allowlist::Host;
use allowlist::moderation::Target;
use jiff::{SignedDuration, Timestamp};
use journal::Record;
use serde::Serialize;

/// Instances that were first visited after so long are young no more: by then somebody has seen them in results.
const YOUNG: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Titles shown with a suggestion.
const N_SAMPLES: usize = 3;

/// Why something is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// The name of an instance looks like that of another.
    Lookalike,
    /// An instance is new and holds much already.
    NewInstance,
    /// One title again and again.
    RepeatedTitle,
    /// Descriptions that are links and nothing else.
    LinksOnly,
    /// Far more on one day than others.
    Flood,
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// Why.
    pub sign: Sign,
    /// What to give to `vigie moderation hide`, after a look.
    pub target: Target,
    /// Records that show the sign.
    pub n_records: usize,
    /// What was seen.
    pub sentence: String,
    /// Some titles.
    pub samples: Vec<String>,
}

/// A record as the signs look at it: videos and events only.
struct Item<'a> {
    host: &'a Host,
    /// The account of a video; the group of an event, or who made it.
    owner: Target,
    /// The channel of a video; of an event the same as its owner.
    outlet: Target,
    title: &'a str,
    description: Option<&'a str>,
    published_at: Option<Timestamp>,
    /// Of an event.
    starts_at: Option<Timestamp>,
}

impl<'a> Item<'a> {
    fn of(record: &'a Record) -> Option<Self> {
        let targets = record.targets();
        let find = |is_wanted: fn(&Target) -> bool| targets.iter().find(|target| is_wanted(target)).cloned();
        let account = find(|target| matches!(target, Target::Account(_)));
        match record {
            Record::Video(video) => Some(Self {
                host: &video.host,
                owner: account?,
                outlet: find(|target| matches!(target, Target::Channel(_)))?,
                title: &video.name,
                description: video
                    .detail
                    .as_ref()
                    .and_then(|detail| detail.description.as_deref())
                    .or(video.truncated_description.as_deref()),
                published_at: Some(video.published_at),
                starts_at: None,
            }),
            Record::Event(event) => {
                let owner = find(|target| matches!(target, Target::Group(_))).or(account)?;
                Some(Self {
                    host: &event.host,
                    outlet: owner.clone(),
                    owner,
                    title: &event.title,
                    description: event.description.as_deref(),
                    published_at: event.published_at,
                    starts_at: Some(event.time.starts_at),
                })
            }
            Record::Channel(_) | Record::Playlist(_) | Record::Group(_) => None,
        }
    }
}

/// Looks at records one by one.
pub struct Watch {
    titles: titles::Titles,
    links: links::Links,
    floods: floods::Floods,
    instances: Vec<Instance>,
    now: Timestamp,
}

impl Watch {
    /// A watch over what these instances publish.
    pub fn new(instances: Vec<Instance>, now: Timestamp) -> Self {
        let is_young = |instance: &&Instance| instance.is_younger_than(YOUNG, now);
        let young: HashSet<Host> = instances.iter().filter(is_young).map(|instance| instance.host.clone()).collect();
        Self {
            titles: titles::Titles::new(young),
            links: links::Links::default(),
            floods: floods::Floods::default(),
            instances,
            now,
        }
    }

    /// Looks at a living record.
    pub fn add(&mut self, record: &Record) {
        if let Some(item) = Item::of(record) {
            self.titles.add(&item);
            self.links.add(&item);
            self.floods.add(&item);
        }
    }

    /// What is worth a look, by sign, the most records first.
    pub fn finish(self) -> Vec<Suggestion> {
        let mut suggestions = instances::suggest(&self.instances, self.now);
        suggestions.extend(self.titles.finish());
        suggestions.extend(self.links.finish());
        suggestions.extend(self.floods.finish());
        suggestions.sort_by(|a, b| {
            (a.sign, std::cmp::Reverse(a.n_records), &a.target).cmp(&(
                b.sign,
                std::cmp::Reverse(b.n_records),
                &b.target,
            ))
        });
        suggestions
    }
}

/// A title in a sentence, cut where it is long.
fn quoted(title: &str) -> String {
    const MAX: usize = 60;
    let cut: String = title.chars().take(MAX).collect();
    if cut.len() < title.len() { format!("“{cut}…”") } else { format!("“{cut}”") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_cut_between_characters() {
        assert_eq!(quoted("brève"), "“brève”");
        assert_eq!(quoted(&"é".repeat(100)), format!("“{}…”", "é".repeat(60)));
    }
}

//! Instance lists: TOML files that say which instances may be visited.
//!
//! ```toml
//! [[instance]]
//! host = "tube.example"
//! kind = "peertube"          # or "mobilizon"
//! note = "videos of a library"
//! crawl_delay = 5            # seconds between two requests, where the default of 1 is too fast
//! ```
//!
//! `removed = ["tube.example"]`, at the top, takes instances out whatever else lists them. `source` and `as_of`, also at
//! the top, say where a copy came from and when it was true.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;

use crate::{Host, SourceKind};

/// The list that ships with the program: public instances known to the projects' own communities, a start for
/// operators who have no list yet.
pub const SHIPPED: &str = include_str!("../lists/default.toml");

/// Longest file that is read, in bytes: ten thousand instances with notes take about 1 MiB.
pub const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

/// Longest delay that a list may ask for. Slower than that, an instance is never whole.
pub(crate) const MAX_CRAWL_DELAY_S: f64 = 3600.0;

/// One instance that may be visited.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Its name.
    pub host: Host,
    /// What it runs.
    pub kind: SourceKind,
    /// What the operator wants to remember.
    pub note: Option<String>,
    /// Least time between two requests, when the operator asks for more than the default.
    pub crawl_delay: Option<Duration>,
}

/// The instances of one or more lists, by host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceList {
    instances: BTreeMap<Host, Instance>,
    removed: BTreeSet<Host>,
    source: Option<String>,
    as_of: Option<Timestamp>,
}

/// A list that cannot be used; names the file, the line and the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} line {line}: {cause}")]
pub struct ListError {
    /// The name of the file, as given.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub cause: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    source: Option<String>,
    as_of: Option<Spanned<String>>,
    #[serde(default)]
    removed: Vec<Spanned<String>>,
    #[serde(default)]
    instance: Vec<Spanned<InstanceForm>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstanceForm {
    host: Spanned<String>,
    kind: Spanned<String>,
    note: Option<String>,
    crawl_delay: Option<Spanned<f64>>,
}

impl InstanceList {
    /// Parses one list. `file` is only used in messages.
    ///
    /// # Errors
    /// The first fault: unknown key, wrong type, a host that is none, an unknown kind, a host named twice.
    pub fn parse(file: &str, text: &str) -> Result<Self, ListError> {
        let at =
            |position: usize, cause: String| ListError { file: file.to_owned(), line: line_of(text, position), cause };
        if text.len() > MAX_LIST_BYTES {
            return Err(at(0, format!("{} bytes, the most is {MAX_LIST_BYTES}", text.len())));
        }
        let form: FileForm = toml::from_str(text).map_err(|error| {
            at(error.span().map_or(0, |span| span.start), error.message().trim().replace('\n', "; "))
        })?;
        let mut list = Self { source: form.source, ..Self::default() };
        if let Some(as_of) = form.as_of {
            let time = as_of.get_ref().parse().map_err(|_| {
                at(as_of.span().start, format!("`{}` is not a time such as 2026-01-31T12:00:00Z", as_of.get_ref()))
            })?;
            list.as_of = Some(time);
        }
        for removed in form.removed {
            let host = Host::parse(removed.get_ref()).map_err(|error| at(removed.span().start, error.to_string()))?;
            list.removed.insert(host);
        }
        for instance in form.instance {
            let start = instance.span().start;
            let instance = instance.into_inner();
            let host = Host::parse(instance.host.get_ref())
                .map_err(|error| at(instance.host.span().start, error.to_string()))?;
            let kind = instance
                .kind
                .get_ref()
                .parse()
                .map_err(|error: crate::UnknownSourceKind| at(instance.kind.span().start, error.to_string()))?;
            let crawl_delay = instance
                .crawl_delay
                .map(|delay| {
                    let seconds = *delay.get_ref();
                    Duration::try_from_secs_f64(seconds).ok().filter(|_| seconds <= MAX_CRAWL_DELAY_S).ok_or_else(
                        || {
                            let cause = format!(
                                "crawl_delay {seconds} is not a number of seconds from 0 to {MAX_CRAWL_DELAY_S}"
                            );
                            at(delay.span().start, cause)
                        },
                    )
                })
                .transpose()?;
            if list.instances.contains_key(&host) {
                return Err(at(start, format!("`{host}` is listed twice; remove one of the two")));
            }
            list.insert(Instance { host, kind, note: instance.note, crawl_delay });
        }
        Ok(list)
    }

    /// The shipped list.
    ///
    /// # Errors
    /// None in a released build: a test parses it.
    pub fn shipped() -> Result<Self, ListError> {
        Self::parse("lists/default.toml", SHIPPED)
    }

    /// Adds an instance, or replaces the one of the same host; returns the one replaced.
    pub fn insert(&mut self, instance: Instance) -> Option<Instance> {
        self.instances.insert(instance.host.clone(), instance)
    }

    /// Notes a host as removed, whatever lists it.
    pub fn note_removed(&mut self, host: Host) {
        self.removed.insert(host);
    }

    /// Says where the list came from and when it was true.
    pub fn stamp(&mut self, source: &str, as_of: Timestamp) {
        (self.source, self.as_of) = (Some(source.to_owned()), Some(as_of));
    }

    /// Where a copy came from, when it says so.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// When a copy was true, when it says so.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// Keeps the instances and removals whose host `keeps` takes.
    pub fn retain(&mut self, keeps: impl Fn(&Host) -> bool) {
        self.instances.retain(|host, _| keeps(host));
        self.removed.retain(keeps);
    }

    /// Forgets the removals: those of a list from elsewhere are not ours to follow.
    pub fn drop_removals(&mut self) {
        self.removed.clear();
    }

    /// Adds what `other` lists and this list does not: what an operator wrote by hand wins over what a directory says.
    /// Removals of both hold.
    pub fn extend_missing(&mut self, other: Self) {
        for (host, instance) in other.instances {
            self.instances.entry(host).or_insert(instance);
        }
        self.removed.extend(other.removed);
    }

    /// Drops every instance that is named as removed: a removal wins over whatever lists the instance.
    pub fn apply_removals(&mut self) {
        let removed = &self.removed;
        self.instances.retain(|host, _| !removed.contains(host));
    }

    /// Whether the host was named as removed.
    pub fn is_removed(&self, host: &Host) -> bool {
        self.removed.contains(host)
    }

    /// The hosts that were named as removed, ordered.
    pub fn removed(&self) -> impl Iterator<Item = &Host> {
        self.removed.iter()
    }

    /// Removes an instance; returns it when it was there.
    pub fn remove(&mut self, host: &Host) -> Option<Instance> {
        self.instances.remove(host)
    }

    /// The instance of a host.
    pub fn get(&self, host: &Host) -> Option<&Instance> {
        self.instances.get(host)
    }

    /// Whether the host may be visited.
    pub fn contains(&self, host: &Host) -> bool {
        self.instances.contains_key(host)
    }

    /// The instances, ordered by host.
    pub fn iter(&self) -> impl Iterator<Item = &Instance> {
        self.instances.values()
    }

    /// The number of instances.
    pub fn len(&self) -> usize {
        self.instances.len()
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }
}

fn line_of(text: &str, position: usize) -> usize {
    text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        InstanceList::parse("list.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_list_parses_and_holds_both_kinds() {
        let list = InstanceList::shipped().unwrap();
        for kind in [SourceKind::PeerTube, SourceKind::Mobilizon] {
            assert!(list.iter().filter(|instance| instance.kind == kind).count() >= 4, "{kind}");
        }
        assert!(list.iter().all(|instance| instance.note.is_some()));
    }

    #[test]
    fn an_instance_keeps_its_note_and_delay() {
        let text = "[[instance]]\nhost = 'Tube.Example'\nkind = 'peertube'\nnote = 'a'\ncrawl_delay = 2.5\n";
        let list = InstanceList::parse("list.toml", text).unwrap();
        let instance = list.get(&"tube.example".parse().unwrap()).unwrap();
        assert_eq!(instance.crawl_delay, Some(Duration::from_millis(2500)));
        assert_eq!(instance.note.as_deref(), Some("a"));
    }

    #[test]
    fn a_fault_is_named_with_its_line_and_a_way_out() {
        let head = "# A list.\n[[instance]]\n";
        assert_eq!(
            refused(&format!("{head}host = 'https://a.example/'\nkind = 'peertube'\n")),
            "list.toml line 3: `https://a.example/` holds a scheme; write the host alone, such as `tube.example`"
        );
        assert_eq!(
            refused(&format!("{head}host = 'a.example'\nkind = 'mastodon'\n")),
            "list.toml line 4: `mastodon` is not a source kind; write `peertube`, `mobilizon` or `gancio`"
        );
        assert!(
            refused(&format!("{head}host = 'a.example'\nkind = 'peertube'\nspeed = 9\n"))
                .contains("unknown field `speed`")
        );
        assert!(
            refused(&format!("{head}host = 'a.example'\nkind = 'peertube'\ncrawl_delay = -1\n")).contains("line 5")
        );
        assert!(refused(&format!("{head}host = 'a.example'\n")).contains("missing field `kind`"));
        let twice =
            "[[instance]]\nhost='a.example'\nkind='peertube'\n[[instance]]\nhost='A.example.'\nkind='peertube'\n";
        assert_eq!(refused(twice), "list.toml line 4: `a.example` is listed twice; remove one of the two");
    }

    // case 153
    #[test]
    fn a_removal_wins_over_whatever_lists_the_instance() {
        let mut ours = InstanceList::parse("a", "removed = ['A.example.']\n").unwrap();
        let theirs =
            "[[instance]]\nhost='a.example'\nkind='peertube'\n[[instance]]\nhost='b.example'\nkind='peertube'\n";
        ours.extend_missing(InstanceList::parse("b", theirs).unwrap());
        ours.apply_removals();
        assert_eq!(ours.iter().map(|instance| instance.host.as_str()).collect::<Vec<_>>(), ["b.example"]);
        assert!(ours.is_removed(&"a.example".parse().unwrap()));
        assert!(refused("removed = ['a.example/']\n").contains("line 1: `a.example/` holds a path"));
    }

    #[test]
    fn what_an_operator_wrote_wins_over_a_directory() {
        let mut ours =
            InstanceList::parse("a", "[[instance]]\nhost='a.example'\nkind='peertube'\nnote='ours'\n").unwrap();
        let theirs =
            "[[instance]]\nhost='a.example'\nkind='mobilizon'\n[[instance]]\nhost='b.example'\nkind='peertube'\n";
        ours.extend_missing(InstanceList::parse("b", theirs).unwrap());
        assert_eq!(ours.len(), 2);
        assert_eq!(ours.get(&"a.example".parse().unwrap()).unwrap().note.as_deref(), Some("ours"));
    }
}

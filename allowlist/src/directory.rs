//! Remote directories of instances, such as joinpeertube's: `{"total": N, "data": [{"host": "tube.example"}, …]}`.
//!
//! Pure: the crawler makes the requests, this says which page comes next, what a page holds, and whether the whole
//! answer may replace the copy from last time.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::Host;

/// Hosts asked for in one page. Known callers of the directory ask for 1 000 to 10 000.
pub const PAGE_LENGTH: usize = 1000;

/// Most hosts taken from one directory. The largest known lists about 1 700.
pub const MAX_HOSTS: usize = 20_000;

/// A directory that lists less than this share of what it listed last time is held back: more likely it is broken
/// than half of the federation gone.
const MIN_KEPT_SHARE: f64 = 0.5;

/// Lists shorter than this are never held back.
const MIN_GUARDED: usize = 10;

/// What one page says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DirectoryPage {
    /// The hosts that are names of instances.
    pub hosts: Vec<Host>,
    /// One message for each item that is not.
    pub item_errors: Vec<String>,
    /// Items of the page, refused ones included.
    pub n_items: usize,
}

/// The page is not of the directory's form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a page of the directory is not of the form {{\"total\", \"data\": [{{\"host\"}}]}}: {0}")]
pub struct PageError(String);

/// Why a fetched directory may not replace the last good copy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    /// It lists nothing.
    #[error("the directory lists no instance; the last good copy stays")]
    Empty,
    /// It lost more than half of what it listed.
    #[error(
        "the directory lists {now} instances, {kept} of the {before} of last time; the last good copy stays \
         (import again with --accept-shrink if this is right)"
    )]
    Shrunk {
        /// Hosts listed last time.
        before: usize,
        /// Hosts listed now.
        now: usize,
        /// Hosts listed both times.
        kept: usize,
    },
}

/// The instances of a directory while its pages come in.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    hosts: BTreeSet<Host>,
    n_items: usize,
    item_errors: Vec<String>,
    is_done: bool,
}

impl Directory {
    /// The `start` of the page to ask for, `None` when the directory is read to its end.
    ///
    /// Ends at the first page that is short or brings nothing new, whatever `total` says.
    pub fn next_start(&self) -> Option<usize> {
        (!self.is_done).then_some(self.n_items)
    }

    /// Takes the next page.
    pub fn add(&mut self, page: DirectoryPage) {
        let n_before = self.hosts.len();
        let is_short = page.n_items < PAGE_LENGTH;
        self.n_items += page.n_items;
        self.hosts.extend(page.hosts);
        self.item_errors.extend(page.item_errors);
        while self.hosts.len() > MAX_HOSTS {
            self.hosts.pop_last();
        }
        self.is_done = is_short || self.hosts.len() == n_before || self.n_items >= MAX_HOSTS;
    }

    /// Takes what a list in a file names, all of it at once.
    pub fn add_all(&mut self, hosts: impl IntoIterator<Item = Host>) {
        self.hosts.extend(hosts.into_iter().take(MAX_HOSTS));
        self.is_done = true;
    }

    /// The items that were refused, as messages.
    pub fn item_errors(&self) -> &[String] {
        &self.item_errors
    }

    /// Returns the hosts when they may replace `last_good`, the hosts of the copy from last time.
    ///
    /// # Errors
    /// [`Held`] when the directory is empty or shrank suddenly; then the copy from last time stays in force.
    pub fn accept(self, last_good: &BTreeSet<Host>) -> Result<BTreeSet<Host>, Held> {
        if self.hosts.is_empty() {
            return Err(Held::Empty);
        }
        let kept = self.hosts.intersection(last_good).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of at most MAX_HOSTS")]
        let is_shrunk = last_good.len() >= MIN_GUARDED && (kept as f64) < last_good.len() as f64 * MIN_KEPT_SHARE;
        if is_shrunk {
            return Err(Held::Shrunk { before: last_good.len(), now: self.hosts.len(), kept });
        }
        Ok(self.hosts)
    }

    /// Returns the hosts whatever was listed last time: the operator looked and said so.
    ///
    /// # Errors
    /// [`Held::Empty`]: an empty directory is never right.
    pub fn accept_shrunk(self) -> Result<BTreeSet<Host>, Held> {
        if self.hosts.is_empty() { Err(Held::Empty) } else { Ok(self.hosts) }
    }
}

/// Parses one page. Items that are not hosts are counted and named, and do not fail the page.
///
/// # Errors
/// [`PageError`] when the page as a whole is not of the directory's form.
pub fn parse_page(json: &[u8]) -> Result<DirectoryPage, PageError> {
    #[derive(Deserialize)]
    struct PageForm {
        data: Vec<serde_json::Value>,
    }
    let form: PageForm = serde_json::from_slice(json).map_err(|error| PageError(error.to_string()))?;
    let mut page = DirectoryPage { n_items: form.data.len(), ..DirectoryPage::default() };
    for item in form.data {
        match item.get("host").and_then(serde_json::Value::as_str) {
            Some(text) => match Host::parse(text) {
                Ok(host) => page.hosts.push(host),
                Err(error) => page.item_errors.push(error.to_string()),
            },
            None => page.item_errors.push("an item has no `host`".to_owned()),
        }
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(number: usize) -> Host {
        format!("tube-{number}.example").parse().unwrap()
    }

    fn page(range: std::ops::Range<usize>) -> DirectoryPage {
        DirectoryPage { n_items: range.len(), hosts: range.map(host).collect(), item_errors: Vec::new() }
    }

    #[test]
    fn a_page_names_the_items_it_refuses_and_keeps_the_others() {
        let json = br#"{"total":4,"data":[{"host":"Tube.Example"},{"host":"127.0.0.1"},{"name":"x"},{"host":"b.example","id":3}]}"#;
        let page = parse_page(json).unwrap();
        assert_eq!(page.hosts, ["tube.example".parse().unwrap(), "b.example".parse().unwrap()]);
        assert_eq!((page.n_items, page.item_errors.len()), (4, 2));
    }

    #[test]
    fn a_page_of_another_form_is_refused() {
        for json in ["", "[]", "{}", r#"{"data":null}"#, "<html>", r#"{"data":"x"}"#] {
            assert!(parse_page(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn paging_ends_at_a_short_page_and_at_a_page_that_repeats() {
        let mut directory = Directory::default();
        assert_eq!(directory.next_start(), Some(0));
        directory.add(page(0..PAGE_LENGTH));
        assert_eq!(directory.next_start(), Some(PAGE_LENGTH));
        let mut repeating = directory.clone();
        repeating.add(page(0..PAGE_LENGTH));
        assert_eq!(repeating.next_start(), None);
        directory.add(page(PAGE_LENGTH..PAGE_LENGTH + 3));
        assert_eq!(directory.next_start(), None);
        assert_eq!(directory.accept(&BTreeSet::new()).unwrap().len(), PAGE_LENGTH + 3);
    }

    #[test]
    fn an_endless_directory_is_cut() {
        let mut directory = Directory::default();
        let mut n_pages = 0;
        while let Some(start) = directory.next_start() {
            directory.add(page(start..start + PAGE_LENGTH));
            n_pages += 1;
        }
        assert_eq!(n_pages * PAGE_LENGTH, MAX_HOSTS);
        assert_eq!(directory.accept(&BTreeSet::new()).unwrap().len(), MAX_HOSTS);
    }

    // case 160: a directory that is broken does not empty the index.
    #[test]
    fn a_sudden_shrink_keeps_the_last_good_copy() {
        let before: BTreeSet<_> = (0..40).map(host).collect();
        let listing = |range: std::ops::Range<usize>| {
            let mut directory = Directory::default();
            directory.add(page(range));
            directory
        };
        assert_eq!(listing(0..0).accept(&before), Err(Held::Empty));
        assert_eq!(listing(0..19).accept(&before), Err(Held::Shrunk { before: 40, now: 19, kept: 19 }));
        assert_eq!(listing(40..80).accept(&before), Err(Held::Shrunk { before: 40, now: 40, kept: 0 }));
        assert_eq!(listing(0..20).accept(&before).unwrap().len(), 20);
        assert_eq!(listing(0..19).accept_shrunk().unwrap().len(), 19);
        assert_eq!(
            listing(0..3).accept(&(0..9).map(host).collect()).unwrap().len(),
            3,
            "short lists may change freely"
        );
    }
}

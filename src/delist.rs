//! Instances that left the lists: what the journal holds of them is tombstoned. Load, load, pure diff, apply.

use std::collections::BTreeSet;

use allowlist::Host;
use allowlist::list::InstanceList;
use allowlist::registry::Registry;
use crawler::Crawler;
use jiff::Timestamp;
use journal::{Journal, Reader};

use crate::data::DataDir;

/// Journals of fewer hosts than this are never held: a small index may change all of its instances at once.
const MIN_GUARDED_HOSTS: usize = 10;

/// What should happen to the hosts that the journal holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// These left the lists and go.
    Remove(Vec<Host>),
    /// More than half would go at once: more likely a list that was not found than a wish.
    Held {
        /// Hosts that would go.
        n_leaving: usize,
        /// Hosts that the journal holds.
        n_held: usize,
        /// Those of the first that were removed by name: they go all the same.
        named: Vec<Host>,
    },
}

/// Compares the lists with the hosts that the journal holds. Hosts removed by name go whatever their number.
pub fn decide(list: &InstanceList, held: &BTreeSet<Host>) -> Decision {
    let leaving: Vec<Host> = held.iter().filter(|host| !list.contains(host)).cloned().collect();
    let n_unnamed = leaving.iter().filter(|host| !list.is_removed(host)).count();
    if held.len() >= MIN_GUARDED_HOSTS && n_unnamed * 2 > held.len() {
        let n_leaving = leaving.len();
        let named = leaving.into_iter().filter(|host| list.is_removed(host)).collect();
        return Decision::Held { n_leaving, n_held: held.len(), named };
    }
    Decision::Remove(leaving)
}

/// The hosts that are hidden from answers: those that were removed by name, and those that the crawler or the journal
/// know and no list names. A host stays in it for as long as it is not listed, so that it does not matter how far its
/// tombstones have come. Where too many would go at once only the named ones do, as in [`decide`].
pub fn hidden(list: &InstanceList, held: &BTreeSet<Host>, known: BTreeSet<Host>) -> Vec<Host> {
    let unlisted = known.into_iter().filter(|host| !list.contains(host));
    let mut hidden: BTreeSet<Host> = match decide(list, held) {
        Decision::Remove(leaving) => leaving.into_iter().chain(unlisted).collect(),
        Decision::Held { .. } => unlisted.filter(|host| !held.contains(host)).collect(),
    };
    hidden.extend(list.removed().filter(|host| !list.contains(host)).cloned());
    hidden.into_iter().collect()
}

/// Tells those who serve the index which instances left the lists, so that they are hidden before anything is removed.
/// Does nothing where no index was made yet.
///
/// # Errors
/// When journal, crawler state or registry cannot be read, or the file not be written.
pub fn publish(data: &DataDir, list: &InstanceList) -> anyhow::Result<()> {
    if !data.index().exists() {
        return Ok(());
    }
    let held = match data.journal().exists() {
        true => Reader::open(&data.journal())?.counts()?.into_iter().map(|count| count.host).collect(),
        false => BTreeSet::new(),
    };
    let known = match data.crawler_state().exists() {
        true => crawler::known_hosts(&data.crawler_state())?.into_iter().collect(),
        false => BTreeSet::new(),
    };
    let hidden = hidden(list, &held, known);
    Registry::open(&data.registry())?.publish(&data.index(), hidden, Timestamp::now())?;
    Ok(())
}

/// Takes the records of instances that left the lists out of the journal. Returns how many records went.
///
/// # Errors
/// When the journal cannot be read or written.
pub async fn apply(list: &InstanceList, journal: &Journal, crawler: &Crawler) -> anyhow::Result<usize> {
    let held = journal.reader()?.counts()?.into_iter().map(|count| count.host).collect();
    let hosts = match decide(list, &held) {
        Decision::Remove(hosts) => hosts,
        Decision::Held { n_leaving, n_held, named } => {
            tracing::warn!(
                "{n_leaving} of the {n_held} instances of the journal are not listed; nothing is removed but what was \
                 removed by name: check the lists, or remove them with `vigie instances remove`"
            );
            named
        }
    };
    let mut n_removed = 0;
    for host in hosts {
        let n_records = crawler.delist(&host).await?;
        tracing::info!(
            instance.host = %host,
            records = n_records,
            "{host} is not listed any more: {n_records} records removed"
        );
        n_removed += n_records;
    }
    Ok(n_removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(range: std::ops::Range<usize>) -> BTreeSet<Host> {
        range.map(|number| format!("tube-{number}.example").parse().unwrap()).collect()
    }

    fn list(hosts: &BTreeSet<Host>, removed: &BTreeSet<Host>) -> InstanceList {
        let mut text = format!("removed = {:?}\n", removed.iter().map(Host::as_str).collect::<Vec<_>>());
        for host in hosts {
            text.push_str(&format!("[[instance]]\nhost = \"{host}\"\nkind = \"peertube\"\n"));
        }
        InstanceList::parse("test", &text).unwrap()
    }

    #[test]
    fn hosts_that_left_the_lists_go() {
        let decision = decide(&list(&hosts(0..8), &BTreeSet::new()), &hosts(2..10));
        assert_eq!(decision, Decision::Remove(hosts(8..10).into_iter().collect()));
        assert_eq!(
            decide(&list(&hosts(0..3), &BTreeSet::new()), &hosts(3..9)),
            Decision::Remove(hosts(3..9).into_iter().collect())
        );
    }

    #[test]
    fn what_left_the_lists_is_hidden_for_as_long_as_it_is_not_listed() {
        let none = BTreeSet::new();
        let names = |hosts: Vec<Host>| hosts.into_iter().collect::<BTreeSet<_>>();
        // Records of 2 are left, 3 were removed before, and the lists name the others.
        assert_eq!(names(hidden(&list(&hosts(0..8), &none), &hosts(2..10), hosts(0..13))), hosts(8..13));
        // Most would go at once: those with records stay, but for the one that was named.
        let shrunk = list(&hosts(0..2), &hosts(9..10));
        assert_eq!(names(hidden(&shrunk, &hosts(0..20), hosts(0..22))), &hosts(9..10) | &hosts(20..22));
        // Removed by name before anything was known of it.
        assert_eq!(names(hidden(&list(&none, &hosts(3..4)), &none, BTreeSet::new())), hosts(3..4));
    }

    #[test]
    fn a_list_that_lost_most_of_its_hosts_removes_nothing_but_what_is_named() {
        let empty = BTreeSet::new();
        assert_eq!(
            decide(&list(&hosts(0..4), &empty), &hosts(0..10)),
            Decision::Held { n_leaving: 6, n_held: 10, named: Vec::new() }
        );
        assert_eq!(
            decide(&list(&hosts(0..5), &empty), &hosts(0..10)),
            Decision::Remove(hosts(5..10).into_iter().collect())
        );
        let named = list(&empty, &hosts(0..10));
        assert_eq!(decide(&named, &hosts(0..10)), Decision::Remove(hosts(0..10).into_iter().collect()));
    }

    fn group(host: &Host) -> journal::Entry {
        let actor = journal::record::Actor {
            origin_id: 1,
            name: "chorale".to_owned(),
            display_name: "Chorale".to_owned(),
            url: format!("https://{host}/@chorale"),
            host: host.clone(),
            avatars: Vec::new(),
        };
        let group = journal::record::Group {
            actor,
            banners: Vec::new(),
            summary: None,
            address: None,
            openness: None,
            n_members: None,
            n_followers: None,
            n_events: None,
            first_seen_at: Timestamp::UNIX_EPOCH,
        };
        let body = journal::Body::Record(journal::Record::Group(Box::new(group)));
        journal::Entry { seen_at: Timestamp::UNIX_EPOCH, body }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn case_162_five_hundred_hosts_that_leave_in_the_middle_of_a_crawl_are_hidden_and_withdrawn() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::new(dir.path());
        let journal = Journal::open(&data.journal()).unwrap();
        std::fs::create_dir_all(data.index()).unwrap();
        let all = hosts(0..600);
        journal.writer().append(all.iter().map(group).collect()).await.unwrap();
        // Nobody listens there, so that the crawl is busy with failures.
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut network = crawler::net::NetworkConfig::new("https://search.example/bot");
        network.resolve = all.iter().map(|host| (host.clone(), closed)).collect();
        (network.allow_private, network.plain_http) = (all.iter().cloned().collect(), all.iter().cloned().collect());
        let settings = crawler::CrawlerConfig::new(network);
        let crawler = std::sync::Arc::new(Crawler::open(settings, &data.crawler_state(), &journal).unwrap());
        let seeds = |list: &InstanceList| -> Vec<crawler::Seed> {
            let seed = |instance: &allowlist::list::Instance| crawler::Seed {
                host: instance.host.clone(),
                kind: instance.kind,
                crawl_delay: None,
            };
            list.iter().map(seed).collect()
        };
        crawler.set_instances(seeds(&list(&all, &BTreeSet::new()))).unwrap();
        let stop = tokio_util::sync::CancellationToken::new();
        let crawling = {
            let (crawler, stop) = (std::sync::Arc::clone(&crawler), stop.clone());
            tokio::spawn(async move { crawler.run(stop, crawler::Mode::Continuous, |_| {}).await })
        };

        let gone = hosts(100..600);
        let mut left = list(&all, &gone);
        left.apply_removals();
        publish(&data, &left).unwrap();
        let text = std::fs::read_to_string(data.index().join(allowlist::moderation::FILE_NAME)).unwrap();
        let file = allowlist::moderation::ModerationFile::parse(&text).unwrap();
        assert_eq!(file.delisted.into_iter().collect::<BTreeSet<_>>(), gone, "hidden before anything is withdrawn");
        crawler.set_instances(seeds(&left)).unwrap();
        assert_eq!(apply(&left, &journal, &crawler).await.unwrap(), 500);
        let held: BTreeSet<Host> =
            journal.reader().unwrap().counts().unwrap().into_iter().map(|count| count.host).collect();
        assert_eq!(held, hosts(0..100));
        assert_eq!(apply(&left, &journal, &crawler).await.unwrap(), 0, "again there is nothing to do");
        stop.cancel();
        crawling.await.unwrap().unwrap();
    }
}

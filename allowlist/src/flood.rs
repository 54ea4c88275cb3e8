//! Wildcard floods: one owner of a domain can name any number of hosts below it, so of each registrable domain only a few
//! are taken from directories and submissions, and the rest waits for a person.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::Host;
use crate::list::{Instance, InstanceList};

/// Most hosts of one registrable domain that directories and submissions may add together. Of 1 700 known PeerTube
/// instances no domain has more than three; larger hosters are added by the operator's own list.
pub const MAX_HOSTS_PER_DOMAIN: usize = 5;

/// What a cap leaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capped {
    /// What may be visited.
    pub kept: InstanceList,
    /// What waits for the operator, ordered by domain and host.
    pub held: Vec<HeldBack>,
}

/// An instance that waits for the operator: its domain has as many as are taken without a look.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldBack {
    /// The instance.
    pub instance: Instance,
    /// The registrable domain that has too many.
    pub domain: String,
}

/// The name that somebody registered: one label more than the public suffix, by the public suffix list. The port does not
/// matter. A name that is itself a suffix stands for itself.
///
/// ```
/// let host: allowlist::Host = "a.b.tube.co.uk:8443".parse()?;
/// assert_eq!(allowlist::flood::registrable_domain(&host), "tube.co.uk");
/// # Ok::<(), allowlist::HostError>(())
/// ```
pub fn registrable_domain(host: &Host) -> &str {
    psl::domain_str(host.name()).unwrap_or_else(|| host.name())
}

/// Joins what was found by others, at most [`MAX_HOSTS_PER_DOMAIN`] hosts of one registrable domain over all of it.
///
/// - `own`: the operator's lists. Their hosts are never held and take no place.
/// - `accepted`: what was submitted and accepted. It takes the first places and is never held: how many of a domain there are was
///   asked when it was accepted, and no newcomer pushes out what is in.
/// - `found`: lists of others; an earlier one wins over a later one. Within a list the shortest name comes first, so that
///   `tube.example` is not crowded out by the names below it.
pub fn cap(own: &InstanceList, accepted: &InstanceList, found: impl IntoIterator<Item = InstanceList>) -> Capped {
    let mut capped = Capped::default();
    let mut n_hosts: BTreeMap<String, usize> = BTreeMap::new();
    for instance in accepted.iter().filter(|instance| !own.contains(&instance.host)) {
        *n_hosts.entry(registrable_domain(&instance.host).to_owned()).or_default() += 1;
        capped.kept.insert(instance.clone());
    }
    accepted.removed().for_each(|host| capped.kept.note_removed(host.clone()));
    let mut held: BTreeMap<(String, Host), Instance> = BTreeMap::new();
    for list in found {
        let mut instances: Vec<&Instance> = list.iter().collect();
        instances.sort_by_key(|instance| (instance.host.name().len(), &instance.host));
        for instance in instances {
            let host = &instance.host;
            if own.contains(host) || capped.kept.contains(host) {
                continue;
            }
            let domain = registrable_domain(host);
            let n = n_hosts.entry(domain.to_owned()).or_default();
            if *n < MAX_HOSTS_PER_DOMAIN {
                *n += 1;
                capped.kept.insert(instance.clone());
            } else {
                held.entry((domain.to_owned(), host.clone())).or_insert_with(|| instance.clone());
            }
        }
        list.removed().for_each(|host| capped.kept.note_removed(host.clone()));
    }
    capped.held = held.into_iter().map(|((domain, _), instance)| HeldBack { instance, domain }).collect();
    capped
}

/// The domains that have too many hosts, with how many wait; the most first.
pub fn by_domain(held: &[HeldBack]) -> Vec<(&str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for held in held {
        *counts.entry(&held.domain).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| Reverse(*n));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceKind;

    fn list(hosts: impl IntoIterator<Item = String>) -> InstanceList {
        let mut list = InstanceList::default();
        for host in hosts {
            let host = host.parse().unwrap();
            list.insert(Instance { host, kind: SourceKind::PeerTube, note: None, crawl_delay: None });
        }
        list
    }

    #[test]
    fn case_36_of_a_flood_below_one_domain_a_few_are_taken_and_the_rest_is_held() {
        let flood = list((0..4000).map(|number| format!("x{number}.evil.co.uk")));
        let honest = list(["evil.co.uk", "a.tube.example", "b.tube.example", "other.co.uk"].map(str::to_owned));
        let capped = cap(&InstanceList::default(), &InstanceList::default(), [flood.clone(), honest.clone()]);
        let of =
            |domain: &str| capped.kept.iter().filter(|instance| registrable_domain(&instance.host) == domain).count();
        assert_eq!((of("evil.co.uk"), of("tube.example"), of("other.co.uk")), (MAX_HOSTS_PER_DOMAIN, 2, 1));
        assert_eq!(capped.held.len(), 3996, "4000 and the domain itself, less those taken");
        assert_eq!(by_domain(&capped.held), [("evil.co.uk", 3996)]);
        // The domain itself comes first when one list has all of them.
        let mut one = flood.clone();
        one.extend_missing(honest);
        let capped = cap(&InstanceList::default(), &InstanceList::default(), [one]);
        assert!(capped.kept.contains(&"evil.co.uk".parse().unwrap()));
        // Ports of one host are one flood, too.
        let ports = list((1..=100).map(|port| format!("evil.example:{port}")));
        assert_eq!(cap(&InstanceList::default(), &InstanceList::default(), [ports]).kept.len(), MAX_HOSTS_PER_DOMAIN);
        // The same host in two lists is one host.
        assert!(
            cap(
                &InstanceList::default(),
                &InstanceList::default(),
                [list(["a.b.example".to_owned()]), list(["a.b.example".to_owned()])]
            )
            .held
            .is_empty()
        );
    }

    #[test]
    fn the_operators_own_hosts_are_never_held_and_take_no_place() {
        let own = list((0..20).map(|number| format!("t{number}.hoster.example")));
        let capped =
            cap(&own, &InstanceList::default(), [list((0..26).map(|number| format!("t{number}.hoster.example")))]);
        assert_eq!((capped.kept.len(), capped.held.len()), (5, 1));
    }

    #[test]
    fn customers_of_a_public_suffix_are_domains_of_their_own() {
        let capped = cap(
            &InstanceList::default(),
            &InstanceList::default(),
            [list((0..9).map(|number| format!("t{number}.github.io")))],
        );
        assert_eq!((capped.kept.len(), capped.held.len()), (9, 0));
        for (host, domain) in [
            ("tube.example", "tube.example"),
            ("a.b.c.example", "c.example"),
            ("vidéos.école.fr", "xn--cole-9oa.fr"),
            ("co.uk", "co.uk"),
        ] {
            assert_eq!(registrable_domain(&host.parse().unwrap()), domain);
        }
    }

    #[test]
    fn what_was_accepted_is_never_pushed_out_and_leaves_less_for_others() {
        let accepted = list((0..7).map(|number| format!("long-name-{number}.hoster.example")));
        let newcomers = list((0..3).map(|number| format!("a{number}.hoster.example")));
        let capped = cap(&InstanceList::default(), &accepted, [newcomers]);
        assert_eq!((capped.kept.len(), capped.held.len()), (7, 3));
        assert!(accepted.iter().all(|instance| capped.kept.contains(&instance.host)));
    }
}

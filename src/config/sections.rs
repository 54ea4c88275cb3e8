//! Every setting, with its default. `vigie config show` prints them in force.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use allowlist::submission::Mode;
use allowlist::{Host, SourceKind};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The whole configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The directory of everything that is kept.
    pub data: PathBuf,
    /// Where pages and APIs are served.
    pub listen: SocketAddr,
    /// What the index says of itself.
    pub index: IndexSection,
    /// Who may be visited.
    pub instances: InstancesSection,
    /// What of their records the index holds and shows.
    pub rules: RulesSection,
    /// How instances are visited.
    pub crawler: CrawlerSection,
    /// Exceptions from the network rules, by host.
    pub network: NetworkSection,
    /// Who serves between us and visitors.
    pub serve: ServeSection,
    /// What visitors may submit.
    pub submissions: SubmissionsSection,
    /// Where moderators are served.
    pub admin: AdminSection,
    /// What is logged.
    pub log: LogSection,
}

/// What the index says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IndexSection {
    /// Its name, shown on every page.
    pub name: String,
    /// One or two sentences about what it holds.
    pub description: String,
    /// Where the world reaches it, such as `https://search.example`; absolute links are built from it.
    pub public_url: Option<String>,
    /// A page with the operator's legal notices.
    pub legal_notices_url: Option<String>,
    /// The index that this one is a copy of: where its visitors submit and report.
    pub source_url: Option<String>,
    /// Time between two commits of the index while records come in.
    pub commit_interval: SignedDuration,
}

/// Who may be visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstancesSection {
    /// Instance lists; the shipped list where none is named. Relative to the configuration file.
    pub lists: Vec<PathBuf>,
    /// Remote directories, read by `vigie instances import` and, beside a crawl, again and again.
    pub directories: Vec<DirectorySource>,
    /// Time between two readings of each directory beside a crawl; 0 for never.
    pub refresh_interval: SignedDuration,
}

/// A remote directory of instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectorySource {
    /// A short name, used for the local copy.
    pub name: String,
    /// The `…/instances/hosts` address.
    pub url: String,
    /// What its instances run.
    pub kind: SourceKind,
}

/// What the index holds and shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulesSection {
    /// A rules file, relative to the configuration file, or the name of a list that ships; everything is shown without.
    pub file: Option<String>,
}

/// How instances are visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrawlerSection {
    /// A page that says who runs this crawler and how to opt out; sent with every request. Without it nothing is
    /// crawled.
    pub contact_url: Option<String>,
    /// The addresses that its requests come from, shown on the page about the crawler so that instance admins can tell it
    /// from those who borrow its name.
    pub addresses: Vec<std::net::IpAddr>,
    /// Shortest time between two looks for new videos on an instance, for those that publish often.
    pub poll_min: SignedDuration,
    /// The longest, for those that do not; also under its former name, `poll_interval`.
    #[serde(alias = "poll_interval")]
    pub poll_max: SignedDuration,
    /// Time between two readings of everything an instance lists.
    pub sweep_interval: SignedDuration,
    /// Least time between two requests to one instance.
    pub min_delay: SignedDuration,
    /// Requests under way at once, over all instances.
    pub max_concurrency: usize,
}

/// Exceptions from the network rules, by host; for tests, demos and private networks only, and shown at start-up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSection {
    /// Addresses that stand in for name resolution.
    pub resolve: BTreeMap<Host, SocketAddr>,
    /// Hosts spoken to without TLS.
    pub plain_http: Vec<Host>,
    /// Hosts whose address may be private.
    pub allow_private: Vec<Host>,
    /// Hosts that the operator owns: `crawler.min_delay` below one second holds for them.
    pub own_hosts: Vec<Host>,
    /// The name server that is asked for proofs of ownership; those of the system where none is named.
    pub dns: Option<SocketAddr>,
}

/// Who serves between us and visitors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeSection {
    /// Addresses, or ranges such as `10.0.0.0/8`, of proxies that are believed when they say who a visitor is.
    pub trusted_proxies: Vec<String>,
}

/// What visitors may submit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubmissionsSection {
    /// `queue`: the operator accepts each; `verified`: what passes the checks and is proved is accepted at once; `closed`:
    /// nothing is taken in. Instances can always be taken out by those who prove that they run them.
    pub mode: Mode,
    /// Public items of its own that an instance must have to be accepted at once.
    pub min_items: u64,
}

/// Where moderators are served.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdminSection {
    /// The address, such as `127.0.0.1:8081`; without one there is no such listener.
    pub listen: Option<SocketAddr>,
    /// Whether a proxy with TLS stands before it; without one only this machine may reach the address.
    pub behind_proxy: bool,
}

/// What is logged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSection {
    /// Text for people, JSON for machines.
    pub format: LogFormat,
    /// A level, or directives such as `info,crawler=debug`.
    pub level: String,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("vigie-data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            index: IndexSection::default(),
            instances: InstancesSection::default(),
            rules: RulesSection::default(),
            crawler: CrawlerSection::default(),
            network: NetworkSection::default(),
            serve: ServeSection::default(),
            submissions: SubmissionsSection::default(),
            admin: AdminSection::default(),
            log: LogSection::default(),
        }
    }
}

impl Default for InstancesSection {
    fn default() -> Self {
        Self { lists: Vec::new(), directories: Vec::new(), refresh_interval: SignedDuration::from_hours(24) }
    }
}

impl Default for IndexSection {
    fn default() -> Self {
        Self {
            name: "Vigie".to_owned(),
            description: "One search over the public videos of many PeerTube servers.".to_owned(),
            public_url: None,
            legal_notices_url: None,
            source_url: None,
            commit_interval: SignedDuration::from_secs(2),
        }
    }
}

impl Default for CrawlerSection {
    fn default() -> Self {
        Self {
            contact_url: None,
            addresses: Vec::new(),
            poll_min: SignedDuration::from_mins(5),
            poll_max: SignedDuration::from_mins(25),
            sweep_interval: SignedDuration::from_hours(20),
            min_delay: SignedDuration::from_secs(1),
            max_concurrency: 32,
        }
    }
}

impl Default for SubmissionsSection {
    fn default() -> Self {
        Self { mode: Mode::Queue, min_items: 1 }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

//! What an operator decides about serving.

use std::time::Duration;

use indexer::inclusion::Inclusion;
use url::Url;

use crate::http::AddressRange;
use crate::images::ImageDoor;
use crate::reports::ReportDesk;
use crate::submissions::SubmissionDesk;

/// Settings of the server. The default needs nothing and serves on its own.
#[derive(Clone)]
pub struct QueryApiConfig {
    /// Where visitors reach this index. Absolute links are made of it and never of a request's `Host`, which anyone
    /// can forge; without it there are none.
    pub public_url: Option<Url>,
    /// Name of the index.
    pub index_name: String,
    /// What it holds and for whom, in a sentence or two.
    pub description: String,
    /// How to reach the people who run it: an address or a URL, shown on the pages.
    pub contact: Option<String>,
    /// Absolute URL of legal notices.
    pub legal_notices_url: Option<Url>,
    /// The User-Agent of the crawler, as told to instance admins.
    pub user_agent: String,
    /// The addresses that the crawler comes from, as told to instance admins; none where the operator does not say.
    pub crawler_addresses: Vec<std::net::IpAddr>,
    /// How pictures are fetched; without it the pages show placeholders.
    pub image_door: Option<ImageDoor>,
    /// What is shown from the start; [`crate::QueryApi::set_inclusion`] changes it.
    pub inclusion: Inclusion,
    /// Takes what visitors submit; without it this copy takes nothing.
    pub submissions: Option<SubmissionDesk>,
    /// Takes what visitors report; without it this copy takes nothing.
    pub reports: Option<ReportDesk>,
    /// The index that this one is a copy of, for what is submitted and reported there.
    pub source_url: Option<Url>,
    /// Proxies that are believed when they say who a visitor is.
    pub trusted_proxies: Vec<AddressRange>,
    /// Limits.
    pub limits: ServeLimits,
}

impl Default for QueryApiConfig {
    fn default() -> Self {
        Self {
            public_url: None,
            index_name: "Vigie".to_owned(),
            description: "One search for the public videos of many PeerTube instances.".to_owned(),
            contact: None,
            legal_notices_url: None,
            user_agent: format!("Vigie/{}", env!("CARGO_PKG_VERSION")),
            crawler_addresses: Vec::new(),
            image_door: None,
            submissions: None,
            reports: None,
            source_url: None,
            trusted_proxies: Vec::new(),
            inclusion: Inclusion::everything(),
            limits: ServeLimits::default(),
        }
    }
}

/// Limits of the server, each against one way to wear it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServeLimits {
    /// Time that one search may take.
    pub query_time: Duration,
    /// Searches that run at one time.
    pub max_running: usize,
    /// Searches that wait for their turn.
    pub max_waiting: usize,
    /// Longest wait for a turn.
    pub max_wait: Duration,
    /// Longest request body, in bytes: the mute lists of a PeerTube server come in it.
    pub max_body_bytes: usize,
    /// Time for a request body to arrive.
    pub body_time: Duration,
    /// Time for the head of a request to arrive.
    pub header_time: Duration,
    /// How long a connection may stay without a request.
    pub idle_time: Duration,
    /// Connections at one time.
    pub max_connections: usize,
    /// How often to look for a new generation.
    pub poll_interval: Duration,
    /// Longest time for running requests to end on shutdown.
    pub shutdown_time: Duration,
    /// Memory for pictures, in bytes.
    pub image_cache_bytes: u64,
}

impl Default for ServeLimits {
    fn default() -> Self {
        let n_cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            query_time: Duration::from_millis(1500),
            max_running: 4 * n_cores,
            max_waiting: 256,
            max_wait: Duration::from_secs(2),
            max_body_bytes: 5 << 20,
            body_time: Duration::from_secs(30),
            header_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(60),
            max_connections: 4096,
            poll_interval: Duration::from_millis(500),
            shutdown_time: Duration::from_secs(4),
            image_cache_bytes: 32 << 20,
        }
    }
}

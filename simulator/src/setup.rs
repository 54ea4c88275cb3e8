//! What a fake host is to be, before it listens.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::behaviour::Rule;
use crate::catalogue::{Catalogue, Crafted, Instance};
use crate::error::Result;
use crate::gancio::GancioHost;
use crate::mobilizon::{MobilizonCatalogue, MobilizonHost, Schema};
use crate::replay::Recording;

/// A limit of requests in a fixed window, with the headers and the 429 answer of the host's software.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests a window allows.
    pub requests: u32,
    /// The length of a window.
    pub per: Duration,
}

impl RateLimit {
    /// PeerTube's default: 50 requests in 10 s, shared by the API, robots.txt and NodeInfo.
    pub const PEERTUBE: Self = Self { requests: 50, per: Duration::from_secs(10) };

    /// Gancio's: 250 requests in a minute to its API.
    pub const GANCIO: Self = Self { requests: 250, per: Duration::from_secs(60) };
}

/// The software a host pretends to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Software {
    /// Videos.
    PeerTube,
    /// Events and groups.
    Mobilizon,
    /// Events.
    Gancio,
}

/// One fake host to be started.
#[derive(Clone, Debug)]
pub struct HostSetup {
    pub(crate) name: String,
    pub(crate) source: Source,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) robots: String,
    pub(crate) rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
pub(crate) enum Source {
    Generated(Box<Instance>),
    Recorded(Recording),
    Mobilizon(Box<MobilizonHost>, Option<Arc<Schema>>),
    Gancio(Box<GancioHost>),
}

/// What PeerTube serves unless its administrator writes something else: everything is allowed.
pub(crate) const DEFAULT_ROBOTS: &str = "User-agent: *\nDisallow:\n";

impl HostSetup {
    /// A host that answers from a generated instance, with PeerTube's rate limit.
    pub fn generated(instance: Instance) -> Self {
        Self {
            name: instance.spec.name.clone(),
            source: Source::Generated(Box::new(instance)),
            rate_limit: Some(RateLimit::PEERTUBE),
            robots: DEFAULT_ROBOTS.to_owned(),
            rules: Vec::new(),
        }
    }

    /// A host made by hand, with PeerTube's rate limit.
    ///
    /// # Errors
    /// As [`Crafted::instance`].
    pub fn crafted(host: Crafted) -> Result<Self> {
        host.instance().map(Self::generated)
    }

    /// A Mobilizon host, without a rate limit, as Mobilizon has none for queries.
    pub fn mobilizon(host: MobilizonHost) -> Self {
        Self {
            name: host.name.clone(),
            source: Source::Mobilizon(Box::new(host), None),
            rate_limit: None,
            robots: DEFAULT_ROBOTS.to_owned(),
            rules: Vec::new(),
        }
    }

    /// A Gancio host, with Gancio's rate limit.
    pub fn gancio(host: GancioHost) -> Self {
        Self {
            name: host.name.clone(),
            source: Source::Gancio(Box::new(host)),
            rate_limit: Some(RateLimit::GANCIO),
            robots: DEFAULT_ROBOTS.to_owned(),
            rules: Vec::new(),
        }
    }

    /// Makes a Mobilizon host check every query against a schema too, besides what it knows of its version.
    pub fn schema(mut self, schema: Arc<Schema>) -> Self {
        if let Source::Mobilizon(_, checked) = &mut self.source {
            *checked = Some(schema);
        }
        self
    }

    /// A host that replays recorded answers under a name of its own, with PeerTube's rate limit.
    pub fn recorded(name: impl Into<String>, recording: Recording) -> Self {
        Self {
            name: name.into(),
            source: Source::Recorded(recording),
            rate_limit: Some(RateLimit::PEERTUBE),
            robots: DEFAULT_ROBOTS.to_owned(),
            rules: Vec::new(),
        }
    }

    /// The fediverse of the demo: 24 hosts that speak sixteen languages and list 2,500 videos together, without a rate
    /// limit.
    ///
    /// - `now`: the time base; the newest videos are minutes older.
    pub fn demo(seed: u64, now: Timestamp) -> Vec<Self> {
        /// Every host has this many videos and the share of a total that falls with its number.
        const LEAST: u32 = 50;
        let catalogue = Catalogue::new(seed, now, 24);
        (0..24u32)
            .filter_map(|nth| catalogue.instance(nth as usize, LEAST + 400 / (nth + 1)))
            .map(|instance| Self::generated(instance).rate_limit(None))
            .collect()
    }

    /// The Mobilizon and Gancio hosts of the demo: eight and three, which list some 1,200 events around `now` and 80 groups
    /// together.
    pub fn demo_events(seed: u64, now: Timestamp) -> Vec<Self> {
        /// Every host has this many events, and the share of a total that falls with its number.
        const LEAST: u32 = 40;
        const GANCIO: [&str; 3] = ["gancio-lanterna.example", "gancio-cortile.example", "gancio-mirador.example"];
        let catalogue = MobilizonCatalogue::new(seed, now, 8 + GANCIO.len());
        let mobilizon = (0..8u32)
            .filter_map(|nth| catalogue.host(nth as usize, LEAST + 240 / (nth + 1), 4 + 18 / (nth + 1)))
            .map(Self::mobilizon);
        let gancio = GANCIO.into_iter().enumerate().filter_map(|(nth, name)| {
            let planned = catalogue.host(8 + nth, 60, 0)?;
            let timezone = catalogue.city(8 + nth).timezone;
            Some(Self::gancio(GancioHost::from_mobilizon(&planned, name, timezone)).rate_limit(None))
        });
        mobilizon.chain(gancio).collect()
    }

    /// The software the host pretends to run.
    pub fn software(&self) -> Software {
        match &self.source {
            Source::Generated(_) | Source::Recorded(_) => Software::PeerTube,
            Source::Mobilizon(..) => Software::Mobilizon,
            Source::Gancio(_) => Software::Gancio,
        }
    }

    /// Adds a misbehaviour; several apply together where that makes sense.
    pub fn behave(mut self, rule: impl Into<Rule>) -> Self {
        self.rules.push(rule.into());
        self
    }

    /// The host name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets or removes the rate limit.
    pub fn rate_limit(mut self, limit: impl Into<Option<RateLimit>>) -> Self {
        self.rate_limit = limit.into();
        self
    }

    /// Sets the text of robots.txt.
    pub fn robots(mut self, text: impl Into<String>) -> Self {
        self.robots = text.into();
        self
    }
}

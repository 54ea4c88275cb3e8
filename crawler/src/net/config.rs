//! What an operator may set about requests, always per host and never globally.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use allowlist::Host;
use url::Url;

use crate::error::Error;
use crate::politeness::Pace;

/// Limits of one request. The defaults are what ships.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// TCP and TLS handshakes together; 5 s.
    pub connect: Duration,
    /// From sending to the end of the response head; 15 s.
    pub first_byte: Duration,
    /// The whole request, body and redirects included; 30 s.
    pub total: Duration,
    /// Slowest body accepted, in bytes per second over [`Limits::throughput_window`]; 1 KiB/s.
    pub min_bytes_per_second: u64,
    /// How long a body may stay under the minimum; 10 s.
    pub throughput_window: Duration,
    /// Largest body as it comes over the wire; 4 MiB.
    pub wire_bytes: usize,
    /// Largest body after decompression; 8 MiB.
    pub decoded_bytes: usize,
    /// Largest ratio of decoded to wire bytes; 100. JSON compresses about ten times.
    pub ratio: usize,
    /// Largest response head; 64 KiB.
    pub head_bytes: usize,
    /// Most response headers; 100.
    pub headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(15),
            total: Duration::from_secs(30),
            min_bytes_per_second: 1024,
            throughput_window: Duration::from_secs(10),
            wire_bytes: 4 << 20,
            decoded_bytes: 8 << 20,
            ratio: 100,
            head_bytes: 64 << 10,
            headers: 100,
        }
    }
}

/// How requests leave this machine.
#[derive(Clone, Debug)]
pub struct NetworkConfig {
    /// Where an instance admin learns who asks and how to stop it; sent with every request. Required.
    pub contact_url: String,
    /// Fixed addresses for tests, demos and private networks; a host without an entry is looked up.
    pub resolve: BTreeMap<Host, SocketAddr>,
    /// Hosts spoken to without TLS.
    pub plain_http: BTreeSet<Host>,
    /// Hosts that may resolve to addresses outside of the public internet.
    pub allow_private: BTreeSet<Host>,
    /// Hosts that belong to the operator and may be visited at [`NetworkConfig::own_pace`].
    pub own_hosts: BTreeSet<Host>,
    /// The pace of every other host; clamped so that it is never faster than the default.
    pub pace: Pace,
    /// The pace of [`NetworkConfig::own_hosts`].
    pub own_pace: Pace,
    /// Where this process itself listens: never dialled.
    pub own_addresses: BTreeSet<SocketAddr>,
    /// Limits of one request.
    pub limits: Limits,
    /// Requests in flight, all hosts together; 32.
    pub max_requests: usize,
    /// Requests in flight to one address, whatever the hosts behind it; 2.
    pub max_requests_per_address: usize,
    /// Requests started per second, all hosts together; 100.
    pub requests_per_second: NonZeroU32,
}

impl NetworkConfig {
    /// The defaults that ship, with the contact URL of this operator.
    pub fn new(contact_url: impl Into<String>) -> Self {
        Self {
            contact_url: contact_url.into(),
            resolve: BTreeMap::new(),
            plain_http: BTreeSet::new(),
            allow_private: BTreeSet::new(),
            own_hosts: BTreeSet::new(),
            pace: Pace::default(),
            own_pace: Pace::own(),
            own_addresses: BTreeSet::new(),
            limits: Limits::default(),
            max_requests: 32,
            max_requests_per_address: 2,
            requests_per_second: NonZeroU32::MIN.saturating_add(99),
        }
    }

    /// Declares a host that lives at a fixed address without TLS and belongs to the operator: what a simulated
    /// instance needs.
    pub fn add_own_host(&mut self, host: Host, address: SocketAddr) {
        self.resolve.insert(host.clone(), address);
        self.plain_http.insert(host.clone());
        self.allow_private.insert(host.clone());
        self.own_hosts.insert(host);
    }

    /// The pace at which `host` is visited.
    pub fn pace_of(&self, host: &Host) -> Pace {
        if self.own_hosts.contains(host) { self.own_pace.clone() } else { self.pace.clone().clamped() }
    }

    /// `https`, or `http` for the hosts declared so.
    pub fn scheme_of(&self, host: &Host) -> &'static str {
        if self.plain_http.contains(host) { "http" } else { "https" }
    }

    /// Checks what cannot be expressed in types.
    ///
    /// # Errors
    /// [`Error::NoContact`] without a usable contact URL, [`Error::Config`] for a `resolve` entry that cannot be
    /// honoured.
    pub fn check(&self) -> Result<(), Error> {
        let contact = Url::parse(self.contact_url.trim()).ok();
        let is_web = |url: &Url| matches!(url.scheme(), "https" | "http") && url.host_str().is_some();
        let is_printable = self.contact_url.chars().all(|c| c.is_ascii_graphic());
        if !contact.as_ref().is_some_and(|url| is_web(url) || url.scheme() == "mailto") || !is_printable {
            return Err(Error::NoContact { given: self.contact_url.clone() });
        }
        let mut names = BTreeSet::new();
        for (host, address) in &self.resolve {
            // An explicit port in a URL wins over the port of the resolver, so another one could not be dialled.
            if host.has_port() && host.port() != address.port() {
                let what = format!("`resolve` sends `{host}` to port {}; write port {}", address.port(), host.port());
                return Err(Error::Config { what });
            }
            if !names.insert(host.name()) {
                let what = format!("`resolve` names `{}` twice with different ports", host.name());
                return Err(Error::Config { what });
            }
        }
        Ok(())
    }

    /// The `User-Agent` of every request.
    pub fn user_agent(&self) -> String {
        format!("Vigie/{} (+{})", env!("CARGO_PKG_VERSION"), self.contact_url.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_79_a_contact_url_is_required() {
        for contact in ["", "  ", "nobody", "javascript:alert(1)", "https://a.example/\r\nX: y", "https://a.example/é"]
        {
            assert!(NetworkConfig::new(contact).check().is_err(), "{contact:?} was accepted");
        }
        let config = NetworkConfig::new("https://search.example/bot");
        assert!(config.check().is_ok());
        let expected = format!("Vigie/{} (+https://search.example/bot)", env!("CARGO_PKG_VERSION"));
        assert_eq!(config.user_agent(), expected);
    }

    #[test]
    fn case_80_a_faster_pace_is_only_for_own_hosts() {
        let mut config = NetworkConfig::new("https://search.example/bot");
        config.pace.floor = Duration::ZERO;
        let own: Host = "own.example".parse().unwrap();
        config.add_own_host(own.clone(), "127.0.0.1:9000".parse().unwrap());
        assert_eq!(config.pace_of(&"tube.example".parse().unwrap()).floor, Duration::from_secs(1));
        assert!(config.pace_of(&own).floor < Duration::from_secs(1));
    }
}

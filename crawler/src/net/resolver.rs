//! Names to addresses: looked up once, checked, and dialled exactly as checked.
//!
//! The system's resolver is used through tokio: it honours the operator's hosts file and caching resolver, and adds no
//! code that parses hostile DNS answers to this process. Its price is one thread of the blocking pool per lookup in
//! progress; lookups are abandoned after the connect limit and dead hosts back off, which bounds them.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use allowlist::Host;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address;
use super::config::NetworkConfig;
use crate::error::Cause;

/// How long checked addresses serve new connections before the name is looked up again.
const PIN_LIFE: Duration = Duration::from_secs(60);

/// Most addresses kept of one name; a longer answer is no instance's.
const MAX_ADDRESSES: usize = 8;

/// The checked addresses of one host.
#[derive(Clone, Debug)]
pub struct Pin {
    /// Public addresses (or declared private ones), IPv6 first.
    pub addresses: Arc<[SocketAddr]>,
    checked_at: Instant,
}

/// Looks hosts up and remembers what passed the check. Cloning shares the memory.
#[derive(Clone)]
pub struct Resolver {
    config: Arc<NetworkConfig>,
    pins: Arc<Mutex<Pins>>,
}

#[derive(Default)]
struct Pins {
    by_host: HashMap<Host, Pin>,
    /// What the HTTP client dials: it knows names only. One name with two ports shares its addresses, and each of
    /// the two passed the check under its own [`Host`] first.
    by_name: HashMap<String, Pin>,
}

impl Resolver {
    /// A resolver without memory.
    pub fn new(config: Arc<NetworkConfig>) -> Self {
        Self { config, pins: Arc::default() }
    }

    /// The checked addresses of `host`, looked up when none are remembered or they are older than a minute.
    ///
    /// # Errors
    /// [`Cause::Dns`], [`Cause::Address`] when every address is refused, [`Cause::Timeout`].
    pub async fn pin(&self, host: &Host) -> Result<Pin, Cause> {
        if let Some(pin) = self.lock().by_host.get(host)
            && pin.checked_at.elapsed() < PIN_LIFE
        {
            return Ok(pin.clone());
        }
        let found: Vec<SocketAddr> = match self.config.resolve.get(host) {
            Some(address) => vec![*address],
            None => self.look_up(host).await?,
        };
        let addresses = self.keep_allowed(host, found)?;
        let pin = Pin { addresses: addresses.into(), checked_at: Instant::now() };
        let mut pins = self.lock();
        pins.by_host.insert(host.clone(), pin.clone());
        pins.by_name.insert(host.name().to_owned(), pin.clone());
        Ok(pin)
    }

    async fn look_up(&self, host: &Host) -> Result<Vec<SocketAddr>, Cause> {
        // Port 0 lets the HTTP client fill in the port of the scheme, or the explicit one of the URL.
        let lookup = tokio::net::lookup_host((host.name(), 0));
        let limit = self.config.limits.connect;
        match tokio::time::timeout(limit, lookup).await {
            Ok(Ok(addresses)) => Ok(addresses.collect()),
            Ok(Err(error)) => Err(Cause::Dns { reason: error.to_string() }),
            Err(_) => Err(Cause::Timeout { what: "looking up the name", limit }),
        }
    }

    fn keep_allowed(&self, host: &Host, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Cause> {
        let may_be_private = self.config.allow_private.contains(host);
        let mut kept = Vec::new();
        let mut refused = None;
        for address in found {
            let port = if address.port() == 0 { host.port() } else { address.port() };
            if self.config.own_addresses.contains(&SocketAddr::new(address.ip(), port)) {
                refused = Some(Cause::Address { address: address.ip(), range: "this very service" });
                continue;
            }
            match address::check(address.ip()) {
                Err(range) if !may_be_private => refused = Some(Cause::Address { address: address.ip(), range }),
                _ if kept.contains(&address) => {}
                _ => kept.push(address),
            }
        }
        if kept.is_empty() {
            return Err(refused.unwrap_or_else(|| Cause::Dns { reason: "the name has no address".to_owned() }));
        }
        kept.sort_by_key(|address| !address.is_ipv6());
        // Both families must survive the cut, or a dead IPv6 network would hide a working IPv4 address.
        let n_v6 = kept.iter().filter(|address| address.is_ipv6()).count();
        if kept.len() > MAX_ADDRESSES && n_v6 > MAX_ADDRESSES / 2 && n_v6 < kept.len() {
            kept.drain(MAX_ADDRESSES / 2..n_v6);
        }
        kept.truncate(MAX_ADDRESSES);
        Ok(kept)
    }

    /// Moves the address that answered to the front of its family, so that the next connection tries it first.
    pub fn prefer(&self, host: &Host, answered: IpAddr) {
        let mut pins = self.lock();
        let Some(pin) = pins.by_host.get(host).cloned() else { return };
        let mut addresses = pin.addresses.to_vec();
        addresses.sort_by_key(|address| (!address.is_ipv6(), address.ip() != answered));
        let pin = Pin { addresses: addresses.into(), ..pin };
        pins.by_host.insert(host.clone(), pin.clone());
        pins.by_name.insert(host.name().to_owned(), pin);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pins> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolve for Resolver {
    /// Hands out what was checked; a name that was not checked is not dialled.
    fn resolve(&self, name: Name) -> Resolving {
        let pin = self.lock().by_name.get(name.as_str()).cloned();
        let name = name.as_str().to_owned();
        Box::pin(async move {
            match pin {
                Some(pin) => Ok(Box::new(pin.addresses.iter().copied().collect::<Vec<_>>().into_iter()) as Addrs),
                None => Err(format!("`{name}` was not checked before dialling").into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolver(change: impl FnOnce(&mut NetworkConfig)) -> Resolver {
        let mut config = NetworkConfig::new("https://search.example/bot");
        change(&mut config);
        Resolver::new(Arc::new(config))
    }

    fn host() -> Host {
        "tube.example".parse().unwrap()
    }

    #[tokio::test]
    async fn case_08_only_a_checked_address_can_be_dialled() {
        let resolver = resolver(|config| {
            config.resolve.insert(host(), "93.184.216.34:443".parse().unwrap());
        });
        assert!(resolver.resolve("tube.example".parse().unwrap()).await.is_err());
        resolver.pin(&host()).await.unwrap();
        let dialled: Vec<_> = resolver.resolve("tube.example".parse().unwrap()).await.unwrap().collect();
        assert_eq!(dialled, ["93.184.216.34:443".parse().unwrap()]);
    }

    #[tokio::test]
    async fn a_private_address_needs_a_declaration_for_that_very_host() {
        let other: Host = "other.example".parse().unwrap();
        let resolver = resolver(|config| {
            config.resolve.insert(host(), "127.0.0.1:9000".parse().unwrap());
            config.resolve.insert(other.clone(), "127.0.0.1:9000".parse().unwrap());
            config.allow_private.insert(other.clone());
        });
        let refused = resolver.pin(&host()).await.unwrap_err();
        assert!(matches!(refused, Cause::Address { range: "loopback", .. }), "{refused}");
        assert!(resolver.pin(&other).await.is_ok());
    }

    #[test]
    fn case_11_mixed_answers_keep_the_public_addresses_only() {
        let found = ["127.0.0.1:0", "93.184.216.34:0", "[::1]:0", "[2a01:4f8::1]:0"];
        let found = found.map(|text| text.parse().unwrap()).to_vec();
        let kept = resolver(|_| {}).keep_allowed(&host(), found).unwrap();
        assert_eq!(kept, ["[2a01:4f8::1]:0".parse().unwrap(), "93.184.216.34:0".parse().unwrap()]);
    }

    #[test]
    fn case_22_this_service_does_not_crawl_itself() {
        let resolver = resolver(|config| {
            config.own_addresses.insert("93.184.216.34:443".parse().unwrap());
        });
        let refused = resolver.keep_allowed(&host(), vec!["93.184.216.34:0".parse().unwrap()]);
        assert!(matches!(refused, Err(Cause::Address { .. })));
    }

    #[test]
    fn both_families_survive_a_long_answer() {
        let mut found: Vec<SocketAddr> =
            (1..20).map(|n| SocketAddr::new(format!("2a01:4f8::{n}").parse().unwrap(), 0)).collect();
        found.push("93.184.216.34:0".parse().unwrap());
        let kept = resolver(|_| {}).keep_allowed(&host(), found).unwrap();
        assert!(kept.len() <= MAX_ADDRESSES);
        assert!(kept.iter().any(SocketAddr::is_ipv4));
        assert!(kept.iter().any(SocketAddr::is_ipv6));
    }
}

//! Any number of fake hosts on loopback.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::behaviour::Rules;
use crate::connection;
use crate::error::{Error, Result};
use crate::handle::HostHandle;
use crate::log::Exchange;
use crate::peertube::listing::SortedVideos;
use crate::replay::Replay;
use crate::setup::{HostSetup, Source};
use crate::site::{Content, Directory, Generated, Site};
use crate::time::Clock;

/// Where the hosts listen. All are on loopback, in plain HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listening {
    /// Each host has a port of its own on 127.0.0.1. Fine up to a few hundred hosts.
    #[default]
    OwnPort,
    /// Each host has an address of its own in 127.1.0.0/16 and a port there: for clients that limit themselves by
    /// address. Linux answers on all of 127.0.0.0/8; other systems may not.
    OwnAddress,
    /// All hosts share one port on 127.0.0.1 and are told apart by the `Host` header: for thousands of hosts.
    Shared,
}

/// Collects hosts and starts them.
#[derive(Debug, Default)]
pub struct Builder {
    setups: Vec<HostSetup>,
    listening: Listening,
    clock: Clock,
}

impl Builder {
    /// Adds a host.
    pub fn host(mut self, setup: HostSetup) -> Self {
        self.setups.push(setup);
        self
    }

    /// Adds hosts.
    pub fn hosts(mut self, setups: impl IntoIterator<Item = HostSetup>) -> Self {
        self.setups.extend(setups);
        self
    }

    /// Says where they listen.
    pub fn listening(mut self, listening: Listening) -> Self {
        self.listening = listening;
        self
    }

    /// Lets the hosts live in a time of their own, which stands still until [`Fediverse::set_time`]: the windows of rate
    /// limits, the dates in headers and the times of the log are on it. Delays of a misbehaviour stay real.
    pub fn virtual_time(mut self, now: Timestamp) -> Self {
        self.clock = Clock::standing_at(now);
        self
    }

    /// Opens the listeners and serves until [`Fediverse::shutdown`], or until the value is dropped.
    ///
    /// # Errors
    /// [`Error::Listen`] when a listener cannot be opened; [`Error::DuplicateHost`] for two hosts of one name.
    pub async fn start(self) -> Result<Fediverse> {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let mut hosts = BTreeMap::new();
        let mut by_name = BTreeMap::new();
        let shared = match self.listening {
            Listening::Shared => Some(bind("*", Ipv4Addr::LOCALHOST).await?),
            Listening::OwnPort | Listening::OwnAddress => None,
        };
        for (nth, setup) in self.setups.into_iter().enumerate() {
            let name = setup.name.clone();
            let site = Arc::new(site(setup, self.clock.clone()));
            let address = match &shared {
                Some((_, address)) => {
                    by_name.insert(name.clone(), site.clone());
                    *address
                }
                None => {
                    let wanted = match self.listening {
                        Listening::OwnAddress => own_address(nth),
                        Listening::OwnPort | Listening::Shared => Ipv4Addr::LOCALHOST,
                    };
                    let (listener, address) = bind(&name, wanted).await?;
                    let directory = Arc::new(Directory::One(site.clone()));
                    tasks.spawn(accept(listener, directory, stop.clone(), tasks.clone()));
                    address
                }
            };
            if hosts.insert(name.clone(), HostHandle { site, address }).is_some() {
                stop.cancel();
                return Err(Error::DuplicateHost(name));
            }
        }
        if let Some((listener, _)) = shared {
            tasks.spawn(accept(listener, Arc::new(Directory::ByName(by_name)), stop.clone(), tasks.clone()));
        }
        tasks.close();
        tracing::debug!(n_hosts = hosts.len(), "fake fediverse is up");
        Ok(Fediverse { hosts, tasks, stop, clock: self.clock })
    }
}

fn site(setup: HostSetup, clock: Clock) -> Site {
    let content = match setup.source {
        Source::Gancio(host) => Content::Gancio(Box::new(Mutex::new(*host))),
        Source::Mobilizon(host, schema) => Content::Mobilizon(Box::new(Mutex::new(*host)), schema),
        Source::Generated(instance) => {
            Content::Generated(Box::new(Mutex::new(Generated { instance: *instance, sorted: SortedVideos::default() })))
        }
        Source::Recorded(recording) => Content::Recorded(Mutex::new(Replay::new(&recording, &setup.name))),
    };
    let mut rules = Rules::default();
    rules.set(setup.rules);
    Site::new(setup.name.into(), content, setup.robots, setup.rate_limit, rules, clock)
}

/// 127.1.0.1, 127.1.0.2 and so on; a second host on an address follows after 64,516.
fn own_address(nth: usize) -> Ipv4Addr {
    let nth = nth % (254 * 254);
    Ipv4Addr::new(127, 1, (nth / 254) as u8, (nth % 254) as u8 + 1)
}

async fn bind(host: &str, address: Ipv4Addr) -> Result<(TcpListener, SocketAddr)> {
    let wanted = SocketAddr::from((address, 0));
    let failed = |source| Error::Listen { host: host.to_owned(), address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn accept(listener: TcpListener, directory: Arc<Directory>, stop: CancellationToken, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(connection::serve(stream, directory.clone(), stop.clone()));
            }
            // Out of file descriptors, most likely: wait for some to come back.
            Err(error) => {
                tracing::warn!(%error, "fake host cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

/// The running hosts.
#[derive(Debug)]
pub struct Fediverse {
    hosts: BTreeMap<String, HostHandle>,
    tasks: TaskTracker,
    stop: CancellationToken,
    clock: Clock,
}

impl Fediverse {
    /// Starts to plan a fediverse.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address of every host.
    pub fn resolve(&self) -> BTreeMap<String, SocketAddr> {
        self.hosts.iter().map(|(name, host)| (name.clone(), host.address)).collect()
    }

    /// Sets the time of all hosts, forwards only. Returns whether they live in virtual time
    /// ([`Builder::virtual_time`]).
    pub fn set_time(&self, now: Timestamp) -> bool {
        self.clock.set(now)
    }

    /// One host by name.
    pub fn host(&self, name: &str) -> Option<&HostHandle> {
        self.hosts.get(name)
    }

    /// All hosts, by name.
    pub fn hosts(&self) -> impl Iterator<Item = &HostHandle> {
        self.hosts.values()
    }

    /// Everything that reached any host, by arrival.
    pub fn exchanges(&self) -> Vec<Exchange> {
        let mut all: Vec<Exchange> = self.hosts.values().flat_map(HostHandle::exchanges).collect();
        all.sort_by_key(|exchange| exchange.arrived);
        all
    }

    /// Ends all connections and waits until every task is gone.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Fediverse {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

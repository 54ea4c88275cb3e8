//! What the long-running commands share: the runtime, the end by a signal, the network rules of the configuration, and
//! the parts that run side by side.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use crawler::net::{ImageClient, NetworkConfig};
use indexer::inclusion::Inclusion;
use indexer::{Indexer, Options};
use journal::Reader;
use query_api::images::{ImageBytes, ImageDoor, ImageError};
use query_api::{QueryApi, QueryApiConfig};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::commands::Unusable;
use crate::config::Config;
use crate::data::DataDir;

/// How long the indexer waits before it tries again after a failure, such as a full disk.
const INDEX_RETRY: Duration = Duration::from_secs(10);

/// Makes the runtime of a command.
///
/// # Errors
/// When threads cannot be started.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")
}

/// A token that is cancelled by Ctrl-C or SIGTERM; a second signal ends the process at once.
///
/// # Errors
/// When signals cannot be listened to.
pub fn shutdown_on_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let shutdown = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let token = shutdown.clone();
    tokio::spawn(async move {
        for n_signals in 0_u8.. {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if n_signals > 0 {
                // 128 + SIGINT, as a shell reports it.
                std::process::exit(130);
            }
            token.cancel();
        }
    });
    Ok(shutdown)
}

/// Hangup signals, by which an operator asks to have the lists read again now. Once this was called they do not end the
/// process any more.
///
/// # Errors
/// When signals cannot be listened to.
pub fn hangups() -> anyhow::Result<tokio::signal::unix::Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::hangup()).context("listening for hangups")
}

/// Sets `stop` on the first signal: for commands that run no runtime of their own.
///
/// # Errors
/// When signals cannot be listened to.
pub fn set_on_signal(stop: Arc<AtomicBool>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting the runtime")?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                match shutdown_on_signal() {
                    Ok(shutdown) => {
                        shutdown.cancelled().await;
                        stop.store(true, Ordering::Relaxed);
                        // Stays, so that a second signal ends the process.
                        std::future::pending::<()>().await;
                    }
                    Err(error) => tracing::warn!("{error:#}"),
                }
            });
        })
        .context("starting the signal thread")?;
    Ok(())
}

/// The network rules of the configuration; prints every exception, so that none is forgotten in production.
///
/// # Errors
/// [`Unusable`] when there is no contact address.
pub fn network(config: &Config) -> anyhow::Result<NetworkConfig> {
    let contact = config.crawler.contact_url.as_deref().ok_or_else(|| {
        Unusable(
            "crawler.contact_url is not set: every request names a page that says who runs this crawler; \
             set VIGIE_CRAWLER__CONTACT_URL=https://… or write it in vigie.toml"
                .to_owned(),
        )
    })?;
    let mut network = NetworkConfig::new(contact);
    let exceptions = &config.network;
    network.resolve = exceptions.resolve.clone();
    network.plain_http = exceptions.plain_http.iter().cloned().collect();
    network.allow_private = exceptions.allow_private.iter().cloned().collect();
    network.own_hosts = exceptions.own_hosts.iter().cloned().collect();
    network.own_addresses = BTreeSet::from([config.listen]);
    network.max_requests = config.crawler.max_concurrency.clamp(1, 1024);
    let min_delay = Duration::try_from(config.crawler.min_delay)
        .map_err(|_| Unusable("crawler.min_delay must not be negative".to_owned()))?;
    network.pace.floor = network.pace.floor.max(min_delay);
    network.own_pace.floor = min_delay;
    for (what, hosts) in [
        ("dialled at a fixed address", network.resolve.keys().collect::<Vec<_>>()),
        ("spoken to without TLS", network.plain_http.iter().collect()),
        ("may have a private address", network.allow_private.iter().collect()),
        ("ours, visited at a pace of our own", network.own_hosts.iter().collect()),
    ] {
        if !hosts.is_empty() {
            tracing::warn!("network exceptions, {what}: {}", named(&hosts));
        }
    }
    Ok(network)
}

/// Names hosts on one line; many are counted.
fn named(hosts: &[&allowlist::Host]) -> String {
    const MAX_NAMED: usize = 5;
    let names: Vec<&str> = hosts.iter().take(MAX_NAMED).map(|host| host.as_str()).collect();
    let rest = hosts.len().saturating_sub(MAX_NAMED);
    if rest > 0 { format!("{} and {rest} more", names.join(", ")) } else { names.join(", ") }
}

/// The settings of the server.
///
/// # Errors
/// [`Unusable`] when an address of the configuration is none.
pub fn query_api_config(config: &Config, images: Option<&ImageClient>) -> anyhow::Result<QueryApiConfig> {
    let url = |setting: &str, text: &Option<String>| {
        text.as_deref()
            .map(|text| {
                text.parse().map_err(|error| Unusable(format!("{setting} `{text}` is not a web address: {error}")))
            })
            .transpose()
    };
    let proxies = config
        .serve
        .trusted_proxies
        .iter()
        .map(|range| range.parse().map_err(|error| Unusable(format!("serve.trusted_proxies: {error}"))));
    let trusted_proxies = proxies.collect::<Result<Vec<_>, _>>()?;
    let contact = config.crawler.contact_url.as_deref();
    let defaults = QueryApiConfig::default();
    Ok(QueryApiConfig {
        public_url: url("index.public_url", &config.index.public_url)?,
        index_name: config.index.name.clone(),
        description: config.index.description.clone(),
        contact: config.crawler.contact_url.clone(),
        legal_notices_url: url("index.legal_notices_url", &config.index.legal_notices_url)?,
        // The page for the people who run instances must show what stands in their logs, to the letter.
        user_agent: contact.map_or(defaults.user_agent, |contact| NetworkConfig::new(contact).user_agent()),
        crawler_addresses: config.crawler.addresses.clone(),
        image_door: images.map(image_door),
        source_url: url("index.source_url", &config.index.source_url)?,
        trusted_proxies,
        ..defaults
    })
}

/// Pictures are asked for through the crawler's client, and by no other way.
fn image_door(images: &ImageClient) -> ImageDoor {
    let images = images.clone();
    Arc::new(move |request| {
        let images = images.clone();
        Box::pin(async move {
            match images.fetch(&request.url, &request.host).await {
                Ok(image) => Ok(ImageBytes(image.bytes)),
                Err(crawler::ImageError::Status { status: 404 | 410, .. }) => Err(ImageError::Missing),
                Err(error) => Err(ImageError::Failed { reason: error.to_string() }),
            }
        })
    })
}

/// Listens where the configuration says.
///
/// # Errors
/// When the address is in use or not ours; the message says the way out.
pub async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("listening on {}: choose another address with --listen", config.listen))
}

/// Serves what is published under `index_dir` until `shutdown`, under the rules that `rules` brings.
///
/// # Errors
/// When the server cannot run.
pub async fn serve(
    listener: TcpListener,
    api: Arc<QueryApi>,
    mut rules: watch::Receiver<Inclusion>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let taking = async {
        while rules.changed().await.is_ok() {
            api.set_inclusion(rules.borrow_and_update().clone());
        }
        // Nobody is left who could bring others; those in force stay.
        std::future::pending().await
    };
    tokio::select! {
        served = query_api::serve(listener, Arc::clone(&api), shutdown.cancelled_owned()) => served.context("serving"),
        never = taking => never,
    }
}

/// Follows the journal on a thread of its own until `shutdown`; a failure is logged and tried again, and the
/// generation in use goes on serving. When other rules come that ask something else of documents, the index is made anew by
/// them, while the generation in use goes on serving, too.
pub async fn index(
    data: DataDir,
    options: Options,
    mut rules: watch::Receiver<Inclusion>,
    shutdown: CancellationToken,
) {
    loop {
        let inclusion = rules.borrow_and_update().clone();
        let asked = inclusion.rules.conditions_digest();
        let stop = Arc::new(AtomicBool::new(false));
        let (flag, data) = (Arc::clone(&stop), data.clone());
        let mut thread = tokio::task::spawn_blocking(move || follow_until(&data, options, &inclusion, &flag));
        let is_over = tokio::select! {
            ended = &mut thread => return log_panic(ended),
            () = shutdown.cancelled() => true,
            () = others(&mut rules, asked) => false,
        };
        stop.store(true, Ordering::Relaxed);
        log_panic(thread.await);
        if is_over {
            return;
        }
    }
}

/// Ends when rules come that ask something else than `asked`.
async fn others(rules: &mut watch::Receiver<Inclusion>, asked: Option<String>) {
    loop {
        if rules.changed().await.is_err() {
            // Nobody is left who could bring any.
            return std::future::pending().await;
        }
        if rules.borrow_and_update().rules.conditions_digest() != asked {
            return;
        }
    }
}

fn follow_until(data: &DataDir, options: Options, inclusion: &Inclusion, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let Err(error) = follow(data, options, inclusion, stop) else { return };
        tracing::error!("indexing: {error:#}; trying again in {} s", INDEX_RETRY.as_secs());
        let failed = std::time::Instant::now();
        while failed.elapsed() < INDEX_RETRY && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn follow(data: &DataDir, options: Options, inclusion: &Inclusion, stop: &AtomicBool) -> anyhow::Result<()> {
    let reader = Reader::open(&data.journal())?;
    let mut indexer = Indexer::open_with(&data.index(), options, inclusion.clone())?;
    if let Some(reason) = indexer.rebuild_reason() {
        tracing::warn!("building the index anew from the journal: {reason}");
    }
    indexer.follow(&reader, stop, &mut |progress| {
        tracing::debug!(
            journal.offset = progress.offset.0,
            index.generation = progress.generation,
            "indexed up to offset {}",
            progress.offset
        );
    })?;
    Ok(())
}

/// Logs that a part ended by a panic.
pub fn log_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!("a part of the program ended by a panic; this is a defect of the program: {error}");
    }
}

//! `vigie demo`: a simulated fediverse on this machine, crawled, indexed and served by the same code as a real one.

use std::collections::BTreeSet;
use std::time::Instant;

use allowlist::SourceKind;
use anyhow::Context;
use crawler::Mode;
use indexer::Snapshot;
use jiff::{SignedDuration, Timestamp};
use query_api::QueryApi;
use simulator::{Fediverse, HostSetup, Software};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::commands::crawl::{self, Crawl};
use crate::commands::up::end_with;
use crate::commands::{index, service};
use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;
use crate::rules;

/// The pace of the demo's hosts, which are ours: fast enough that a first look does not take minutes.
const MIN_DELAY: SignedDuration = SignedDuration::from_millis(20);

/// Runs `vigie demo` until it is told to end; what it wrote goes with it, unless `--data` named a directory.
///
/// # Errors
/// When the simulated hosts cannot start or the address is taken.
pub fn run(mut config: Config, seed: u64) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("vigie-demo-").tempdir().context("making a directory for the demo")?;
    if config.data == Config::default().data {
        config.data = folder.path().join("data");
    }
    service::runtime()?.block_on(async {
        let shutdown = service::shutdown_on_signal()?;
        let listener = service::listen(&config).await?;
        let address = listener.local_addr()?;
        // Answers for Mobilizon have pictures only where the index knows its own address.
        if !address.ip().is_unspecified() {
            config.index.public_url.get_or_insert_with(|| format!("http://{address}"));
        }
        let begun = Instant::now();
        let fediverse = Fediverse::builder()
            .hosts(HostSetup::demo(seed, Timestamp::now()))
            .hosts(HostSetup::demo_events(seed, Timestamp::now()))
            .start()
            .await
            .context("starting the simulated instances")?;
        let list = folder.path().join("instances.toml");
        configure(&mut config, &fediverse, &list)?;
        say!("vigie: {} simulated instances run on this machine; crawling them", fediverse.resolve().len());

        let data = DataDir::new(&config.data);
        let crawl = Crawl::open(&config, &data)?;
        let images = crawl.images();
        let mut settings = service::query_api_config(&config, Some(&images))?;
        let options = index::options(&config)?;
        // The demo follows rules as any other index; they do not change while it runs.
        let inclusion = rules::load(&config, &data)?;
        rules::describe(&mut settings, &config, &inclusion);
        let (_rules, inclusion) = watch::channel(inclusion);
        let index_dir = data.index();
        let crawled_once = CancellationToken::new();
        let on_progress = {
            let crawled_once = crawled_once.clone();
            move |progress: crawler::Progress| {
                if progress.n_settled == progress.n_hosts {
                    crawled_once.cancel();
                }
                crawl::log_progress(&progress);
            }
        };
        let telling = tell(&data, &fediverse, &crawled_once, &shutdown, address, begun);
        let serving =
            service::serve(listener, QueryApi::new(&index_dir, settings), inclusion.clone(), shutdown.clone());
        let indexing = service::index(data.clone(), options, inclusion, shutdown.clone());
        let crawling = crawl.run(Mode::Continuous, shutdown.clone(), on_progress);
        let serving = end_with(serving, &shutdown);
        let crawling = end_with(crawling, &shutdown);
        let (served, (), crawled, ()) = tokio::join!(serving, indexing, crawling, telling);
        fediverse.shutdown().await;
        served.and(crawled)
    })
}

/// Declares the simulated hosts as ours, each at its address on loopback, and writes the list of them.
fn configure(config: &mut Config, fediverse: &Fediverse, list: &std::path::Path) -> anyhow::Result<()> {
    let mut text = String::from("# The demo's simulated instances.\n");
    config.instances.lists = vec![list.to_owned()];
    config.crawler.contact_url.get_or_insert_with(|| "https://vigie.example/bot".to_owned());
    config.crawler.min_delay = MIN_DELAY;
    config.index.name = "Vigie demo".to_owned();
    config.index.description =
        "A simulated fediverse on this machine: invented videos and events of invented instances.".to_owned();
    for instance in fediverse.hosts() {
        let host: allowlist::Host = instance.name().parse()?;
        let kind = match instance.software() {
            Software::PeerTube => SourceKind::PeerTube,
            Software::Mobilizon => SourceKind::Mobilizon,
            Software::Gancio => SourceKind::Gancio,
        };
        text.push_str(&format!("\n[[instance]]\nhost = \"{host}\"\nkind = \"{}\"\n", kind.as_str()));
        config.network.resolve.insert(host.clone(), instance.address());
        config.network.plain_http.push(host.clone());
        config.network.allow_private.push(host.clone());
        config.network.own_hosts.push(host);
    }
    std::fs::write(list, text).with_context(|| format!("writing `{}`", list.display()))
}

/// Once the first crawl is whole and indexed, prints what can be searched and where.
async fn tell(
    data: &DataDir,
    fediverse: &Fediverse,
    crawled_once: &CancellationToken,
    shutdown: &CancellationToken,
    address: std::net::SocketAddr,
    begun: Instant,
) {
    tokio::select! {
        () = crawled_once.cancelled() => {}
        () = shutdown.cancelled() => return,
    }
    let Ok(last) = journal::Reader::open(&data.journal()).and_then(|reader| reader.last_offset()) else { return };
    let manifest = loop {
        match Snapshot::open_current(&data.index()) {
            Ok(snapshot) if snapshot.manifest.journal_offset >= last.0 => break snapshot.manifest,
            _ if shutdown.is_cancelled() => return,
            _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    let videos = fediverse.hosts().flat_map(simulator::HostHandle::listed).filter_map(|video| video.language);
    let mut languages: BTreeSet<String> = videos.map(str::to_owned).collect();
    languages
        .extend(fediverse.hosts().flat_map(simulator::HostHandle::listed_events).filter_map(|event| event.language));
    say!(
        "vigie: {} videos, {} channels, {} playlists, {} events and {} groups of {} instances in {} languages are searchable \
         after {:.0} s\n\n    http://{address}\n\nCtrl-C ends the demo.",
        manifest.n_videos,
        manifest.n_channels,
        manifest.n_playlists,
        manifest.n_events,
        manifest.n_groups,
        fediverse.resolve().len(),
        languages.len(),
        begun.elapsed().as_secs_f64()
    );
}

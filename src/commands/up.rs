//! `vigie up`: crawl, index and serve in one process.

use std::sync::Arc;

use allowlist::registry::Registry;
use crawler::Mode;
use query_api::QueryApi;
use query_api::reports::ReportDesk;

use crate::admin;
use crate::commands::crawl::{self, Crawl};
use crate::commands::{index, service};
use crate::config::Config;
use crate::data::DataDir;
use crate::inclusion::RulesFollower;
use crate::output::say;
use crate::rules;
use crate::submissions::Desk;

/// Runs `vigie up` until it is told to end.
///
/// # Errors
/// When the configuration, the data directory or the address cannot be used.
pub fn run(config: &Config) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    let follower = RulesFollower::open(config, &data)?;
    service::runtime()?.block_on(async {
        let shutdown = service::shutdown_on_signal()?;
        // The address first: it is the likeliest to be taken, and nothing has begun yet.
        let listener = service::listen(config).await?;
        let address = listener.local_addr()?;
        let admin_listener = admin::listen(config).await?;
        let crawl = Crawl::open(config, &data)?;
        let images = crawl.images();
        let mut settings = service::query_api_config(config, Some(&images))?;
        let desk = Desk::open(config, &data, crawl.client())?;
        settings.submissions = Some(desk.door()?);
        settings.reports = Some(ReportDesk::new(Registry::open(&data.registry())?)?);
        rules::describe(&mut settings, config, &follower.in_force().borrow());
        let (shown, indexed) = (follower.in_force(), follower.in_force());
        let following = tokio::spawn(follower.run(shutdown.clone()));
        let options = index::options(config)?;
        say!("vigie: serving at http://{address}; {} instances may be visited", crawl.n_instances());
        let api = QueryApi::new(&data.index(), settings);
        let serving = service::serve(listener, Arc::clone(&api), shown, shutdown.clone());
        let moderating = admin::serve(admin_listener, config, &data, api, Some(desk), shutdown.clone());
        let indexing = service::index(data.clone(), options, indexed, shutdown.clone());
        let crawling = crawl.run(Mode::Continuous, shutdown.clone(), |progress| crawl::log_progress(&progress));
        // A part that fails ends the others; a signal ends all.
        let serving = end_with(serving, &shutdown);
        let moderating = end_with(moderating, &shutdown);
        let crawling = end_with(crawling, &shutdown);
        let (served, moderated, (), crawled) = tokio::join!(serving, moderating, indexing, crawling);
        service::log_panic(following.await);
        served.and(moderated).and(crawled)
    })
}

/// Cancels `shutdown` once `part` has ended.
pub async fn end_with<T>(part: impl Future<Output = T>, shutdown: &tokio_util::sync::CancellationToken) -> T {
    let result = part.await;
    shutdown.cancel();
    result
}

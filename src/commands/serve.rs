//! `vigie serve`: a published index, read-only.

use std::path::PathBuf;
use std::sync::Arc;

use allowlist::registry::Registry;
use crawler::net::{Client, ImageClient};
use query_api::QueryApi;
use query_api::reports::ReportDesk;

use crate::admin;
use crate::commands::service;
use crate::commands::up::end_with;
use crate::config::Config;
use crate::data::DataDir;
use crate::inclusion::RulesFollower;
use crate::rules;
use crate::rulings;
use crate::submissions::Desk;

/// Runs `vigie serve` until it is told to end.
///
/// # Errors
/// When the address or the configuration cannot be used.
pub fn run(config: &Config, index: Option<PathBuf>) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    // An index that somebody else published has its desk there.
    let has_desk = index.is_none() && data.root().exists();
    let index_dir = index.unwrap_or_else(|| data.index());
    let follower = RulesFollower::open(config, &data)?;
    service::runtime()?.block_on(async {
        let shutdown = service::shutdown_on_signal()?;
        // Pictures are fetched in the name of the operator, so without a contact address there are placeholders.
        let client = match config.crawler.contact_url {
            Some(_) => Some(Client::new(service::network(config)?)?),
            None => None,
        };
        let images = client.clone().map(ImageClient::new);
        let mut settings = service::query_api_config(config, images.as_ref())?;
        let desk = match client.filter(|_| has_desk) {
            Some(client) => Some(Desk::open(config, &data, client)?),
            None => None,
        };
        if let Some(desk) = &desk {
            settings.submissions = Some(desk.door()?);
        }
        if has_desk {
            // Searches need no registry, and a folder may be there to be read only.
            match Registry::open(&data.registry()).and_then(ReportDesk::new) {
                Ok(desk) => settings.reports = Some(desk),
                Err(error) => tracing::warn!("no reports are taken: {error}"),
            }
        }
        if has_desk && let Err(error) = rulings::publish(config, &data) {
            tracing::warn!("telling again what moderators decided: {error:#}; what was told before stays in force");
        }
        let admin_listener = match has_desk {
            true => admin::listen(config).await?,
            false => {
                if config.admin.listen.is_some() {
                    tracing::warn!(
                        "no pages of moderators: an index that was published elsewhere has its moderators there"
                    );
                }
                None
            }
        };
        rules::describe(&mut settings, config, &follower.in_force().borrow());
        let listener = service::listen(config).await?;
        tracing::info!("serving `{}` at http://{}", index_dir.display(), listener.local_addr()?);
        let shown = follower.in_force();
        let following = tokio::spawn(follower.run(shutdown.clone()));
        let api = QueryApi::new(&index_dir, settings);
        let serving = end_with(service::serve(listener, Arc::clone(&api), shown, shutdown.clone()), &shutdown);
        let moderating = admin::serve(admin_listener, config, &data, api, desk, shutdown.clone());
        let (served, moderated) = tokio::join!(serving, end_with(moderating, &shutdown));
        service::log_panic(following.await);
        served.and(moderated)
    })
}

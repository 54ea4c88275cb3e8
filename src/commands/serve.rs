//! `vigie serve`: a published index, read-only.

use std::path::PathBuf;

use crawler::net::{Client, ImageClient};

use crate::commands::service;
use crate::config::Config;
use crate::data::DataDir;

/// Runs `vigie serve` until it is told to end.
///
/// # Errors
/// When the address or the configuration cannot be used.
pub fn run(config: &Config, index: Option<PathBuf>) -> anyhow::Result<()> {
    let index_dir = index.unwrap_or_else(|| DataDir::new(&config.data).index());
    service::runtime()?.block_on(async {
        let shutdown = service::shutdown_on_signal()?;
        // Pictures are fetched in the name of the operator, so without a contact address there are placeholders.
        let images = match config.crawler.contact_url {
            Some(_) => Some(ImageClient::new(Client::new(service::network(config)?)?)),
            None => None,
        };
        let settings = service::query_api_config(config, images.as_ref())?;
        let listener = service::listen(config).await?;
        tracing::info!("serving `{}` at http://{}", index_dir.display(), listener.local_addr()?);
        service::serve(listener, &index_dir, settings, shutdown).await
    })
}

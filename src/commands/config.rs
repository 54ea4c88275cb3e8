//! `vigie config show|check`.

use anyhow::Context;

use crate::commands::Unusable;
use crate::config::Config;
use crate::data::DataDir;
use crate::{allowed, rules};

/// Prints the configuration in force. There are no secrets in it yet; one that comes is left out here.
///
/// # Errors
/// Never with these types; the signature is that of the writer.
pub fn show(config: &Config) -> anyhow::Result<()> {
    let text = toml::to_string(config).context("writing the configuration as TOML")?;
    crate::output::text(text.as_bytes());
    Ok(())
}

/// Checks what can be checked without visiting anything: the file was read to get here, the lists are read now.
///
/// # Errors
/// [`Unusable`] with the first fault.
pub fn check(config: &Config) -> anyhow::Result<()> {
    let list = allowed::list(config, &DataDir::new(&config.data)).map_err(|error| Unusable(format!("{error:#}")))?;
    match rules::load_offline(config, &DataDir::new(&config.data))? {
        Some(inclusion) if inclusion.is_everything() => {}
        Some(inclusion) => eprintln!("vigie: {} layers of rules are in force", inclusion.layers.len()),
        None => eprintln!("vigie: the rules name an address that was not fetched yet; `vigie rules check` does it"),
    }
    for (setting, url) in [
        ("crawler.contact_url", &config.crawler.contact_url),
        ("index.public_url", &config.index.public_url),
        ("index.legal_notices_url", &config.index.legal_notices_url),
    ] {
        if let Some(url) = url
            && !url.starts_with("https://")
            && !url.starts_with("http://")
        {
            return Err(Unusable(format!("{setting} `{url}` is not a web address; write https://…")).into());
        }
    }
    if config.crawler.contact_url.is_none() {
        eprintln!("vigie: crawler.contact_url is not set: serving works, crawling will refuse to start");
    }
    eprintln!("vigie: the configuration is good; {} instances may be visited", list.len());
    Ok(())
}

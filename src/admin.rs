//! The listener of the moderators: where it may be, and what it is wired to.

use std::net::SocketAddr;
use std::sync::Arc;

use allowlist::moderation::Target;
use allowlist::registry::Registry;
use anyhow::Context;
use query_api::QueryApi;
use query_api::admin::{Admin, AdminDoors, SubmissionWord, SubmissionWordDoor};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::commands::Unusable;
use crate::commands::moderation::preview;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;
use crate::page_target;
use crate::submissions::Desk;

/// Where moderators are served, if they are.
///
/// # Errors
/// [`Unusable`] for an address that others can reach without TLS.
fn address(config: &Config) -> Result<Option<SocketAddr>, Unusable> {
    let Some(address) = config.admin.listen else { return Ok(None) };
    if !address.ip().is_loopback() && !config.admin.behind_proxy {
        return Err(Unusable(format!(
            "listening for moderators on {address}: others can reach that address and read tokens on the way; set [admin] \
             listen = \"127.0.0.1:{}\", or, where a proxy with TLS stands before it, [admin] behind_proxy = true",
            address.port()
        )));
    }
    Ok(Some(address))
}

/// Listens for moderators where the configuration says so.
///
/// # Errors
/// [`Unusable`] for an address that others can reach without TLS; when it is in use or not ours.
pub async fn listen(config: &Config) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = address(config)? else { return Ok(None) };
    if config.admin.behind_proxy && config.serve.trusted_proxies.is_empty() {
        tracing::warn!(
            "[admin] behind_proxy is set and [serve] trusted_proxies names none: everybody who brings a wrong token counts as one"
        );
    }
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("listening for moderators on {address}: choose another address with --admin=ADDR:PORT")
    })?;
    Ok(Some(listener))
}

/// Serves moderators until `shutdown`; without a listener it only waits for that.
///
/// - `desk`: where submissions are settled; without one they are only shown.
///
/// # Errors
/// When the registry cannot be opened, or the server cannot run.
pub async fn serve(
    listener: Option<TcpListener>,
    config: &Config,
    data: &DataDir,
    api: Arc<QueryApi>,
    desk: Option<Desk>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let Some(listener) = listener else {
        shutdown.cancelled().await;
        return Ok(());
    };
    let registry = Registry::open(&data.registry())?;
    if registry.tokens()?.is_empty() {
        tracing::warn!("nobody can log in as a moderator yet: make a token with `vigie admin token add NAME`");
    }
    let address = listener.local_addr()?;
    say!("vigie: moderators at http://{address}");
    let admin = Admin::new(registry, data.index(), api, doors(config, data, desk), config.admin.behind_proxy);
    query_api::serve_admin(listener, admin, shutdown.cancelled_owned()).await.context("serving moderators")
}

fn doors(config: &Config, data: &DataDir, desk: Option<Desk>) -> AdminDoors {
    let (config, data) = (config.clone(), data.clone());
    let settle = desk.map(|desk| -> SubmissionWordDoor {
        Arc::new(move |word| {
            let settled = match word {
                SubmissionWord::Approve { id, author } => desk.approve(&id, &author),
                SubmissionWord::Reject { id, author, reason } => desk.reject(&id, &author, &reason),
            };
            settled.map(|submission| submission.sentence()).map_err(|error| format!("{error:#}"))
        })
    });
    AdminDoors {
        read_target: page_target::parse,
        preview: Arc::new(move |target: &Target| {
            preview::count(&config, &data, target).map_err(|error| format!("{error:#}"))
        }),
        settle_submission: settle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // case 155
    #[test]
    fn case_155_only_loopback_or_a_proxy_that_is_said() {
        let at = |listen: &str, behind_proxy| {
            let mut config = Config::default();
            config.admin.listen = Some(listen.parse().unwrap());
            config.admin.behind_proxy = behind_proxy;
            address(&config)
        };
        assert!(address(&Config::default()).unwrap().is_none(), "off unless it is asked for");
        for (listen, is_local) in [
            ("127.0.0.1:8081", true),
            ("127.9.9.9:1", true),
            ("[::1]:8081", true),
            ("0.0.0.0:8081", false),
            ("[::]:8081", false),
            ("192.168.1.2:8081", false),
            ("203.0.113.1:8081", false),
            ("[::ffff:127.0.0.1]:8081", false),
        ] {
            assert_eq!(at(listen, false).is_ok(), is_local, "{listen}");
            assert!(at(listen, true).unwrap().is_some(), "{listen}");
        }
        let message = at("0.0.0.0:8081", false).unwrap_err().to_string();
        assert!(message.contains("127.0.0.1:8081") && message.contains("behind_proxy = true"), "{message}");
    }
}

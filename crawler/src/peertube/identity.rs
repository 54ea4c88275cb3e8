//! What software a host runs, and whether it is the host it was listed as.

use allowlist::Host;
use url::{Position, Url};

use super::wire;
use crate::reading::events::handle;

/// Rel of the NodeInfo versions that are read; all of them have the same `software` object.
const NODEINFO_RELS: [&str; 2] =
    ["http://nodeinfo.diaspora.software/ns/schema/2.0", "http://nodeinfo.diaspora.software/ns/schema/2.1"];

/// Software by its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftwareName {
    /// Lower case, such as `peertube`.
    pub name: String,
    /// As sent, shortened.
    pub version: String,
    /// The name that the instance gives itself, shortened.
    pub node_name: Option<String>,
    /// The zone of all that it publishes, as sent.
    pub time_zone: Option<String>,
    /// The name of the one actor that publishes all of it.
    pub actor: Option<String>,
}

/// Why the discovery documents cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The documents belong to another host.
    #[error("it says that it is `{0}`")]
    Mismatch(String),
    /// Not the document that was asked for.
    #[error("its NodeInfo cannot be read")]
    Malformed,
}

/// The path of the NodeInfo document that `/.well-known/nodeinfo` links to.
///
/// Only the path is taken over: the scheme and the host are ours, so a link can lead nowhere else.
///
/// # Errors
/// [`IdentityError::Mismatch`] when every usable link names another host.
pub fn parse_nodeinfo_links(json: &[u8], host: &Host) -> Result<String, IdentityError> {
    let wire: wire::NodeinfoLinks = serde_json::from_slice(json).map_err(|_| IdentityError::Malformed)?;
    let mut other = None;
    for link in wire.links.items.iter().filter_map(|link| link.0.as_ref()) {
        let is_nodeinfo = link.rel.as_str().is_some_and(|rel| NODEINFO_RELS.contains(&rel));
        let Some(url) = link.href.as_str().filter(|_| is_nodeinfo).and_then(|href| Url::parse(href).ok()) else {
            continue;
        };
        let named = match (url.host_str(), url.port()) {
            (Some(name), Some(port)) => format!("{name}:{port}"),
            (Some(name), None) => name.to_owned(),
            (None, _) => continue,
        };
        if matches!(url.scheme(), "http" | "https") && host.matches(&named) {
            return Ok(url[Position::BeforePath..Position::AfterQuery].to_owned());
        }
        other = Some(named.chars().take(100).collect());
    }
    Err(other.map_or(IdentityError::Malformed, IdentityError::Mismatch))
}

/// The software of a NodeInfo document.
///
/// # Errors
/// [`IdentityError::Malformed`].
pub fn parse_nodeinfo(json: &[u8]) -> Result<SoftwareName, IdentityError> {
    let wire: wire::Nodeinfo = serde_json::from_slice(json).map_err(|_| IdentityError::Malformed)?;
    let metadata = wire.metadata.0.unwrap_or_default();
    let line = |scalar: &super::lenient::Scalar| super::text::line_of(scalar, 120);
    let (node_name, time_zone) = (line(&metadata.node_name), line(&metadata.node_timezone));
    // A name, or the address of the actor, which ends in it.
    let actor = line(&metadata.node_actor).and_then(|actor| handle(actor.rsplit('/').next().unwrap_or_default()));
    let software = wire.software.0.ok_or(IdentityError::Malformed)?;
    let name = software.name.as_str().and_then(|name| super::text::line(name, 50)).ok_or(IdentityError::Malformed)?;
    let version = software.version.as_str().and_then(|version| super::text::line(version, 50)).unwrap_or_default();
    Ok(SoftwareName { name: name.to_ascii_lowercase(), version, node_name, time_zone, actor })
}

/// PeerTube's version by its own configuration, for instances that hide their NodeInfo.
///
/// # Errors
/// [`IdentityError::Malformed`] for any other document.
pub fn parse_config(json: &[u8]) -> Result<SoftwareName, IdentityError> {
    let wire: wire::Config = serde_json::from_slice(json).map_err(|_| IdentityError::Malformed)?;
    let version = wire.server_version.as_str().and_then(|version| super::text::line(version, 50));
    let version = version.ok_or(IdentityError::Malformed)?;
    Ok(SoftwareName { name: "peertube".to_owned(), version, node_name: None, time_zone: None, actor: None })
}

//! Accounts, channels as parts of others, and files on their origin.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::is_default;

/// A file on the origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPath {
    /// Path below `https://{host}`, when the origin gave one.
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    pub path: Option<String>,
    /// Absolute URL; `None` when it is `https://{host}{path}`.
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    pub url: Option<String>,
}

impl StoredPath {
    /// Leaves out the URL where the path says the same; `None` when there is neither.
    pub(crate) fn new(host: &str, path: Option<&str>, url: Option<&str>) -> Option<Self> {
        let derived = |url: &str| {
            let below = url.strip_prefix("https://").and_then(|rest| rest.strip_prefix(host));
            below.is_some() && below == path
        };
        let url = url.filter(|url| !derived(url));
        (path.is_some() || url.is_some()).then(|| Self { path: path.map(str::to_owned), url: url.map(str::to_owned) })
    }

    /// The path below the root of `host`, given or part of the URL: clients of PeerTube 8.0 and before show no picture
    /// without it. `None` for a URL elsewhere.
    pub fn path_on(&self, host: &str) -> Option<String> {
        let of_url = || {
            let rest = self.url.as_deref()?.strip_prefix("https://")?.strip_prefix(host)?;
            rest.starts_with('/').then(|| rest.to_owned())
        };
        self.path.clone().or_else(of_url)
    }

    /// The absolute URL, on the host the document belongs to.
    pub fn absolute(&self, host: &str) -> String {
        match (&self.url, &self.path) {
            (Some(url), _) => url.clone(),
            (None, Some(path)) => format!("https://{host}{path}"),
            (None, None) => format!("https://{host}/"),
        }
    }
}

/// An account or a channel; its host is the host of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredActor {
    /// Numeric id on the origin.
    #[serde(rename = "i", default, skip_serializing_if = "is_default")]
    pub origin_id: i64,
    /// Immutable name.
    #[serde(rename = "n")]
    pub name: String,
    /// Name people see; `None` when it is `name`.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    pub display_name: Option<String>,
    /// ActivityPub id.
    #[serde(rename = "l")]
    pub url: String,
    /// Sorted by width.
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    pub avatars: Vec<StoredImage>,
}

impl StoredActor {
    /// The name people see.
    pub fn display_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.name)
    }
}

/// One size of an avatar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredImage {
    /// Where it is.
    #[serde(rename = "f")]
    pub file: StoredPath,
    /// Pixels.
    #[serde(rename = "w", default, skip_serializing_if = "is_default")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(rename = "ht", default, skip_serializing_if = "is_default")]
    pub height: Option<u32>,
    /// When it was set.
    #[serde(
        rename = "ct",
        default,
        skip_serializing_if = "is_default",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(
        rename = "ut",
        default,
        skip_serializing_if = "is_default",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub updated_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_the_path_gives_is_left_out() {
        let path = "/lazy-static/thumbnails/a.jpg";
        let rows = [
            ("https://tube.example/lazy-static/thumbnails/a.jpg", true),
            ("https://bucket.example/a.jpg", false),
            ("http://tube.example/lazy-static/thumbnails/a.jpg", false),
        ];
        for (url, is_left_out) in rows {
            let stored = StoredPath::new("tube.example", Some(path), Some(url)).unwrap();
            assert_eq!(stored.url.is_none(), is_left_out, "{url}");
            assert_eq!(stored.absolute("tube.example"), url);
        }
        assert_eq!(StoredPath::new("tube.example", None, None), None);
    }
}

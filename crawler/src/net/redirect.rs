//! Where a redirect may lead: the same instance, never less safe, and not for long.

use std::time::Duration;

use allowlist::Host;
use url::{Host as UrlHost, Url};

use super::config::NetworkConfig;

/// Longest URL that is requested, in bytes.
const MAX_URL_BYTES: usize = 4096;

/// Why a URL is not requested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// It is not an absolute URL.
    #[error("not a URL")]
    Malformed,
    /// Longer than any URL of an instance.
    #[error("the URL is longer than {MAX_URL_BYTES} bytes")]
    TooLong,
    /// Neither https nor, for the hosts declared so, http.
    #[error("scheme `{0}` is not followed")]
    Scheme(String),
    /// From https to http.
    #[error("it leads from https to http")]
    Downgrade,
    /// A user name or password inside the URL.
    #[error("the URL carries a user name")]
    UserInfo,
    /// An address instead of a name.
    #[error("`{0}` is an address, not the name of an instance")]
    AddressLiteral(String),
    /// Another host or another port than the instance's.
    #[error("`{found}` is not the instance `{expected}`")]
    OtherHost {
        /// Host and port of the URL.
        found: String,
        /// The instance that is being asked.
        expected: Host,
    },
    /// The pause that the host asks for would hold a connection's place for too long.
    #[error("the host asks for a pause of {} s, which is not waited out for a redirect", .0.as_secs())]
    LongPause(Duration),
    /// A question that was posted is not posted elsewhere.
    #[error("a POST is not redirected")]
    Post,
    /// Only one request was to be sent.
    #[error("no redirect is followed here")]
    Single,
    /// A redirect without a usable `Location`.
    #[error("a redirect without a location")]
    NoLocation,
}

/// Checks that `url` may be requested in the name of `host`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_url(url: &Url, host: &Host, config: &NetworkConfig) -> Result<(), UrlRefusal> {
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(UrlRefusal::TooLong);
    }
    match url.scheme() {
        "https" => {}
        "http" if config.plain_http.contains(host) => {}
        "http" => return Err(UrlRefusal::Downgrade),
        other => return Err(UrlRefusal::Scheme(other.chars().take(20).collect())),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefusal::UserInfo);
    }
    let name = match url.host() {
        Some(UrlHost::Domain(name)) => name,
        // The parser has already turned every spelling, such as `0x7f.1`, into an address.
        Some(literal) => return Err(UrlRefusal::AddressLiteral(literal.to_string())),
        None => return Err(UrlRefusal::Malformed),
    };
    let text = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    if host.matches(&text) {
        Ok(())
    } else {
        let found = text.chars().take(100).collect();
        Err(UrlRefusal::OtherHost { found, expected: host.clone() })
    }
}

/// The URL that a redirect from `current` leads to.
///
/// # Errors
/// Why it is not followed.
pub fn next_hop(
    current: &Url,
    location: Option<&[u8]>,
    host: &Host,
    config: &NetworkConfig,
) -> Result<Url, UrlRefusal> {
    let location = location.ok_or(UrlRefusal::NoLocation)?;
    if location.len() > MAX_URL_BYTES {
        return Err(UrlRefusal::TooLong);
    }
    let location = std::str::from_utf8(location).map_err(|_| UrlRefusal::Malformed)?.trim();
    if location.is_empty() {
        return Err(UrlRefusal::NoLocation);
    }
    let mut next = current.join(location).map_err(|_| UrlRefusal::Malformed)?;
    next.set_fragment(None);
    if current.scheme() == "https" && next.scheme() == "http" {
        return Err(UrlRefusal::Downgrade);
    }
    check_url(&next, host, config)?;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(location: &str) -> Result<String, UrlRefusal> {
        let config = NetworkConfig::new("https://search.example/bot");
        let current = Url::parse("https://tube.example/api/v1/videos?start=0").unwrap();
        let host = "tube.example".parse().unwrap();
        next_hop(&current, Some(location.as_bytes()), &host, &config).map(|url| url.to_string())
    }

    #[test]
    fn case_12_redirects_to_private_places_are_refused() {
        for location in
            ["http://127.0.0.1/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/", "//localhost/"]
        {
            assert!(follow(location).is_err(), "{location} was followed");
        }
    }

    #[test]
    fn case_14_https_never_becomes_http() {
        assert_eq!(follow("http://tube.example/"), Err(UrlRefusal::Downgrade));
        let mut config = NetworkConfig::new("https://search.example/bot");
        let host: Host = "tube.example".parse().unwrap();
        config.plain_http.insert(host.clone());
        let plain = Url::parse("http://tube.example/a").unwrap();
        let upgraded = next_hop(&plain, Some(b"https://tube.example/a"), &host, &config).unwrap();
        assert_eq!(upgraded.as_str(), "https://tube.example/a");
    }

    #[test]
    fn case_15_odd_locations_are_followed_or_named() {
        let rows = [
            ("/other", Ok("https://tube.example/other")),
            ("?start=1", Ok("https://tube.example/api/v1/videos?start=1")),
            // Case, a final dot and a fragment do not make another host.
            ("https://TUBE.example./x#f", Ok("https://tube.example./x")),
            ("//evil.example/x", Err(())),
            ("https://user:pass@tube.example/", Err(())),
            ("https://tube.example:8443/", Err(())),
            ("https://tube.example:22/", Err(())),
            ("ftp://tube.example/", Err(())),
            ("file:///etc/passwd", Err(())),
            ("", Err(())),
            ("https://", Err(())),
        ];
        for (location, expected) in rows {
            let found = follow(location);
            match expected {
                Ok(url) => assert_eq!(found.as_deref(), Ok(url), "{location}"),
                Err(()) => assert!(found.is_err(), "{location} was followed to {found:?}"),
            }
        }
        assert_eq!(follow(&format!("/{}", "a".repeat(1 << 20))), Err(UrlRefusal::TooLong));
    }

    #[test]
    fn case_18_every_spelling_of_an_address_is_refused() {
        for host in ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "8.8.8.8"] {
            let found = follow(&format!("https://{host}/"));
            assert!(matches!(found, Err(UrlRefusal::AddressLiteral(_))), "{host}: {found:?}");
        }
    }
}

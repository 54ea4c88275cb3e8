//! Reading the name that somebody typed or pasted. One clear answer for each thing that is not the name of an instance
//! that can be submitted, and no request to anybody before.

use url::Url;

use super::Purpose;
use crate::{Host, HostError};

/// Longest text that is looked at, in bytes. A host name has at most 253; an address around it some more.
const MAX_TEXT_BYTES: usize = 300;

/// What is known of instances, as far as a submission is concerned.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Whether an instance is on the lists.
    pub is_listed: &'a dyn Fn(&Host) -> bool,
    /// Whether it was taken out, by the operator or at the wish of its admin.
    pub is_removed: &'a dyn Fn(&Host) -> bool,
    /// Where this index itself is reached.
    pub own: Option<&'a Host>,
}

/// Why a text is not taken. Each message is for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostRefusal {
    /// Nothing was typed.
    #[error("Write the host name of the instance, such as `tube.example`.")]
    Empty,
    /// Longer than any host name.
    #[error("This is too long for a host name: {n_bytes} bytes, and no name has more than 253.")]
    TooLong {
        /// What was typed.
        n_bytes: usize,
    },
    /// Several names.
    #[error("These are {n} names; submit one instance at a time.")]
    Several {
        /// How many.
        n: usize,
    },
    /// An address of a page instead of a name.
    #[error("This is the address of a page. Write the host name alone: `{host}`.")]
    Page {
        /// The host in it.
        host: Host,
    },
    /// A port.
    #[error(
        "`{host}` names the port {port}. Instances are submitted by name alone; write to the operator of this index about one that answers at another port."
    )]
    Port {
        /// The name.
        host: String,
        /// The port.
        port: u16,
    },
    /// Not the name of an instance at all.
    #[error("This is not the name of an instance: {0}.")]
    Name(#[from] HostError),
    /// This index.
    #[error("`{0}` is this index itself.")]
    Own(Host),
    /// Already there.
    #[error("`{0}` is on the list already. What is known of it is told under `/api/v1/instances/{0}`.")]
    Listed(Host),
    /// Taken out; only the operator brings it back.
    #[error("`{0}` was taken out of this index and stays out. If you run it and want it back, write to the operator.")]
    Removed(Host),
    /// A removal of what is not there.
    #[error("`{0}` is not on the list, so there is nothing to take out.")]
    NotListed(Host),
}

/// Reads the host of a submission.
///
/// White space around it is dropped; so are a scheme and a final slash, which people copy with a name.
///
/// # Errors
/// [`HostRefusal`], the first that holds. Nobody was asked anything.
pub fn read_host(text: &str, purpose: Purpose, known: Known<'_>) -> Result<Host, HostRefusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(HostRefusal::Empty);
    }
    let n_words = text.split([',', ';']).flat_map(str::split_whitespace).count();
    if n_words > 1 {
        return Err(HostRefusal::Several { n: n_words });
    }
    if text.len() > MAX_TEXT_BYTES {
        return Err(HostRefusal::TooLong { n_bytes: text.len() });
    }
    let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let bare = bare.strip_suffix('/').unwrap_or(bare);
    let host = match Host::parse(bare) {
        Ok(host) => host,
        Err(error) => return Err(of_page(text).unwrap_or(HostRefusal::Name(error))),
    };
    if host.has_port() {
        // A port of somebody else's choice would make of the checks a way to knock at doors.
        return Err(HostRefusal::Port { host: host.name().to_owned(), port: host.port() });
    }
    if known.own == Some(&host) {
        return Err(HostRefusal::Own(host));
    }
    if (known.is_removed)(&host) {
        return Err(HostRefusal::Removed(host));
    }
    match (purpose, (known.is_listed)(&host)) {
        (Purpose::Add, true) => Err(HostRefusal::Listed(host)),
        (Purpose::Remove, false) => Err(HostRefusal::NotListed(host)),
        _ => Ok(host),
    }
}

/// The host of a web address that somebody pasted.
fn of_page(text: &str) -> Option<HostRefusal> {
    let url = Url::parse(text).ok().or_else(|| Url::parse(&format!("https://{text}")).ok())?;
    let is_web = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
    let is_page = url.path() != "/" || url.query().is_some() || url.fragment().is_some();
    let host = Host::parse(url.host_str().filter(|_| is_web && is_page)?).ok()?;
    Some(HostRefusal::Page { host })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, purpose: Purpose) -> Result<String, String> {
        let own: Host = "search.example".parse().unwrap();
        let known = Known {
            is_listed: &|host| host.as_str() == "listed.example",
            is_removed: &|host| host.as_str() == "gone.example",
            own: Some(&own),
        };
        read_host(text, purpose, known).map(|host| host.to_string()).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn case_147_what_is_typed_gets_one_clear_answer() {
        for (text, host) in [
            ("tube.example", "tube.example"),
            ("  Tube.Example.  ", "tube.example"),
            ("https://tube.example/", "tube.example"),
            ("http://tube.example", "tube.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("tube.example:443", "tube.example"),
        ] {
            assert_eq!(read(text, Purpose::Add).as_deref(), Ok(host), "{text}");
        }
        let pasted = (0..10_000).map(|n| format!("tube-{n}.example\n")).collect::<String>();
        let long = format!("{}.example", "a".repeat(300));
        for (text, answer) in [
            ("", "Write the host name"),
            ("   ", "Write the host name"),
            ("https://tube.example/w/abc?x=1", "Write the host name alone: `tube.example`."),
            ("tube.example/videos", "Write the host name alone: `tube.example`."),
            ("192.168.0.1", "is an address"),
            ("https://192.168.0.1/", "is an address"),
            ("[::1]", "is an address"),
            ("0x7f.1", "is an address"),
            ("tube.example:8443", "names the port 8443"),
            ("localhost", "not a public name"),
            ("intern", "single label"),
            ("db.internal", "not a public name"),
            ("user@tube.example", "not the name of an instance"),
            ("ftp://tube.example/", "not the name of an instance"),
            ("tube.example\u{202e}moc", "not the name of an instance"),
            (&long, "too long"),
            (&pasted, "10000 names"),
            ("a.example, b.example", "2 names"),
            ("a.example,b.example", "2 names"),
            ("listed.example", "on the list already"),
            ("gone.example", "stays out"),
            ("search.example", "this index itself"),
        ] {
            let found = read(text, Purpose::Add).unwrap_err();
            assert!(found.contains(answer), "{text:.40}: {found}");
            assert!(found.len() < 400, "{found}");
        }
    }

    #[test]
    fn a_removal_is_of_what_is_listed() {
        assert_eq!(read("listed.example", Purpose::Remove).as_deref(), Ok("listed.example"));
        assert!(read("tube.example", Purpose::Remove).unwrap_err().contains("nothing to take out"));
        assert!(read("gone.example", Purpose::Remove).unwrap_err().contains("stays out"));
    }
}

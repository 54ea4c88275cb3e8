//! Who asks: as far as limits are concerned, and no further. No address is written down.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use http::HeaderName;
use http::request::Parts;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of the connection; the server puts it into every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub SocketAddr);

/// Addresses that begin alike, written `10.0.0.0/8`, `2001:db8::/32` or as one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    first: u128,
    prefix: u32,
}

/// A text that is no range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address nor a range such as `10.0.0.0/8`")]
pub struct NotARange(pub String);

impl AddressRange {
    /// Whether the address is in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = 128 - self.prefix;
        let begin = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
        begin(bits_of(address)) == begin(self.first)
    }
}

impl FromStr for AddressRange {
    type Err = NotARange;

    fn from_str(text: &str) -> Result<Self, NotARange> {
        let refused = || NotARange(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.trim().parse().map_err(|_| refused())?;
        let (n_bits, begin) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let prefix = prefix.map_or(Ok(n_bits), |prefix| prefix.trim().parse().map_err(|_| refused()))?;
        if prefix > n_bits {
            return Err(refused());
        }
        Ok(Self { first: bits_of(address), prefix: begin + prefix })
    }
}

/// IPv4 addresses as those of IPv6 that stand for them.
fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// A visitor as limits see them: an IPv4 address, or the 64 bits of IPv6 that one connection has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Visitor(u128);

impl Visitor {
    /// All visitors together: where too many are known to keep them apart.
    pub const EVERYBODY: Self = Self(0);

    /// The visitor of a request. What proxies say is believed of those of the operator alone.
    pub fn of(request: &Parts, trusted: &[AddressRange]) -> Self {
        let peer = request.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let mut client = peer;
        let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
        let headers: Vec<&str> =
            request.headers.get_all(FORWARDED_FOR).iter().map(|value| value.to_str().unwrap_or_default()).collect();
        for hop in headers.iter().rev().flat_map(|value| value.rsplit(',')) {
            if !is_trusted(client) {
                break;
            }
            let Some(address) = parse_hop(hop) else { break };
            client = address;
        }
        Self::at(client)
    }

    /// The visitor at an address.
    pub fn at(address: IpAddr) -> Self {
        let bits = bits_of(address);
        let is_mapped = Ipv6Addr::from_bits(bits).to_ipv4_mapped().is_some();
        Self(if is_mapped { bits } else { bits >> 64 << 64 })
    }
}

/// An address as proxies write it, also with a port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn visitor(peer: &str, forwarded: &[&str], trusted: &[&str]) -> Visitor {
        let mut request = Request::builder();
        for value in forwarded {
            request = request.header(FORWARDED_FOR, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(Peer(SocketAddr::new(peer.parse().unwrap(), 1)));
        let trusted: Vec<AddressRange> = trusted.iter().map(|range| range.parse().unwrap()).collect();
        Visitor::of(&parts, &trusted)
    }

    fn at(address: &str) -> Visitor {
        Visitor::at(address.parse().unwrap())
    }

    #[test]
    fn proxies_are_believed_when_they_are_ours() {
        let forged: &[&str] = &["1.1.1.1", "9.9.9.9, 8.8.8.8"];
        assert_eq!(visitor("5.5.5.5", forged, &[]), at("5.5.5.5"));
        assert_eq!(visitor("5.5.5.5", forged, &["10.0.0.0/8"]), at("5.5.5.5"));
        assert_eq!(visitor("10.1.2.3", forged, &["10.0.0.0/8"]), at("8.8.8.8"), "the last one that is not ours");
        assert_eq!(visitor("10.1.2.3", &["8.8.8.8, 10.9.9.9"], &["10.0.0.0/8"]), at("8.8.8.8"));
        assert_eq!(visitor("::1", &["8.8.8.8:99"], &["::1"]), at("8.8.8.8"));
        assert_eq!(visitor("10.1.2.3", &["unknown"], &["10.0.0.0/8"]), at("10.1.2.3"));
        assert_eq!(visitor("10.1.2.3", &[], &["10.0.0.0/8"]), at("10.1.2.3"));
    }

    #[test]
    fn one_connection_is_one_visitor() {
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::9"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:8.8.8.8"), at("8.8.8.8"));
        assert_ne!(at("8.8.8.8"), at("8.8.8.9"));
    }

    #[test]
    fn ranges_are_read_or_refused() {
        let contains = |range: &str, address: &str| {
            range.parse::<AddressRange>().unwrap().contains(address.parse::<IpAddr>().unwrap())
        };
        assert!(contains("10.0.0.0/8", "10.255.0.1") && !contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.8"));
        assert!(contains("2001:db8::/32", "2001:db8:ffff::1") && !contains("2001:db8::/32", "2001:db9::1"));
        assert!(contains("0.0.0.0/0", "8.8.8.8") && !contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("::/0", "8.8.8.8"));
        for bad in ["", "10.0.0.0/33", "::/129", "localhost", "10.0.0.0/x", "10.0.0"] {
            assert!(bad.parse::<AddressRange>().is_err(), "{bad}");
        }
    }
}

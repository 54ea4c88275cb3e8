//! Which addresses may be dialled: the public internet and nothing else.
//!
//! The tables are the special-purpose registries of IANA for IPv4 and IPv6 (RFC 6890 and its updates) plus multicast
//! and the reserved class E. IPv6 is judged the other way round: only global unicast, `2000::/3`, is allocated at
//! all, so everything outside of it is refused, which covers the mapped, compatible, translated, unique-local,
//! link-local and multicast forms in one rule; the special blocks inside of it are listed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of IPv4 addresses: first address, prefix length, what it is.
const SPECIAL_V4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by carriers"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relays"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// The special blocks inside `2000::/3`.
const SPECIAL_V6: &[(Ipv6Addr, u32, &str)] = &[
    // Protocol assignments: Teredo, benchmarks, ORCHID and the like. A few anycast services inside are globally
    // reachable, none of them a web server.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocol assignments"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    // Whatever IPv4 address is embedded: a tunnel is never how an instance is reached.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
];

/// Interface identifiers that embed an IPv4 address behind any prefix (ISATAP, RFC 5214, section 6.1).
const ISATAP_MARKS: [u32; 2] = [0x0000_5efe, 0x0200_5efe];

/// Says whether `address` belongs to the public internet.
///
/// # Errors
/// The name of the special range it lies in, such as `loopback`.
pub fn check(address: IpAddr) -> Result<(), &'static str> {
    match address {
        IpAddr::V4(address) => check_v4(address),
        IpAddr::V6(address) => check_v6(address),
    }
}

fn check_v4(address: Ipv4Addr) -> Result<(), &'static str> {
    for (first, prefix, name) in SPECIAL_V4 {
        if address.to_bits() >> (32 - prefix) == first.to_bits() >> (32 - prefix) {
            return Err(name);
        }
    }
    Ok(())
}

fn check_v6(address: Ipv6Addr) -> Result<(), &'static str> {
    let bits = address.to_bits();
    if bits >> 125 != 0b001 {
        return Err(name_outside_global_unicast(address));
    }
    for (first, prefix, name) in SPECIAL_V6 {
        if bits >> (128 - prefix) == first.to_bits() >> (128 - prefix) {
            return Err(name);
        }
    }
    let interface_high = (bits >> 32) as u32;
    if ISATAP_MARKS.contains(&interface_high) {
        return Err("ISATAP");
    }
    Ok(())
}

/// A better word than "not global" for the blocks people know; all of them are refused alike.
fn name_outside_global_unicast(address: Ipv6Addr) -> &'static str {
    if address.is_loopback() {
        "loopback"
    } else if address.is_unspecified() {
        "unspecified"
    } else if address.to_ipv4_mapped().is_some() {
        "mapped IPv4"
    } else if address.is_multicast() {
        "multicast"
    } else if address.is_unique_local() {
        "private"
    } else if address.is_unicast_link_local() {
        "link-local"
    } else {
        "not global unicast"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_public(text: &str) -> bool {
        check(text.parse().expect("an address")).is_ok()
    }

    #[test]
    fn case_01_to_05_special_addresses_are_refused() {
        let refused = [
            // case 01
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            // case 02
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "192.88.99.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            // case 03
            "::",
            "::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "100::1",
            "2001:db8::1",
            "3fff::1",
            "2001:10::1",
            "2001:20::1",
            // case 04
            "::ffff:127.0.0.1",
            "::ffff:192.168.1.1",
            "::ffff:8.8.8.8",
            "::169.254.169.254",
            "::5efe:10.0.0.1",
            "2a01:4f8::5efe:10.0.0.1",
            "2a01:4f8::200:5efe:10.0.0.1",
            // case 05
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "2002:808:808::1",
            "2001:0:4136:e378::1",
        ];
        for address in refused {
            assert!(!is_public(address), "{address} was taken for public");
        }
        for address in ["8.8.8.8", "93.184.216.34", "2a01:4f8::1", "2606:4700::1111", "2400::1", "3ffe::1"] {
            assert!(is_public(address), "{address} was refused");
        }
    }

    #[test]
    fn case_06_range_boundaries_are_exact() {
        let edges = [
            ("9.255.255.255", true),
            ("10.0.0.0", false),
            ("10.255.255.255", false),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.64.0.0", false),
            ("100.127.255.255", false),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.16.0.0", false),
            ("172.32.0.0", true),
            ("198.17.255.255", true),
            ("198.20.0.0", true),
            ("223.255.255.255", true),
            ("224.0.0.0", false),
            ("1fff:ffff::", false),
            ("2000::", true),
            ("2001:1ff:ffff::", false),
            ("2001:200::", true),
            ("2001:db7:ffff::", true),
            ("2001:db9::", true),
            ("2001:ffff::", true),
            ("2003::", true),
            ("3ffe:ffff::", true),
            ("3fff:0fff::", false),
            ("3fff:1000::", true),
            ("4000::", false),
        ];
        for (address, public) in edges {
            assert_eq!(is_public(address), public, "{address}");
        }
    }

    /// Compares bit by bit, without shifts, as the classifier would be read off the registry.
    fn has_prefix(address: &[u8], first: &[u8], prefix: usize) -> bool {
        (0..prefix).all(|bit| {
            let of = |bytes: &[u8]| bytes[bit / 8] & (0x80 >> (bit % 8)) != 0;
            of(address) == of(first)
        })
    }

    fn oracle(address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => {
                !SPECIAL_V4.iter().any(|(first, prefix, _)| has_prefix(&v4.octets(), &first.octets(), *prefix as usize))
            }
            IpAddr::V6(v6) => {
                let octets = v6.octets();
                has_prefix(&octets, &[0x20], 3)
                    && !SPECIAL_V6
                        .iter()
                        .any(|(first, prefix, _)| has_prefix(&octets, &first.octets(), *prefix as usize))
                    && octets[8..12] != [0, 0, 0x5e, 0xfe]
                    && octets[8..12] != [2, 0, 0x5e, 0xfe]
            }
        }
    }

    proptest! {
        #[test]
        fn case_06_agrees_with_a_bit_by_bit_reading(v4: u32, v6: u128, low: u64) {
            prop_assert_eq!(check(IpAddr::V4(v4.into())).is_ok(), oracle(IpAddr::V4(v4.into())));
            prop_assert_eq!(check(IpAddr::V6(v6.into())).is_ok(), oracle(IpAddr::V6(v6.into())));
            // Half of the draws inside 2000::/3, near the special blocks.
            let near = (0x2001_u128 << 112) | ((u128::from(low) & 0x0fff_ffff) << 84) | u128::from(low);
            prop_assert_eq!(check(IpAddr::V6(near.into())).is_ok(), oracle(IpAddr::V6(near.into())));
        }
    }
}

//! One instance has one name, and what is not the name of an instance is refused with the part named.

use allowlist::{Host, HostError};
use proptest::prelude::*;

fn parsed(text: &str) -> String {
    match Host::parse(text) {
        Ok(host) => host.as_str().to_owned(),
        Err(error) => panic!("`{text}` was refused: {error}"),
    }
}

fn refused(text: &str) -> HostError {
    match Host::parse(text) {
        Ok(host) => panic!("`{text}` was taken as `{host}`"),
        Err(error) => error,
    }
}

// case 25
#[test]
fn case_25_spellings_of_one_name_are_one_host() {
    for text in ["Example.ORG.", "example.org", "EXAMPLE.org", "example.org:443", "Example.Org.:443"] {
        assert_eq!(parsed(text), "example.org", "{text}");
    }
    assert_eq!(parsed("Tube.Example:8443"), "tube.example:8443");
    assert!(matches!(refused("example.org.."), HostError::InvalidName { .. }));
}

// case 26
#[test]
fn case_26_an_international_name_and_its_ascii_form_are_one_host() {
    for text in
        ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "XN--BCHER-KVA.Example", "bu\u{308}cher.example"]
    {
        assert_eq!(parsed(text), "xn--bcher-kva.example", "{text}");
    }
    for text in ["xn--example-.org", "xn--example-.example", "xn--.example", "xn--a.example", "xn--80ak6aa92e-.example"]
    {
        assert!(matches!(refused(text), HostError::InvalidName { .. }), "{text}");
    }
}

// case 27
#[test]
fn case_27_a_name_that_people_would_take_for_another_is_told() {
    let listed = Host::parse("peertube.example").unwrap();
    let lookalike = Host::parse("peertub\u{0435}.example").unwrap();
    assert!(lookalike.mixes_scripts() && lookalike.resembles(&listed) && listed.resembles(&lookalike));
    assert!(lookalike.as_str().starts_with("xn--") && lookalike.to_unicode() == "peertub\u{0435}.example");
    for text in ["видео.example", "bücher.example", "動画サイト.example", "peertube.example"] {
        let host = Host::parse(text).unwrap();
        assert!(!host.mixes_scripts() && !host.resembles(&listed), "{text}");
    }
}

// case 28
#[test]
fn case_28_invisible_and_compatibility_characters_are_normalised_or_refused() {
    assert_eq!(parsed("ｔｕｂｅ。ｅｘａｍｐｌｅ"), "tube.example");
    assert_eq!(parsed("tube\u{ff0e}example"), "tube.example");
    assert_eq!(parsed("tu\u{ad}be.example"), "tube.example", "a soft hyphen is nothing");
    for text in [
        "tube\u{202e}.example",
        "tu\u{200d}be.example",
        "tu\u{2066}be.example",
        "tube.exam\u{fffd}ple",
        "\u{0301}tube.example",
    ] {
        refused(text);
    }
}

// case 29
#[test]
fn case_29_what_belongs_to_a_url_is_named() {
    let part = |text: &str| match refused(text) {
        HostError::NotAlone { part, .. } => part,
        other => panic!("`{text}`: {other}"),
    };
    assert_eq!(part("https://tube.example"), "a scheme");
    assert_eq!(part("user:pass@tube.example"), "a user name");
    assert_eq!(part("tube.example#frag"), "a fragment");
    assert_eq!(part("tube.example/path"), "a path");
    assert_eq!(part("tube.example\\path"), "a path");
    assert_eq!(part("tube.example?x"), "a query");
    for text in ["tube .example", " tube.example", "tube.example\r\nX: y", "tube\0.example", "tube\u{a0}.example"] {
        assert!(matches!(refused(text), HostError::Character { .. }), "{text:?}");
    }
    assert_eq!(refused(""), HostError::Empty);
    let message = refused("a\nb.example").to_string();
    assert!(!message.contains('\n') && message.contains("U+000A"), "{message}");
}

// case 18, case 19
#[test]
fn case_18_19_addresses_in_every_spelling_are_refused() {
    for text in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "1.2.3.4",
        "8.8.8.8.",
        "0x.0x",
        "example.1",
        "[::1]",
        "[::1]:443",
        "::1",
        "2001:db8::1",
        "１２７.０.０.１",
        "127。0。0。1",
        "tube.0x7f",
    ] {
        assert!(matches!(refused(text), HostError::AddressLiteral { .. } | HostError::InvalidName { .. }), "{text}");
    }
    for text in ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]"] {
        assert!(matches!(refused(text), HostError::AddressLiteral { .. }), "{text}");
    }
}

// case 21
#[test]
fn case_21_a_port_is_a_number_in_its_shortest_form() {
    assert_eq!(
        parsed("tube.example:22"),
        "tube.example:22",
        "a listed port is an identity; whether it is dialled is the crawler's to say"
    );
    for text in [":0", ":65536", ":007", ":-1", ":", ":x", ":+80", ":99999999999999999999", ":8 0"] {
        let text = format!("tube.example{text}");
        assert!(matches!(refused(&text), HostError::Port { .. } | HostError::Character { .. }), "{text}");
    }
    assert!(Host::parse("tube.example:8443").unwrap().has_port());
    assert_eq!(Host::parse("tube.example").unwrap().port(), 443);
}

// case 24
#[test]
fn case_24_names_outside_the_public_name_space_are_refused() {
    for text in [
        "abcdef.onion",
        "site.i2p",
        "printer.local",
        "db.internal",
        "localhost.",
        "app.localhost",
        "router.home.arpa",
        "nas.lan",
        "x.localdomain",
        "LOCALHOST:9000",
    ] {
        assert!(matches!(refused(text), HostError::PrivateName { .. }), "{text}");
    }
    for text in ["tube", "peertube:9000", "ö"] {
        assert!(matches!(refused(text), HostError::SingleLabel { .. }), "{text}");
    }
    assert_eq!(parsed("mylocal.example"), "mylocal.example", "only whole labels count");
    assert_eq!(parsed("local.example"), "local.example");
}

#[test]
fn too_long_names_and_labels_are_refused() {
    let label = "a".repeat(63);
    assert_eq!(parsed(&format!("{label}.example")), format!("{label}.example"));
    refused(&format!("a{label}.example"));
    refused(&format!("{}example", "abcdefg.".repeat(40)));
    for text in ["-tube.example", "tube-.example", ".tube.example", "tube..example", "tu_be.example", "*.example"] {
        refused(text);
    }
}

#[test]
fn matching_is_by_identity_not_by_spelling() {
    let host: Host = "bücher.example".parse().unwrap();
    assert!(host.matches("BÜCHER.example."));
    assert!(host.matches("xn--bcher-kva.example:443"));
    assert!(!host.matches("bucher.example"));
    assert!(!host.matches("https://bücher.example/"));
    assert_eq!(host.to_unicode(), "bücher.example");
}

proptest! {
    #[test]
    fn a_canonical_form_is_its_own_canonical_form(text in "\\PC{0,40}") {
        if let Ok(host) = Host::parse(&text) {
            prop_assert_eq!(Host::parse(host.as_str()), Ok(host.clone()));
            let unicode = host.to_unicode();
            prop_assert_eq!(Host::parse(&unicode), Ok(host.clone()));
            prop_assert!(host.as_str().is_ascii() && !host.as_str().contains(['/', '@', ' ']));
        }
    }

    #[test]
    fn hosts_of_listings_parse(name in "[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,5})?\\.[a-z]{2,10}", port in 1024u16..) {
        prop_assume!(!["local", "lan", "home", "corp", "onion", "internal", "private", "invalid", "localhost", "intranet", "alt", "localdomain"].contains(&name.rsplit('.').next().unwrap()));
        let with_port = format!("{name}:{port}");
        prop_assert_eq!(parsed(&with_port), with_port.clone());
        prop_assert_eq!(parsed(&name), name);
    }
}

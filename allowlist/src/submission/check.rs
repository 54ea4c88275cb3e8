//! The checks that a submitted instance goes through, in the order in which people read them.

use serde::{Deserialize, Serialize};

use crate::Host;

/// What is checked. The order is that of [`CheckName::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckName {
    /// The name is one of the public internet.
    Name,
    /// It leads to public addresses.
    Address,
    /// Its IPv6 address, where it has one, answers.
    Ipv6,
    /// It answers over an encrypted connection that can be trusted.
    Connection,
    /// Its robots.txt lets its list be read.
    Robots,
    /// It says what it runs.
    Nodeinfo,
    /// It runs what this index reads.
    Software,
    /// It calls itself by this name.
    Identity,
    /// It has something of its own to show.
    Content,
    /// It cannot be taken for another instance.
    Lookalike,
}

impl CheckName {
    /// Every check, in order.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::Address,
        Self::Ipv6,
        Self::Connection,
        Self::Robots,
        Self::Nodeinfo,
        Self::Software,
        Self::Identity,
        Self::Content,
        Self::Lookalike,
    ];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Address => "address",
            Self::Ipv6 => "ipv6",
            Self::Connection => "connection",
            Self::Robots => "robots",
            Self::Nodeinfo => "nodeinfo",
            Self::Software => "software",
            Self::Identity => "identity",
            Self::Content => "content",
            Self::Lookalike => "lookalike",
        }
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "Public host name",
            Self::Address => "Public address",
            Self::Ipv6 => "IPv6",
            Self::Connection => "Encrypted connection",
            Self::Robots => "robots.txt",
            Self::Nodeinfo => "NodeInfo",
            Self::Software => "Software",
            Self::Identity => "Identity",
            Self::Content => "Public content",
            Self::Lookalike => "Unlike other instances",
        }
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckOutcome {
    /// All is well.
    Passed,
    /// It can be taken in, yet somebody should look.
    Warned,
    /// It cannot be taken in like this.
    Failed,
    /// It could not be made, or there is nothing to check.
    Skipped,
}

impl CheckOutcome {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One check with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked.
    pub name: CheckName,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// One plain sentence.
    pub sentence: String,
    /// What the admin of the instance can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    /// A check that ended well.
    pub fn passed(name: CheckName, sentence: impl Into<String>) -> Self {
        Self { name, outcome: CheckOutcome::Passed, sentence: sentence.into(), fix: None }
    }

    /// A check that could not be made, or had nothing to look at.
    pub fn skipped(name: CheckName, sentence: impl Into<String>) -> Self {
        Self { name, outcome: CheckOutcome::Skipped, sentence: sentence.into(), fix: None }
    }

    /// A check that somebody should look at.
    pub fn warned(name: CheckName, sentence: impl Into<String>, fix: Option<&str>) -> Self {
        Self { name, outcome: CheckOutcome::Warned, sentence: sentence.into(), fix: fix.map(str::to_owned) }
    }

    /// A check that keeps the instance out.
    pub fn failed(name: CheckName, sentence: impl Into<String>, fix: Option<&str>) -> Self {
        Self { name, outcome: CheckOutcome::Failed, sentence: sentence.into(), fix: fix.map(str::to_owned) }
    }
}

/// The check of the name itself, which was made before anybody was asked.
pub fn named(host: &Host) -> Check {
    let shown = host.to_unicode();
    let sentence = if shown == host.as_str() {
        format!("`{host}` is a public host name.")
    } else {
        format!("`{shown}` is a public host name; on the wire it is `{host}`.")
    };
    Check::passed(CheckName::Name, sentence)
}

/// Whether people would take the instance for one of `listed`.
pub fn lookalike<'a>(host: &Host, mut listed: impl Iterator<Item = &'a Host>) -> Check {
    let fix = "The operator of this index looks at the two names; nothing else needs to be done.";
    if let Some(other) = listed.find(|other| host.resembles(other)) {
        let sentence = format!("`{}` looks like `{}`, which is listed.", host.to_unicode(), other.to_unicode());
        return Check::warned(CheckName::Lookalike, sentence, Some(fix));
    }
    if host.mixes_scripts() {
        let sentence = format!("`{}` mixes scripts, as names made to deceive do.", host.to_unicode());
        return Check::warned(CheckName::Lookalike, sentence, Some(fix));
    }
    Check::passed(CheckName::Lookalike, "No listed instance has a name that looks like it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_listed_one_is_told() {
        let listed: Vec<Host> = vec!["paypal.example".parse().unwrap()];
        let check = |text: &str| lookalike(&text.parse().unwrap(), listed.iter());
        assert_eq!(check("other.example").outcome, CheckOutcome::Passed);
        let found = check("p\u{430}ypal.example");
        assert_eq!(found.outcome, CheckOutcome::Warned);
        assert!(found.sentence.contains("`paypal.example`"), "{}", found.sentence);
        assert!(check("tub\u{435}.example").sentence.contains("mixes scripts"));
    }

    #[test]
    fn checks_read_back_as_they_are_kept() {
        let checks =
            vec![named(&"bücher.example".parse().unwrap()), Check::failed(CheckName::Robots, "No.", Some("Do."))];
        let text = serde_json::to_string(&checks).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Check>>(&text).unwrap(), checks);
        assert!(checks.first().unwrap().sentence.contains("xn--bcher-kva.example"));
    }
}

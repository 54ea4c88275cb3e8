//! What a host says of itself and lists, judged. Pure.

use allowlist::SourceKind;
use allowlist::submission::{Check, CheckName};

use crate::mobilizon::Version;
use crate::net::Fetched;
use crate::peertube::SoftwareName;
use crate::status::{Status, nothing_of_its_own};

/// The first version of each software whose answers are known.
fn first_version(kind: SourceKind) -> Version {
    match kind {
        SourceKind::PeerTube => Version(3, 0, 0),
        SourceKind::Mobilizon | SourceKind::Gancio => Version(1, 0, 0),
    }
}

/// What a host says that it runs.
pub(super) struct Software {
    pub name: String,
    pub version: String,
    pub node_name: Option<String>,
    pub time_zone: Option<String>,
    pub actor: Option<String>,
}

impl Software {
    pub fn of(said: SoftwareName) -> Self {
        let SoftwareName { name, version, node_name, time_zone, actor } = said;
        Self { name, version, node_name, time_zone, actor }
    }

    /// Whether this index reads it.
    pub fn judge(&self) -> (Check, Option<SourceKind>) {
        let name = CheckName::Software;
        let said = format!("{} {}", self.name, self.version);
        let said = said.trim();
        let Ok(kind) = self.name.parse::<SourceKind>() else {
            let sentence =
                format!("It runs {said}, which is not read: this index reads PeerTube, Mobilizon and Gancio.");
            return (
                Check::failed(name, sentence, Some("Nothing can be done: other software has other interfaces.")),
                None,
            );
        };
        let first = first_version(kind);
        let check = match Version::parse(&self.version) {
            Some(version) if version >= first => Check::passed(name, format!("It runs {said}.")),
            Some(_) => {
                let sentence = format!("It runs {said}, which is older than {first}; parts of it may not be read.");
                Check::warned(name, sentence, Some("Update the instance."))
            }
            None => {
                let sentence =
                    format!("It runs {said} and does not say its version; it is asked as the oldest one known.");
                Check::warned(name, sentence, Some("Let its NodeInfo name the version."))
            }
        };
        (check, Some(kind))
    }
}

/// The first page of a list, counted.
pub(super) struct Listed {
    /// Public and its own.
    pub n_own: u64,
    /// Honestly of other instances.
    pub n_remote: u64,
    /// Said to be its own, and of others.
    pub n_spoofed: u64,
    /// What it says the whole list holds.
    pub total: Option<u64>,
}

impl Listed {
    pub fn content(&self, kind: SourceKind) -> Check {
        let name = CheckName::Content;
        if self.n_own == 0 {
            let status = if kind == SourceKind::PeerTube { Status::NoVideos } else { Status::NoEvents };
            let sentence = format!("{}.", nothing_of_its_own(kind, self.n_spoofed, self.n_remote));
            return Check::failed(name, sentence, status.hint(kind));
        }
        let many = if self.n_own == 1 { "" } else { "s" };
        let of = self.total.filter(|total| *total > self.n_own).map(|total| format!(" of {total}")).unwrap_or_default();
        let sentence = format!("Its list begins with {} public {}{many} of its own{of}.", self.n_own, thing(kind));
        Check::passed(name, sentence)
    }

    /// Items that name others speak against it.
    pub fn identity(&self, kind: SourceKind) -> Option<Check> {
        let many = if self.n_spoofed == 1 { "" } else { "s" };
        let sentence = format!(
            "{} {}{many} on the first page of its list claim to be its own and name another instance.",
            self.n_spoofed,
            thing(kind)
        );
        let fix = "A host speaks only for itself; if the instance changed its name, let its addresses follow.";
        (self.n_spoofed > 0).then(|| Check::failed(CheckName::Identity, sentence, Some(fix)))
    }
}

/// A list that is not for everybody, on a host that can be read otherwise.
pub(super) fn closed(fetched: &Fetched) -> Check {
    let sentence = format!(
        "It refuses its list to visitors (status {}); its feeds are read instead, which hold less.",
        fetched.status
    );
    Check::warned(CheckName::Content, sentence, Status::AccessRefused.hint(SourceKind::Mobilizon))
}

pub(super) fn thing(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::PeerTube => "video",
        SourceKind::Mobilizon | SourceKind::Gancio => "event",
    }
}

#[cfg(test)]
mod tests {
    use allowlist::submission::CheckOutcome;

    use super::*;

    #[test]
    fn software_is_read_or_named() {
        let judge = |name: &str, version: &str| {
            let said = SoftwareName {
                name: name.to_owned(),
                version: version.to_owned(),
                node_name: None,
                time_zone: None,
                actor: None,
            };
            Software::of(said).judge()
        };
        for (name, version, outcome) in [
            ("peertube", "6.3.0", CheckOutcome::Passed),
            ("peertube", "2.4.0", CheckOutcome::Warned),
            ("mobilizon", "5.1.3-2-gabc", CheckOutcome::Passed),
            ("gancio", "", CheckOutcome::Warned),
            ("mastodon", "4.3.0", CheckOutcome::Failed),
        ] {
            let (check, kind) = judge(name, version);
            assert_eq!(check.outcome, outcome, "{name} {version}: {}", check.sentence);
            assert_eq!(kind.is_some(), outcome != CheckOutcome::Failed);
        }
        assert!(judge("mastodon", "4.3.0").0.sentence.starts_with("It runs mastodon 4.3.0, which is not read"));
    }

    #[test]
    fn a_list_of_others_is_nothing_of_its_own() {
        let listed = |n_own, n_remote, n_spoofed| Listed { n_own, n_remote, n_spoofed, total: Some(40) };
        let content = |listed: Listed| listed.content(SourceKind::PeerTube);
        assert_eq!(content(listed(3, 0, 0)).sentence, "Its list begins with 3 public videos of its own of 40.");
        assert_eq!(content(listed(0, 2, 0)).outcome, CheckOutcome::Failed);
        assert!(content(listed(0, 2, 0)).sentence.ends_with("the 2 videos it lists belong to other instances."));
        assert!(listed(3, 5, 0).identity(SourceKind::PeerTube).is_none());
        assert!(listed(3, 0, 2).identity(SourceKind::PeerTube).is_some());
    }
}

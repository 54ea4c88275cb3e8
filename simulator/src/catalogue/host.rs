//! A fake host as the generator plans it: names, channels, accounts and settings.

/// What an anonymous visitor sees of videos that are not safe for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NsfwPolicy {
    /// Left out of listings unless asked for.
    DoNotList,
    /// Listed with a blurred picture.
    Blur,
    /// Listed as any other.
    Display,
}

impl NsfwPolicy {
    /// PeerTube's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::DoNotList => "do_not_list",
            Self::Blur => "blur",
            Self::Display => "display",
        }
    }
}

/// The PeerTube version a host pretends to run; the major number decides the fields of its listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 3 to 8.
    pub major: u8,
    /// The second number.
    pub minor: u8,
    /// The third number.
    pub patch: u8,
}

impl Version {
    /// The version whose answers were recorded.
    pub const RECORDED: Self = Self { major: 6, minor: 3, patch: 0 };

    /// Returns the representative version of a major number; 6.3.0 for an unknown one.
    pub fn of_major(major: u8) -> Self {
        let (minor, patch) = match major {
            3 => (4, 1),
            4 => (3, 1),
            5 => (2, 1),
            7 => (3, 0),
            8 => (1, 0),
            _ => return Self::RECORDED,
        };
        Self { major, minor, patch }
    }

    /// Returns whether it is `major.minor` or later.
    pub fn since(self, major: u8, minor: u8) -> bool {
        (self.major, self.minor) >= (major, minor)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// An account; it owns channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSpec {
    /// The handle before the `@`.
    pub name: String,
    /// The name shown.
    pub display_name: String,
    /// What it says of itself.
    pub description: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds; moves when the account is edited.
    pub updated_at: i64,
    /// How many sizes of its picture there are; `None` for as many as the version of the host makes.
    pub n_avatars: Option<u8>,
    /// Whether search engines may have it (FEP-5feb); served since PeerTube 8 when set.
    pub indexable: Option<bool>,
    /// Whether directories may show it; served since PeerTube 8 when set.
    pub discoverable: Option<bool>,
}

/// A channel; it holds videos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSpec {
    /// The handle before the `@`.
    pub name: String,
    /// The name shown.
    pub display_name: String,
    /// What it is about.
    pub description: Option<String>,
    /// How to support it.
    pub support: Option<String>,
    /// Index in [`HostSpec::accounts`].
    pub account: u32,
    /// The language most of its videos are in.
    pub language: &'static str,
    /// The topic most of its videos are about, an index into the vocabularies.
    pub topic: usize,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds; moves when the channel is edited and when a video is added.
    pub updated_at: i64,
    /// Whether it has a banner.
    pub has_banner: bool,
    /// How many sizes of its picture there are; `None` for as many as the version of the host makes.
    pub n_avatars: Option<u8>,
    /// Whether search engines may have it (FEP-5feb); served since PeerTube 8 when set.
    pub indexable: Option<bool>,
    /// Whether directories may show it; served since PeerTube 8 when set.
    pub discoverable: Option<bool>,
    /// A deleted channel keeps its place, so that the indices of the others stay; it is not there for any route.
    pub is_deleted: bool,
}

impl ChannelSpec {
    /// An address with which a channel is named: `name`.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        !self.is_deleted && self.name.eq_ignore_ascii_case(name)
    }
}

/// One host without its videos.
#[derive(Clone, Debug, PartialEq)]
pub struct HostSpec {
    /// The host name, in the reserved `.example` domain.
    pub name: String,
    /// The name shown.
    pub display_name: String,
    /// One sentence on the host.
    pub short_description: String,
    /// The language most channels use.
    pub language: &'static str,
    /// What it pretends to run.
    pub version: Version,
    /// What anonymous visitors see of NSFW videos.
    pub nsfw_policy: NsfwPolicy,
    /// Share of NSFW videos, `0..=1`.
    pub nsfw_share: f64,
    /// Pictures are in object storage: since PeerTube 8.0 they have no path, and since 8.1 videos have no `thumbnailPath`.
    pub has_object_storage: bool,
    /// Accounts, at least one.
    pub accounts: Vec<AccountSpec>,
    /// Channels, at least one.
    pub channels: Vec<ChannelSpec>,
}

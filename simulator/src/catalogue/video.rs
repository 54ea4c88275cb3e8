//! A video as the generator makes it and as a fake host keeps it.

use uuid::Uuid;

use super::host::{AccountSpec, ChannelSpec};

/// Who may see a video; the numbers are PeerTube's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Privacy {
    /// Listed for everybody.
    Public = 1,
    /// Answers by address, never listed.
    Unlisted = 2,
    /// Its author alone.
    Private = 3,
    /// Users of the host.
    Internal = 4,
    /// Whoever knows the password.
    PasswordProtected = 5,
}

impl Privacy {
    /// PeerTube's number.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// PeerTube's English label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::Unlisted => "Unlisted",
            Self::Private => "Private",
            Self::Internal => "Internal",
            Self::PasswordProtected => "Password protected",
        }
    }
}

/// What a video is doing; the numbers are PeerTube's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// Can be watched.
    Published = 1,
    /// Is being transcoded and waits for the end of it.
    ToTranscode = 2,
    /// A live that has not started, or a permanent one between two streams.
    WaitingForLive = 4,
    /// A live that is over.
    LiveEnded = 5,
}

impl State {
    /// PeerTube's number.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// PeerTube's English label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Published => "Published",
            Self::ToTranscode => "To transcode",
            Self::WaitingForLive => "Waiting for livestream",
            Self::LiveEnded => "Livestream ended",
        }
    }
}

/// Where a remote video comes from, with its actors as their origin describes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The host that owns the video.
    pub host: String,
    /// Its channel there.
    pub channel: ChannelSpec,
    /// The account that owns the channel.
    pub account: AccountSpec,
}

/// One video of one host. Times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoSpec {
    /// The number on its host, from 1.
    pub id: u32,
    /// The identifier in the whole fediverse.
    pub uuid: Uuid,
    /// Index in [`super::HostSpec::channels`]; meaningless when `origin` is set.
    pub channel: u32,
    /// Set for a remote video that the host lists without owning it.
    pub origin: Option<Box<Origin>>,
    /// The title.
    pub name: String,
    /// An invented word that stands in the title and nowhere else; videos added at run time have one.
    pub title_word: Option<String>,
    /// The whole description; listings cut it to 250 UTF-16 units.
    pub description: Option<String>,
    /// An invented word that stands in the description beyond the cut and nowhere else.
    pub late_word: Option<String>,
    /// How to support the author.
    pub support: Option<String>,
    /// At most five, sorted.
    pub tags: Vec<String>,
    /// PeerTube's language id.
    pub language: Option<&'static str>,
    /// PeerTube's category number.
    pub category: Option<u8>,
    /// PeerTube's licence number.
    pub licence: Option<u8>,
    /// Who may see it.
    pub privacy: Privacy,
    /// What it is doing.
    pub state: State,
    /// Whether a moderator blocked it.
    pub blocked: bool,
    /// When a private video will become public.
    pub scheduled_at: Option<i64>,
    /// Not safe for work.
    pub nsfw: bool,
    /// PeerTube 7.2: 1 violent, 2 explicit.
    pub nsfw_flags: u8,
    /// PeerTube 7.2: what viewers are warned of.
    pub nsfw_summary: Option<String>,
    /// Whether it is a live.
    pub is_live: bool,
    /// Whether the live can start again after it ended.
    pub permanent_live: bool,
    /// Seconds; 0 for a live.
    pub duration: u32,
    /// Width divided by height.
    pub aspect_ratio: f64,
    /// Views so far.
    pub views: u32,
    /// Viewers now.
    pub viewers: u32,
    /// Likes so far.
    pub likes: u32,
    /// Dislikes so far.
    pub dislikes: u32,
    /// Comments so far.
    pub comments: u32,
    /// When it was created on its host.
    pub created_at: i64,
    /// When anything last changed, counters included.
    pub updated_at: i64,
    /// When it became public.
    pub published_at: i64,
    /// When it was first published elsewhere.
    pub originally_published_at: Option<i64>,
    /// How often the picture was replaced.
    pub picture_revision: u8,
}

impl VideoSpec {
    /// Returns whether an anonymous listing of its host shows the video: public, published and not blocked.
    pub fn is_listed(&self) -> bool {
        self.privacy == Privacy::Public && self.state == State::Published && !self.blocked
    }

    /// Returns whether the host owns the video.
    pub fn is_local(&self) -> bool {
        self.origin.is_none()
    }

    /// Returns the description as listings give it: at most 250 UTF-16 units, the last three being `...` when cut.
    pub fn truncated_description(&self) -> Option<String> {
        self.description.as_deref().map(truncate)
    }
}

/// The length PeerTube cuts descriptions to in listings, in UTF-16 units.
const TRUNCATED_UNITS: usize = 250;

fn truncate(text: &str) -> String {
    if text.encode_utf16().count() <= TRUNCATED_UNITS {
        return text.to_owned();
    }
    let mut units = 0;
    let mut cut = String::with_capacity(TRUNCATED_UNITS);
    for character in text.chars() {
        units += character.len_utf16();
        if units > TRUNCATED_UNITS - 3 {
            break;
        }
        cut.push(character);
    }
    cut.push_str("...");
    cut
}

/// Returns the short form of a uuid: base 58 in Flickr's alphabet, 22 characters, as PeerTube's `/w/` links use it.
pub fn short_uuid(uuid: Uuid) -> String {
    let mut number = uuid.as_u128();
    let mut digits = [SHORT_ALPHABET[0]; 22];
    for digit in digits.iter_mut().rev() {
        *digit = SHORT_ALPHABET.get((number % 58) as usize).copied().unwrap_or_default();
        number /= 58;
    }
    digits.iter().map(|&byte| char::from(byte)).collect()
}

/// Returns the uuid of a short form, or `None` when `text` is not one.
pub fn expand_short_uuid(text: &str) -> Option<Uuid> {
    if text.len() != 22 {
        return None;
    }
    let mut number: u128 = 0;
    for byte in text.bytes() {
        let digit = SHORT_ALPHABET.iter().position(|&letter| letter == byte)?;
        number = number.checked_mul(58)?.checked_add(digit as u128)?;
    }
    Some(Uuid::from_u128(number))
}

const SHORT_ALPHABET: &[u8; 58] = b"123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_uuids_are_those_of_a_real_server() {
        // Both pairs are from the recorded answers of PeerTube 6.3.0.
        for (long, short) in [
            ("81476197-83de-47e1-8cfd-c4c819b6f393", "gXUyJF5jtTSGmQZfuRvhxV"),
            ("06fd3128-e273-4d70-b8f9-5344d8c95fb7", "1S4fywExZURihH6mpY1gxV"),
        ] {
            let uuid: Uuid = long.parse().unwrap();
            assert_eq!(short_uuid(uuid), short);
            assert_eq!(expand_short_uuid(short), Some(uuid));
        }
        assert_eq!(expand_short_uuid("0000000000000000000000"), None);
        assert_eq!(expand_short_uuid("short"), None);
        assert_eq!(expand_short_uuid("ZZZZZZZZZZZZZZZZZZZZZZ"), None);
    }

    #[test]
    fn descriptions_are_cut_to_250_utf16_units() {
        assert_eq!(truncate(&"a".repeat(250)), "a".repeat(250));
        assert_eq!(truncate(&"a".repeat(251)), format!("{}...", "a".repeat(247)));
        // A character outside the basic plane takes two units and is never halved.
        assert_eq!(truncate(&"🌲".repeat(126)), format!("{}...", "🌲".repeat(123)));
    }
}

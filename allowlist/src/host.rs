//! The only way to name an instance.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

/// Longest name accepted, in bytes of its ASCII form (RFC 1035, section 2.3.4, without the final dot).
const MAX_NAME_BYTES: usize = 253;

/// Longest label accepted, in bytes of its ASCII form (RFC 1035, section 2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// The port that a host name without one stands for.
const DEFAULT_PORT: u16 = 443;

/// Names that never belong to a public instance: special use (RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476)
/// or private by habit (`.lan`, `.home`, `.corp`, `.i2p`). Matched as the last label or labels.
const PRIVATE_SUFFIXES: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "onion",
    "i2p",
    "invalid",
    "alt",
];

/// The normalised name of an instance: lower case, IDNA in its ASCII form, with a port only when it is not 443.
///
/// Two spellings of one instance are one `Host`, so it can be a key. A `Host` is never an address literal, a
/// single label or a name of a private network; whether its name *resolves* to a public address is checked at each
/// connection, by the crawler.
///
/// ```
/// use allowlist::Host;
/// let host: Host = "Bücher.Example.".parse()?;
/// assert_eq!(host.as_str(), "xn--bcher-kva.example");
/// assert_eq!(host.to_unicode(), "bücher.example");
/// assert_eq!("tube.example:443".parse::<Host>()?, "tube.example".parse()?);
/// # Ok::<(), allowlist::HostError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host {
    /// The canonical text, `name` or `name:port`.
    text: String,
    /// Length of the name within `text`, in bytes.
    name_bytes: usize,
}

/// Why a text is not the name of an instance. Each message names the part and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing was given.
    #[error("a host is missing; write a name such as `tube.example`")]
    Empty,
    /// The text is a URL or carries a part of one.
    #[error("`{host}` holds {part}; write the host alone, such as `tube.example`")]
    NotAlone {
        /// The text as given, escaped.
        host: String,
        /// The part that does not belong there.
        part: &'static str,
    },
    /// A character that no host name has.
    #[error("`{host}` holds {character}, which no host name may hold")]
    Character {
        /// The text as given, escaped.
        host: String,
        /// The character, by its code point.
        character: String,
    },
    /// An address in any of the spellings that a URL parser accepts.
    #[error("`{host}` is an address; instances are listed by name")]
    AddressLiteral {
        /// The text as given, escaped.
        host: String,
    },
    /// No dot: such a name means something else on every network.
    #[error("`{host}` is a single label; write the full name, such as `{host}.example`")]
    SingleLabel {
        /// The text as given, escaped.
        host: String,
    },
    /// A suffix that is not part of the public name space.
    #[error("`{host}` ends in `.{suffix}`, which is not a public name")]
    PrivateName {
        /// The text as given, escaped.
        host: String,
        /// The suffix that refused it.
        suffix: &'static str,
    },
    /// Not a valid internationalised name (UTS #46, strict; or a label that only hides plain ASCII).
    #[error("`{host}` is not a valid domain name")]
    InvalidName {
        /// The text as given, escaped.
        host: String,
    },
    /// The port is not a number from 1 to 65535 in its shortest form.
    #[error("`{port}` of `{host}` is not a port; write a number from 1 to 65535")]
    Port {
        /// The text as given, escaped.
        host: String,
        /// What stood after the colon, escaped.
        port: String,
    },
}

impl Host {
    /// Parses and normalises a name such as `Tube.Example`, `bücher.example` or `tube.example:8443`.
    ///
    /// One final dot is dropped, and so is the port 443.
    ///
    /// # Errors
    /// A [`HostError`] that names the offending part. White space is not trimmed.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        refuse_url_parts(text)?;
        let (name, port) = split_port(text)?;
        let name = normalise_name(text, name)?;
        let name_bytes = name.len();
        let text = match port {
            Some(port) if port != DEFAULT_PORT => format!("{name}:{port}"),
            _ => name,
        };
        Ok(Self { text, name_bytes })
    }

    /// The canonical form: `name`, or `name:port` when the port is not 443.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The ASCII name without a port.
    pub fn name(&self) -> &str {
        self.text.get(..self.name_bytes).unwrap_or(&self.text)
    }

    /// The port, 443 when the canonical form names none.
    pub fn port(&self) -> u16 {
        self.text.get(self.name_bytes + 1..).and_then(|port| port.parse().ok()).unwrap_or(DEFAULT_PORT)
    }

    /// Whether the canonical form names a port.
    pub fn has_port(&self) -> bool {
        self.name_bytes < self.text.len()
    }

    /// The name in Unicode, for display only; the port is kept.
    pub fn to_unicode(&self) -> String {
        let (name, _) = idna::domain_to_unicode(self.name());
        if self.has_port() { format!("{name}:{}", self.port()) } else { name }
    }

    /// Whether a label mixes scripts that no language mixes, such as Latin with one Cyrillic letter (UTS #39,
    /// "Single Script").
    pub fn mixes_scripts(&self) -> bool {
        let (name, _) = idna::domain_to_unicode(self.name());
        name.split('.').any(|label| !label.is_single_script())
    }

    /// Whether people would take this name for that of another instance (UTS #39, "Confusable Detection"). False for
    /// the same host.
    pub fn resembles(&self, other: &Self) -> bool {
        self.name() != other.name() && self.skeleton() == other.skeleton()
    }

    /// What names that look the same have in common (UTS #39, "Confusable Detection"): for comparison only, no name itself.
    pub fn skeleton(&self) -> String {
        let (name, _) = idna::domain_to_unicode(self.name());
        skeleton(&name).collect()
    }

    /// Whether `text` names this instance, in any spelling.
    pub fn matches(&self, text: &str) -> bool {
        self.text == text || Self::parse(text).is_ok_and(|other| other == *self)
    }
}

/// Refuses what a URL has beside a host, and names it.
fn refuse_url_parts(text: &str) -> Result<(), HostError> {
    if text.is_empty() {
        return Err(HostError::Empty);
    }
    let shown = escape(text);
    let not_alone = |part| Err(HostError::NotAlone { host: shown.clone(), part });
    if text.contains("://") {
        return not_alone("a scheme");
    }
    for character in text.chars() {
        match character {
            '/' | '\\' => return not_alone("a path"),
            '?' => return not_alone("a query"),
            '#' => return not_alone("a fragment"),
            '@' => return not_alone("a user name"),
            _ if character.is_control() || character.is_whitespace() => {
                let character = format!("U+{:04X}", u32::from(character));
                return Err(HostError::Character { host: shown, character });
            }
            _ => {}
        }
    }
    if text.starts_with('[') || text.matches(':').count() > 1 {
        return Err(HostError::AddressLiteral { host: shown });
    }
    Ok(())
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), HostError> {
    let Some((name, digits)) = text.split_once(':') else {
        return Ok((text, None));
    };
    let is_shortest = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    match digits.parse::<u16>() {
        Ok(port) if is_shortest && port != 0 => Ok((name, Some(port))),
        _ => Err(HostError::Port { host: escape(text), port: escape(digits) }),
    }
}

fn normalise_name(text: &str, name: &str) -> Result<String, HostError> {
    let invalid = || HostError::InvalidName { host: escape(text) };
    let ascii = idna::domain_to_ascii_strict(name)
        .or_else(|_| idna::domain_to_ascii_strict(name.strip_suffix('.').unwrap_or(name)))
        .map_err(|_| invalid())?;
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii).to_ascii_lowercase();
    let is_name_character = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if ascii.is_empty() || ascii.len() > MAX_NAME_BYTES || !ascii.bytes().all(is_name_character) {
        return Err(invalid());
    }
    for label in ascii.split('.') {
        if label.is_empty() || label.len() > MAX_LABEL_BYTES || label.starts_with('-') || label.ends_with('-') {
            return Err(invalid());
        }
        // A label such as `xn--example-` that decodes to plain ASCII would be a second key for one name
        // (RUSTSEC-2024-0421).
        if label.starts_with("xn--") {
            let (unicode, decoded) = idna::domain_to_unicode(label);
            if decoded.is_err() || unicode.is_ascii() {
                return Err(invalid());
            }
        }
    }
    refuse_special_names(text, &ascii)?;
    Ok(ascii)
}

fn refuse_special_names(text: &str, ascii: &str) -> Result<(), HostError> {
    // A URL parser reads a name whose last label is a number, in decimal, octal or hexadecimal, as an IPv4 address
    // (WHATWG URL, "ends in a number"), so the whole family is refused, `127.1` and `0x7f.1` included.
    let last = ascii.rsplit('.').next().unwrap_or(ascii);
    let is_number = !last.is_empty()
        && (last.bytes().all(|byte| byte.is_ascii_digit())
            || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())));
    if is_number {
        return Err(HostError::AddressLiteral { host: escape(text) });
    }
    for suffix in PRIVATE_SUFFIXES {
        let is_below = ascii.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        if is_below {
            return Err(HostError::PrivateName { host: escape(text), suffix });
        }
    }
    if !ascii.contains('.') {
        return Err(HostError::SingleLabel { host: escape(text) });
    }
    Ok(())
}

/// Makes hostile text safe for a message on one line: control and invisible characters escaped, at most 80 characters.
fn escape(text: &str) -> String {
    const MAX_SHOWN: usize = 80;
    let mut shown = String::new();
    for character in text.chars().take(MAX_SHOWN) {
        if character.is_ascii_graphic() || character.is_alphanumeric() {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    if text.chars().count() > MAX_SHOWN {
        shown.push('…');
    }
    shown
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::parse(text)
    }
}

impl Serialize for Host {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Host {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

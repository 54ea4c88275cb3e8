//! What a rules file names: a list that ships with the program, a file, or an address with a digest.

use std::fmt;
use std::str::FromStr;

use super::shipped;

/// Another file, as an operator names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A list that ships with the program, by its name: `no-adult`.
    Shipped(String),
    /// A file, relative to the one that names it: `base.toml`.
    File(String),
    /// An address with the SHA-256 of what it must answer, so that it cannot change unseen.
    Url {
        /// Without the fragment.
        url: String,
        /// 64 lower-case hexadecimal digits.
        digest: String,
    },
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err("an empty name; write a path, an address, or the name of a list that ships".to_owned());
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return if matches!(scheme, "https" | "http") {
                address(text)
            } else {
                Err(format!("`{text}` is not a web address; write https://…"))
            };
        }
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !text.bytes().all(is_name) {
            return Ok(Self::File(text.to_owned()));
        }
        match shipped::shipped(text) {
            Some(_) => Ok(Self::Shipped(text.to_owned())),
            None => Err(format!(
                "`{text}` is no list that ships; write one of {}, or a path such as `./{text}` or `{text}.toml`",
                shipped::NAMES.join(", ")
            )),
        }
    }
}

fn address(text: &str) -> Result<Reference, String> {
    let Some((url, fragment)) = text.split_once('#') else {
        return Err(format!(
            "`{text}` names no digest, so it could change unseen; write `{text}#sha256-…` with the 64 digits that `sha256sum` \
             prints for the file"
        ));
    };
    let digest = fragment.strip_prefix("sha256-").unwrap_or_default().to_lowercase();
    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(format!("`#{fragment}` is not a digest; write `#sha256-` and 64 hexadecimal digits"));
    }
    Ok(Reference::Url { url: url.to_owned(), digest })
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shipped(name) | Self::File(name) => f.write_str(name),
            Self::Url { url, digest } => write!(f, "{url}#sha256-{digest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_back_as_it_is_written() {
        let digest = "ab".repeat(32);
        let address = format!("https://rules.example/a.toml#sha256-{digest}");
        for (text, expected) in [
            ("no-adult", Reference::Shipped("no-adult".to_owned())),
            ("./no-adult", Reference::File("./no-adult".to_owned())),
            ("lists/base.toml", Reference::File("lists/base.toml".to_owned())),
            (&address, Reference::Url { url: "https://rules.example/a.toml".to_owned(), digest }),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap(), expected);
            assert_eq!(expected.to_string(), text);
        }
    }

    #[test]
    fn a_bad_reference_is_refused_with_a_way_out() {
        for (text, piece) in [
            ("no-adults", "write one of default, no-adult"),
            ("https://rules.example/a.toml", "write `https://rules.example/a.toml#sha256-…`"),
            ("https://rules.example/a.toml#sha256-abc", "64 hexadecimal digits"),
            ("ftp://rules.example/a.toml", "write https://"),
            ("", "an empty name"),
        ] {
            let refused = text.parse::<Reference>().unwrap_err();
            assert!(refused.contains(piece), "{refused}");
        }
    }
}

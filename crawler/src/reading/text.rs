//! Cleans texts and links that strangers wrote. What is left is plain data: escaping is the business of the page
//! that shows it.

use allowlist::Host;
use url::Url;

use super::lenient::Scalar;

/// Longest URL or path kept, in bytes; PeerTube's own limit is 2000 characters.
const MAX_LINK_BYTES: usize = 2000;

/// One line of text: control characters become spaces, ends are trimmed, at most `max_chars` characters. `None`
/// when nothing visible is left.
pub fn line(text: &str, max_chars: usize) -> Option<String> {
    let cleaned: String = text.chars().take(max_chars * 4).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cleaned: String = cleaned.trim().chars().take(max_chars).collect();
    let cleaned = cleaned.trim_end();
    cleaned.chars().any(is_visible).then(|| cleaned.to_owned())
}

/// HTML of at most `max_bytes` bytes, as it was sent but for control characters; cut between two characters. `None` when
/// nothing visible is left.
pub fn html(text: &str, max_bytes: usize) -> Option<String> {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    block(text.get(..end)?, max_bytes)
}

/// Text of several lines: line ends and tabs stay, other control characters go. `None` when nothing visible is left.
pub fn block(text: &str, max_chars: usize) -> Option<String> {
    let keep = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let cleaned: String = text.chars().filter(keep).take(max_chars).collect();
    let cleaned = cleaned.trim();
    cleaned.chars().any(is_visible).then(|| cleaned.to_owned())
}

/// [`line`] of a JSON value; `None` when it is no text.
pub fn line_of(scalar: &Scalar, max_chars: usize) -> Option<String> {
    line(scalar.as_str()?, max_chars)
}

/// [`block`] of a JSON value; `None` when it is no text.
pub fn block_of(scalar: &Scalar, max_chars: usize) -> Option<String> {
    block(scalar.as_str()?, max_chars)
}

/// Whether a character leaves a mark on a screen: neither space nor one of the invisible formatting characters.
fn is_visible(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    );
    !is_invisible && !c.is_whitespace() && !c.is_control()
}

/// Tags: trimmed, at most 30 of 64 characters, each once whatever its case, in the order of the origin.
pub fn tags<'a>(sent: impl Iterator<Item = &'a str>) -> Vec<String> {
    const MAX_TAGS: usize = 30;
    const MAX_TAG_CHARS: usize = 64;
    let mut kept: Vec<String> = Vec::new();
    let mut folded: Vec<String> = Vec::new();
    for tag in sent {
        let Some(tag) = line(tag, MAX_TAG_CHARS) else { continue };
        let key = tag.to_lowercase();
        if !folded.contains(&key) {
            folded.push(key);
            kept.push(tag);
        }
        if kept.len() == MAX_TAGS {
            break;
        }
    }
    kept
}

/// An https URL on the origin host itself, without user name; anything else is dropped.
pub fn origin_link(text: &str, host: &Host) -> Option<String> {
    let url = plain_url(text)?;
    (url.scheme() == "https" && is_on(&url, host)).then(|| url.into())
}

/// An http or https URL of anybody, without user name; anything else is dropped.
pub fn web_link(text: &str) -> Option<String> {
    let url = plain_url(text.trim())?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

/// Whether an http or https URL names another host. Texts that are no such URL name none.
pub fn names_another_host(text: &str, host: &Host) -> bool {
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => !is_on(&url, host),
        _ => false,
    }
}

/// A path below the root of the origin: begins with exactly one slash and holds nothing that a browser would take
/// for another host.
pub fn path(text: &str) -> Option<String> {
    let is_plain =
        text.len() <= MAX_LINK_BYTES && text.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '\\');
    (is_plain && text.starts_with('/') && !text.starts_with("//")).then(|| text.to_owned())
}

fn plain_url(text: &str) -> Option<Url> {
    // The URL parser drops tabs and line ends silently, which is how `java\tscript:` gets past naive checks.
    if text.len() > MAX_LINK_BYTES || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    (url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn is_on(url: &Url, host: &Host) -> bool {
    let Some(url::Host::Domain(name)) = url.host() else { return false };
    match url.port() {
        Some(port) => host.matches(&format!("{name}:{port}")),
        None => host.matches(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_82_only_https_links_on_the_origin_survive() {
        let host: Host = "tube.example".parse().unwrap();
        let dropped = [
            "javascript:alert(1)",
            " java\tscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example/a",
            "https://tube.example@evil.example/",
            "https://evil.example/a.jpg",
            "http://tube.example/a.jpg",
            "https://tube.example:8080/a.jpg",
            "https://user@tube.example/a.jpg",
            "/a.jpg",
            "",
            "https://[::1]/a",
        ];
        for link in dropped {
            assert_eq!(origin_link(link, &host), None, "{link}");
        }
        let kept = "https://tube.example/lazy-static/a.jpg";
        assert_eq!(origin_link(kept, &host).as_deref(), Some(kept));
        for odd in ["//evil.example/a", "/\\evil.example", "a.jpg", "/a b", "javascript:x", ""] {
            assert_eq!(path(odd), None, "{odd}");
        }
        assert!(path("/lazy-static/thumbnails/a.jpg").is_some());
    }

    #[test]
    fn case_84_an_invisible_title_is_no_title() {
        for empty in ["", "  ", "\u{200b}\u{200d}\u{feff}", "\u{202e}\u{202c}", "\u{3164}", "\u{0}\u{7}"] {
            assert_eq!(line(empty, 100), None, "{empty:?}");
        }
        assert_eq!(line(" a\u{0}b\n ", 100).as_deref(), Some("a b"));
        assert_eq!(line("日本語", 2).as_deref(), Some("日本"));
    }

    #[test]
    fn case_85_tags_are_bounded_and_unique() {
        let many: Vec<String> = (0..10_000).map(|n| format!("tag{n}")).collect();
        assert_eq!(tags(many.iter().map(String::as_str)).len(), 30);
        assert_eq!(tags([" Rust", "rust ", "RUST", "", "\u{200b}"].into_iter()), ["Rust"]);
        assert_eq!(tags(["x".repeat(64 << 10).as_str()].into_iter())[0].len(), 64);
    }
}

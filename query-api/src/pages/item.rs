//! A video as the pages show it.

use indexer::stored::StoredVideo;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::grouped;
use crate::search::{Marked, Snippets};

/// What must not stand in a path of ours.
pub(super) const PATH: &AsciiSet =
    &CONTROLS.add(b'/').add(b'?').add(b'#').add(b'%').add(b' ').add(b'"').add(b'<').add(b'>');

/// What must not stand in a value of a query; the slashes of a key may.
const QUERY: &AsciiSet = &PATH.remove(b'/').add(b'&').add(b'+').add(b'=').add(b'\'');

/// Longest title shown, in characters.
pub(super) const MAX_TITLE_CHARS: usize = 160;

/// Longest name shown, in characters.
pub(super) const MAX_NAME_CHARS: usize = 80;

/// Most marks shown on one letter. Vietnamese, Thai and pointed Hebrew need up to four; a tower of them would cover
/// the lines above and below.
const MAX_MARKS: usize = 4;

pub(super) struct VideoItem {
    pub title: String,
    /// Absolute, on the origin; `None` when what the origin gave is no https address.
    pub href: Option<String>,
    pub picture: String,
    pub duration: String,
    pub date_iso: String,
    pub date: String,
    pub channel: String,
    pub host: String,
    /// For the attribute `lang`; empty when unknown.
    pub lang: String,
    pub language: String,
    pub is_nsfw: bool,
    pub nsfw_summary: Option<String>,
    pub is_live: bool,
    pub views: String,
    pub snippet: Vec<Marked>,
    /// Path of the form that reports it.
    pub report: String,
}

impl VideoItem {
    pub fn new(video: StoredVideo, snippets: &Snippets) -> Self {
        let key = format!("{}~{}", video.host, video.uuid.hyphenated());
        let url = video.url();
        let (lang, language) = video.language.clone().unwrap_or_default();
        let is_tag =
            !lang.is_empty() && lang.len() <= 20 && lang.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let description = video.best_description().unwrap_or_default();
        Self {
            title: shortened(&video.name, MAX_TITLE_CHARS),
            href: is_plain_https(&url, &video.host).then_some(url),
            picture: format!("/img/{}/thumbnail", utf8_percent_encode(&key, PATH)),
            duration: duration(video.duration_s),
            date_iso: crate::wire::iso_ms(video.published_at),
            date: video.published_at.strftime("%-d %b %Y").to_string(),
            channel: shortened(video.channel.display_name.as_deref().unwrap_or(&video.channel.name), MAX_NAME_CHARS),
            lang: if is_tag { lang } else { String::new() },
            language: shortened(&language, 40),
            is_nsfw: video.nsfw,
            nsfw_summary: video.nsfw_summary.as_deref().map(|text| shortened(text, MAX_TITLE_CHARS)),
            is_live: video.is_live,
            views: grouped(video.views),
            report: report_path(&video.key()),
            snippet: if description.trim().is_empty() { Vec::new() } else { snippets.excerpt(description.trim()) },
            host: video.host,
        }
    }
}

/// A link leads to the origin of the video and nowhere else, whatever the origin wrote.
pub(crate) fn is_plain_https(url: &str, host: &str) -> bool {
    url::Url::parse(url).is_ok_and(|parsed| {
        let name = parsed.host_str().unwrap_or_default();
        let on = parsed.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        parsed.scheme() == "https" && parsed.username().is_empty() && parsed.password().is_none() && on == host
    })
}

/// Path of the form that reports the document with this key.
pub(super) fn report_path(key: &str) -> String {
    format!("/report?item={}", utf8_percent_encode(key, QUERY))
}

pub(crate) fn shortened(text: &str, max_chars: usize) -> String {
    let mut n_marks = 0;
    let mut chars = text.trim().chars().filter(|&c| {
        n_marks = if is_stacking(c) { n_marks + 1 } else { 0 };
        n_marks <= MAX_MARKS
    });
    let mut short: String = chars.by_ref().take(max_chars).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Whether a character stands above or below the one before it, for the scripts whose marks pile up.
fn is_stacking(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5BD}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{6D6}'..='\u{6DC}' | '\u{E31}' | '\u{E34}'..='\u{E3A}'
        | '\u{E47}'..='\u{E4E}' | '\u{EB1}'..='\u{EBC}' | '\u{EC8}'..='\u{ECE}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// `4:05`, `1:02:03`; empty for a live.
fn duration(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, seconds) {
        (_, 0) => String::new(),
        (0, _) => format!("{minutes}:{rest:02}"),
        _ => format!("{hours}:{minutes:02}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_on_the_origin_is_linked() {
        assert!(is_plain_https("https://tube.example/videos/watch/1", "tube.example"));
        assert!(is_plain_https("https://tube.example:8443/w/1", "tube.example:8443"));
        for url in [
            "javascript:alert(1)",
            " java\tscript:alert(1)",
            "data:text/html,x",
            "http://tube.example/w/1",
            "//tube.example/w/1",
            "https://evil.example/w/1",
            "https://tube.example@evil.example/",
            "https://a:b@tube.example/",
            "https://tube.example:1/",
        ] {
            assert!(!is_plain_https(url, "tube.example"), "{url}");
        }
    }

    #[test]
    fn marks_do_not_pile_up_and_long_text_ends() {
        let tower = format!("a{}b", "\u{301}".repeat(30));
        assert_eq!(shortened(&tower, 160), "a\u{301}\u{301}\u{301}\u{301}b");
        assert_eq!(shortened(&format!("ก{}", "\u{e47}".repeat(30)), 160).chars().count(), 5);
        for whole in ["Việt Nam", "Vie\u{302}\u{323}t", "שָׁלוֹם", "ที่นี่", " a "] {
            assert_eq!(shortened(whole, 160), whole.trim());
        }
        assert_eq!(shortened("abcd", 4), "abcd");
        assert_eq!(shortened("abcde", 4), "abcd…");
    }

    #[test]
    fn durations_read_like_clocks() {
        assert_eq!(duration(0), "");
        assert_eq!(duration(65), "1:05");
        assert_eq!(duration(3_723), "1:02:03");
    }
}

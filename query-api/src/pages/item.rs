//! A video as the pages show it.

use indexer::stored::StoredVideo;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::grouped;
use crate::search::{Marked, Snippets};

/// What must not stand in a path of ours.
const PATH: &AsciiSet = &CONTROLS.add(b'/').add(b'?').add(b'#').add(b'%').add(b' ').add(b'"').add(b'<').add(b'>');

/// Longest title shown, in characters: zalgo and padding end here.
const MAX_TITLE_CHARS: usize = 160;

/// Longest name shown, in characters.
const MAX_NAME_CHARS: usize = 80;

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
            snippet: if description.trim().is_empty() { Vec::new() } else { snippets.excerpt(description.trim()) },
            host: video.host,
        }
    }
}

/// A link leads to the origin of the video and nowhere else, whatever the origin wrote.
fn is_plain_https(url: &str, host: &str) -> bool {
    url::Url::parse(url).is_ok_and(|parsed| {
        let name = parsed.host_str().unwrap_or_default();
        let on = parsed.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        parsed.scheme() == "https" && parsed.username().is_empty() && parsed.password().is_none() && on == host
    })
}

fn shortened(text: &str, max_chars: usize) -> String {
    let clean = text.trim();
    if clean.chars().count() <= max_chars {
        return clean.to_owned();
    }
    clean.chars().take(max_chars).chain(['…']).collect()
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
    fn durations_read_like_clocks() {
        assert_eq!(duration(0), "");
        assert_eq!(duration(65), "1:05");
        assert_eq!(duration(3_723), "1:02:03");
    }
}

//! HTML of strangers: made harmless, and made plain text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::nesting::flatten;

/// Elements that mean something in a description. No pictures: a browser would fetch them from anywhere.
pub(super) const ELEMENTS: [&str; 24] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "u",
    "ul",
];

/// Attributes that mean something, with their elements.
pub(super) const ATTRIBUTES: [(&str, &str); 2] = [("a", "href"), ("abbr", "title")];

/// Elements that stand on lines of their own, so that the words around them are apart.
const BLOCKS: [&str; 13] = ["blockquote", "br", "h1", "h2", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "ul"];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(ELEMENTS))
        .tag_attributes(ATTRIBUTES.map(|(element, attribute)| (element, HashSet::from([attribute]))).into())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer ugc"));
    builder
});

/// Makes HTML harmless: what is left are elements that may stand in any page, without styles and classes, closed and
/// nested as they should be, and links to http and https only, which do not count as recommendations.
pub fn clean_html(html: &str) -> String {
    CLEANER.clean(&flatten(html)).to_string().trim().to_owned()
}

/// The text of HTML that [`clean_html`] made, on one line: block elements separate words, inline elements do not.
pub fn plain_text(clean_html: &str) -> String {
    let mut text = String::with_capacity(clean_html.len());
    let mut rest = clean_html;
    while let Some((before, tag)) = rest.split_once('<') {
        push_text(&mut text, before);
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if BLOCKS.contains(&name) {
            push_space(&mut text);
        }
        rest = after_tag(tag);
    }
    push_text(&mut text, rest);
    text.truncate(text.trim_end().len());
    text
}

/// What follows a tag: its end is the first `>` outside of the quotes of its attributes.
fn after_tag(tag: &str) -> &str {
    let mut is_quoted = false;
    for (at, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return tag.get(at + 1..).unwrap_or_default(),
            _ => {}
        }
    }
    ""
}

/// Adds text with its white space as single spaces.
fn push_text(text: &mut String, escaped: &str) {
    for character in unescape(escaped).chars() {
        if character.is_whitespace() {
            push_space(text);
        } else {
            text.push(character);
        }
    }
}

fn push_space(text: &mut String) {
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
}

/// Only these references are written where HTML is serialised.
fn unescape(escaped: &str) -> Cow<'_, str> {
    if !escaped.contains('&') {
        return Cow::Borrowed(escaped);
    }
    let text = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&quot;", "\"");
    Cow::Owned(text.replace("&amp;", "&"))
}

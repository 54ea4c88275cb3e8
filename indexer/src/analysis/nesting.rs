//! HTML of strangers, token by token: known elements, closed in their order, not deep.
//!
//! The cost is that of reading the text once, whatever it is. Building a tree is not: a few kilobytes of elements that
//! nobody closes, or of links within links, make trees of millions of nodes. So trees are built of what is left here.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use super::html::{ATTRIBUTES, ELEMENTS};

/// Elements within elements. Deeper ones are left out, their text stays.
const MAX_DEPTH: usize = 24;

/// Elements that have no content and no end.
const VOID: [&str; 2] = ["br", "hr"];

/// Elements whose beginning ends a paragraph.
const PARAGRAPH_ENDS: [&str; 12] = ["blockquote", "h1", "h2", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "ul"];

/// Elements whose content is no text for readers.
const UNREAD: [&str; 16] = [
    "audio", "canvas", "head", "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea", "video",
];

/// Makes every element of [`ELEMENTS`] one that is closed where it should be, and leaves out all others, keeping their text
/// unless it is for machines.
pub(super) fn flatten(html: &str) -> String {
    let tokenizer = Tokenizer::new(Flattener::default(), Default::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    // It stops where a script ends or an encoding is named; nobody waits for either here.
    while !matches!(tokenizer.feed(&input), html5ever::TokenizerResult::Done) {}
    tokenizer.end();
    let mut open = tokenizer.sink.open.take();
    open.close_down_to(0);
    open.html
}

/// Takes tokens.
#[derive(Default)]
struct Flattener {
    open: RefCell<Open>,
}

/// The HTML so far and what is open in it.
#[derive(Default)]
struct Open {
    html: String,
    elements: Vec<&'static str>,
    /// An element whose content is left out, and how many of its name are open within each other.
    unread: Option<(String, usize)>,
}

impl TokenSink for Flattener {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut open = self.open.borrow_mut();
        match token {
            Token::CharacterTokens(text) if open.unread.is_none() => open.push_text(&text),
            Token::TagToken(tag) => {
                open.tag(&tag);
                if tag.kind == TagKind::StartTag {
                    return content_of(&tag.name);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// What may follow the start of an element.
fn content_of(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

impl Open {
    fn tag(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if let Some((unread, depth)) = &mut self.unread {
            if unread == name {
                *depth = if tag.kind == TagKind::StartTag { *depth + 1 } else { *depth - 1 };
            }
            if *depth == 0 {
                self.unread = None;
            }
            return;
        }
        let known = ELEMENTS.into_iter().find(|element| *element == name);
        match (tag.kind, known) {
            (TagKind::StartTag, Some(element)) => self.start(element, tag),
            (TagKind::StartTag, None) if UNREAD.contains(&name) && !tag.self_closing => {
                self.unread = Some((name.to_owned(), 1));
            }
            (TagKind::EndTag, Some(element)) => self.end(element),
            // What stood apart in the text stays apart.
            _ => self.push_text(" "),
        }
    }

    fn start(&mut self, element: &'static str, tag: &Tag) {
        if PARAGRAPH_ENDS.contains(&element) {
            self.end("p");
        }
        // A link within a link ends it, and so does an item that follows an item of the same list.
        let last_list = self.elements.iter().rposition(|open| matches!(*open, "ol" | "ul"));
        match (element, self.elements.iter().rposition(|open| *open == element)) {
            ("a", Some(at)) => self.close_down_to(at),
            ("li", Some(at)) if last_list.is_none_or(|list| list < at) => self.close_down_to(at),
            _ => {}
        }
        let is_void = VOID.contains(&element);
        if !is_void && self.elements.len() >= MAX_DEPTH {
            return;
        }
        self.html.push('<');
        self.html.push_str(element);
        for attribute in &tag.attrs {
            let name = &*attribute.name.local;
            if ATTRIBUTES.contains(&(element, name)) {
                self.html.push(' ');
                self.html.push_str(name);
                self.html.push_str("=\"");
                self.push_text(&attribute.value);
                self.html.push('"');
            }
        }
        self.html.push('>');
        if !is_void {
            self.elements.push(element);
        }
    }

    /// Closes the innermost element of this name and all within it. An end without a start is nothing.
    fn end(&mut self, element: &str) {
        if let Some(at) = self.elements.iter().rposition(|open| *open == element) {
            self.close_down_to(at);
        }
    }

    fn close_down_to(&mut self, n_open: usize) {
        while self.elements.len() > n_open
            && let Some(element) = self.elements.pop()
        {
            self.html.push_str("</");
            self.html.push_str(element);
            self.html.push('>');
        }
    }

    fn push_text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.html.push_str("&amp;"),
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                '"' => self.html.push_str("&quot;"),
                character => self.html.push(character),
            }
        }
    }
}

//! Lines of a calendar: names, parameters and values, folded, so that no value can be anything else.

use url::Url;

/// Most bytes of a line without its end.
const MAX_LINE_BYTES: usize = 75;

/// The lines of a calendar or of a part of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    text: String,
}

impl Lines {
    /// Adds a line. Name, parameters and value must be of our own making: letters, digits and signs without meaning.
    pub fn push(&mut self, name: &str, params: &[(&str, &str)], value: &str) {
        let mut line = String::from(name);
        for (param, value) in params {
            line.extend([";", param, "=", value]);
        }
        line.push(':');
        line.push_str(value);
        self.fold(&line);
    }

    /// Adds a line with any text.
    pub fn push_text(&mut self, name: &str, value: &str) {
        self.push(name, &[], &escaped(value));
    }

    /// Adds a line with several texts.
    pub fn push_texts<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) {
        let values: Vec<String> = values.map(escaped).filter(|value| !value.is_empty()).collect();
        if !values.is_empty() {
            self.push(name, &[], &values.join(","));
        }
    }

    /// Adds a line with an address of the web; nothing for any other text. A parsed address holds no byte that ends a line.
    pub fn push_address(&mut self, name: &str, params: &[(&str, &str)], address: &str) {
        if let Some(url) = web_address(address) {
            self.push(name, params, url.as_str());
        }
    }

    /// Adds the lines of a part.
    pub fn append(&mut self, part: Self) {
        self.text.push_str(&part.text);
    }

    pub fn into_text(self) -> String {
        self.text
    }

    /// Cuts between characters, never inside one: a part of a character is no text.
    fn fold(&mut self, line: &str) {
        let mut rest = line;
        let mut n_free = MAX_LINE_BYTES;
        while rest.len() > n_free {
            let mut end = n_free;
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let (part, left) = rest.split_at(end);
            self.text.push_str(part);
            self.text.push_str("\r\n ");
            rest = left;
            n_free = MAX_LINE_BYTES - 1;
        }
        self.text.push_str(rest);
        self.text.push_str("\r\n");
    }
}

/// An absolute `http` or `https` address.
pub(super) fn web_address(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// Text as a value: every way to break a line is the one that calendars know, other controls are left out, and signs with a
/// meaning lose it.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 8);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' | ';' | ',' => value.extend(['\\', character]),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => value.push_str("\\n"),
            '\t' => value.push(' '),
            character if character.is_control() => {}
            character => value.push(character),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(value: &str) -> String {
        let mut lines = Lines::default();
        lines.push_text("SUMMARY", value);
        lines.into_text()
    }

    /// As RFC 5545, 3.1, says.
    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "").replace("\r\n\t", "")
    }

    // case 138
    #[test]
    fn no_text_ends_a_line_or_a_value() {
        let rows = [
            ("a\r\nATTACH:https://evil.example/", "SUMMARY:a\\nATTACH:https://evil.example/"),
            ("a\rb\nc\r\r\nd", "SUMMARY:a\\nb\\nc\\n\\nd"),
            ("a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f", "SUMMARY:a\\nb\\nc\\nd\\ne\\nf"),
            ("a;b,c\\d\\n", "SUMMARY:a\\;b\\,c\\\\d\\\\n"),
            ("a\u{0}b\u{1b}[31m\u{7f}c\u{9b}d\te", "SUMMARY:ab[31mcd e"),
            ("END:VEVENT", "SUMMARY:END:VEVENT"),
            ("\"quoted\" ]]> <b>", "SUMMARY:\"quoted\" ]]> <b>"),
            ("", "SUMMARY:"),
        ];
        for (text, expected) in rows {
            assert_eq!(line(text), format!("{expected}\r\n"), "{text:?}");
        }
    }

    // case 138
    #[test]
    fn lines_are_folded_between_characters() {
        for (text, n_chars) in [("é", 1000), ("日本", 400), ("👩‍👩‍👧", 100), ("a", 66), ("a", 67), ("a", 68), ("a", 5000)]
        {
            let text = text.repeat(n_chars);
            let folded = line(&text);
            assert!(folded.split("\r\n").all(|line| line.len() <= MAX_LINE_BYTES), "{folded}");
            assert_eq!(unfolded(&folded), format!("SUMMARY:{text}\r\n"));
        }
        // 8 bytes of name and 67 of value are one line, not two.
        assert_eq!(line(&"a".repeat(67)).matches("\r\n").count(), 1);
        assert_eq!(line(&"a".repeat(68)).matches("\r\n").count(), 2);
    }

    // case 138
    #[test]
    fn an_address_is_an_address_or_nothing() {
        let written = |address: &str| {
            let mut lines = Lines::default();
            lines.push_address("URL", &[], address);
            lines.into_text()
        };
        assert_eq!(written("https://a.example/é?x=1;2,3"), "URL:https://a.example/%C3%A9?x=1;2,3\r\n");
        assert_eq!(written("https://a.example/\r\nATTACH:x"), "URL:https://a.example/ATTACH:x\r\n");
        for address in ["javascript:alert(1)", "", "data:text/html,x", "/events/1", "https://", "ftp://a.example/"] {
            assert_eq!(written(address), "", "{address}");
        }
    }

    proptest! {
        // case 138
        #[test]
        fn any_text_is_one_value(text in any::<String>()) {
            let folded = line(&text);
            prop_assert!(folded.ends_with("\r\n"));
            prop_assert!(folded.split("\r\n").all(|line| line.len() <= MAX_LINE_BYTES));
            let whole = unfolded(&folded);
            prop_assert_eq!(whole.matches(['\r', '\n']).count(), 2);
            prop_assert!(!whole.trim_end_matches("\r\n").contains(char::is_control));
        }
    }
}

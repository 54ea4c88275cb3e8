//! What the commands print. A reader that has seen enough (`vigie instances list | head`) is no fault; a full disk is.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether something could not be printed that somebody waited for.
static WAS_LOST: AtomicBool = AtomicBool::new(false);

/// Prints one line to the standard output.
pub fn line(line: Arguments<'_>) {
    note(writeln!(std::io::stdout(), "{line}"));
}

/// Prints a whole text to the standard output.
pub fn text(text: &[u8]) {
    let mut stdout = std::io::stdout();
    note(stdout.write_all(text).and_then(|()| stdout.flush()));
}

fn note(written: std::io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
        && !WAS_LOST.swap(true, Ordering::Relaxed)
    {
        eprintln!("vigie: printing: {error}");
    }
}

/// Whether everything was printed that somebody waited for.
pub fn is_whole() -> bool {
    !WAS_LOST.load(Ordering::Relaxed)
}

/// Prints one line to the standard output, as `println!` does, and lets its reader go.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::line(format_args!($($text)*)) };
}
pub(crate) use say;

/// A text of somebody else on one line of a terminal: what would move the cursor or turn the line around is escaped.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        // Zero-width spaces and marks, and everything that embeds, overrides or isolates a direction of writing.
        let is_hidden = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        match character {
            _ if character.is_control() || is_hidden => plain.extend(character.escape_unicode()),
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    // case 158
    #[test]
    fn what_others_wrote_stays_on_its_line() {
        assert_eq!(plain("Ünï 日本 café"), "Ünï 日本 café");
        assert_eq!(plain("a\n\u{1b}[2Jb\u{202e}c"), "a\\u{a}\\u{1b}[2Jb\\u{202e}c");
    }
}

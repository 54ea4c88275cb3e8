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

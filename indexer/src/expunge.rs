//! Asking the writer of the index to take what was deleted out of the files themselves.
//!
//! A deleted document is gone from every answer at once, but its bytes stay in its segment until a merge rewrites it. Where
//! somebody asked to be forgotten that is not enough. The wish is a file beside the generations, so that it reaches whichever
//! process writes the index, now or later.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use journal::Offset;

use crate::durable;
use crate::error::Error;
use crate::layout::Layout;

/// Asks for it, once the index has come to `through`. One that was asked for before, and further, stays.
///
/// # Errors
/// [`Error::Io`].
pub fn request(index_dir: &Path, through: Offset) -> Result<(), Error> {
    let through = requested(index_dir).map_or(through, |before| before.max(through));
    let path = Layout::new(index_dir).expunge();
    durable::replace(&path, through.to_string().as_bytes()).map_err(Error::io("writing", path))
}

/// The offset of the wish that waits; `None` when none does.
pub fn requested(index_dir: &Path) -> Option<Offset> {
    // What cannot be read as a number asks for whatever there is: rewriting once too often does no harm.
    let text = fs::read_to_string(Layout::new(index_dir).expunge()).ok()?;
    Some(text.trim().parse().map_or(Offset::ZERO, Offset))
}

/// Notes that it was done.
pub(crate) fn done(index_dir: &Path) -> Result<(), Error> {
    let path = Layout::new(index_dir).expunge();
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("removing", path)(error)),
        _ => Ok(()),
    }
}

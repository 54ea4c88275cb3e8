//! What can go wrong with the journal.
/// A failure of the journal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The writer thread has ended.
    #[error("the journal's writer has stopped")]
    WriterGone,
}

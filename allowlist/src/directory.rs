//! Remote directories.

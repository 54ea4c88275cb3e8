//! Instance lists.

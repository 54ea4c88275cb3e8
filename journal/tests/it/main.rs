//! Behaviour of the journal, one claim a file. One binary, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a failure here is the test failing")]

mod append_and_read;
mod damage;
mod erasure;
mod many_readers_one_writer;
mod samples;

//! Behaviour of the allowlist, one claim a file.
#![expect(clippy::panic, reason = "a failure here is the test failing")]

mod host_identity;

//! Dates that strangers sent.

use jiff::{SignedDuration, Timestamp};

use super::lenient::Scalar;

/// A date of the origin's own clock: not before the web's video age, and never after `now`, so that a date in the
/// future pins nothing to the top.
pub fn date(scalar: &Scalar, now: Timestamp) -> Option<Timestamp> {
    const FIRST: Timestamp = Timestamp::constant(631_152_000, 0); // 1990-01-01
    let at: Timestamp = scalar.as_str()?.trim().parse().ok()?;
    (at >= FIRST).then_some(at.min(now))
}

/// A date that a person typed: any time since film exists, not after tomorrow.
pub fn original_date(scalar: &Scalar, now: Timestamp) -> Option<Timestamp> {
    const FIRST: Timestamp = Timestamp::constant(-2_524_521_600, 0); // 1890-01-01
    let at: Timestamp = scalar.as_str()?.trim().parse().ok()?;
    let last = now.checked_add(SignedDuration::from_hours(24)).unwrap_or(now);
    (FIRST..=last).contains(&at).then_some(at)
}

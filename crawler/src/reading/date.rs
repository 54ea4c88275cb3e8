//! Dates that strangers sent.

use jiff::{SignedDuration, Timestamp};

use super::lenient::Scalar;

/// The first date that is believed, and what is made of those that no clock shows: 1990-01-01.
pub const FIRST: Timestamp = Timestamp::constant(631_152_000, 0);

/// A date of the origin's own clock: not before the web's video age, and never after `now`, so that a date in the
/// future pins nothing to the top. One of more than a day ahead is no clock's and becomes [`FIRST`]: cut to `now` it would
/// be another one each time, and the video new for ever.
pub fn date(scalar: &Scalar, now: Timestamp) -> Option<Timestamp> {
    let at: Timestamp = scalar.as_str()?.trim().parse().ok()?;
    let last = now.checked_add(SignedDuration::from_hours(24)).unwrap_or(now);
    (at >= FIRST).then_some(if at <= last { at.min(now) } else { FIRST })
}

/// A date that a person typed: any time since film exists, not after tomorrow.
pub fn original_date(scalar: &Scalar, now: Timestamp) -> Option<Timestamp> {
    const FIRST: Timestamp = Timestamp::constant(-2_524_521_600, 0); // 1890-01-01
    let at: Timestamp = scalar.as_str()?.trim().parse().ok()?;
    let last = now.checked_add(SignedDuration::from_hours(24)).unwrap_or(now);
    (FIRST..=last).contains(&at).then_some(at)
}

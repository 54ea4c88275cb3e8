//! When the detail of a video is looked at again: there is no listing by time of change, so every video has its turn.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// A video published for less than this is looked at often.
const RECENT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Longest time between two looks at the detail of a recent or popular video.
const OFTEN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Longest time between two looks at the detail of any other.
const SELDOM: SignedDuration = SignedDuration::from_hours(28 * 24);

/// What the rotation looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The video.
    pub uuid: Uuid,
    /// When it was published, Unix milliseconds.
    pub published_ms: i64,
    /// Views counted by the origin.
    pub views: u64,
}

/// When the detail of a video that was read at `read_ms` is due again, Unix milliseconds.
///
/// - `popular_views`: views that make a video one of the most viewed of its host.
pub fn due_after(subject: Subject, read_ms: i64, popular_views: u64, now: Timestamp) -> i64 {
    let is_recent = now.as_millisecond().saturating_sub(subject.published_ms) < ms(RECENT);
    let interval = if is_recent || subject.views >= popular_views { OFTEN } else { SELDOM };
    read_ms.saturating_add(spread(interval, subject.uuid))
}

/// When a video is due whose `updatedAt` has moved while nothing else did: every view moves it, so it is no reason to
/// hurry.
pub fn due_after_touch(uuid: Uuid, now: Timestamp) -> i64 {
    now.as_millisecond().saturating_add(spread(OFTEN, uuid))
}

/// Up to 15 % less than `interval`, by the id, so that what was read in one hour is not due in one hour.
fn spread(interval: SignedDuration, uuid: Uuid) -> i64 {
    let thousandths = 850 + i64::try_from(uuid.as_u64_pair().1 % 150).unwrap_or(0);
    ms(interval) / 1000 * thousandths
}

fn ms(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn days_until_due(n: u128, age_days: i64, views: u64) -> f64 {
        let published = now().as_millisecond() - age_days * 86_400_000;
        let subject = Subject { uuid: Uuid::from_u128(n), published_ms: published, views };
        let due = due_after(subject, now().as_millisecond(), 500, now());
        (due - now().as_millisecond()) as f64 / 86_400_000.0
    }

    #[test]
    fn every_video_has_its_turn_within_its_bound() {
        let mut distinct = std::collections::BTreeSet::new();
        for n in 0..1000 {
            let (recent, popular, other) =
                (days_until_due(n, 29, 0), days_until_due(n, 3000, 500), days_until_due(n, 31, 499));
            assert!((5.9..=7.0).contains(&recent) && (5.9..=7.0).contains(&popular), "{recent} {popular}");
            assert!((23.7..=28.0).contains(&other), "{other}");
            let touched = due_after_touch(Uuid::from_u128(n), now()) - now().as_millisecond();
            assert!(touched <= 7 * 86_400_000);
            distinct.insert(other.to_bits());
        }
        assert!(distinct.len() > 100, "they are spread out");
    }
}

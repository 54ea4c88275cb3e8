//! How popularity and age bend a relevance score: gently, and within bounds (docs/ranking.md).

/// Added to the factor for each doubling of the views, of the followers of a channel or of the length of a playlist.
const POPULARITY_WEIGHT: f32 = 0.05;

/// Most that popularity can add: a million views and a billion count alike.
const MAX_POPULARITY_BONUS: f32 = 1.0;

/// What a video published this very moment gains, or a channel or playlist that changed; halved at one year. An event that
/// goes on gains it too; for one to come it is halved at one month, and one that is over has none.
const RECENCY_BONUS: f32 = 0.25;

/// The factor of a video in a language that the visitor did not ask for, as SepiaSearch had it.
pub(super) const OTHER_LANGUAGE_FACTOR: f32 = 0.5;

/// The greatest factor there is: a document whose bare score is this much below the last result needs no look-up.
pub(super) const MAX_FACTOR: f32 = 1.0 + MAX_POPULARITY_BONUS + RECENCY_BONUS;

const YEAR_MS: f32 = 365.25 * 24.0 * 3600.0 * 1000.0;
const MONTH_MS: f32 = YEAR_MS / 12.0;
const DAY_MS: f32 = 24.0 * 3600.0 * 1000.0;

/// The factor of a document of this popularity, published or changed `age_ms` before the generation. A date in the future counts as now,
/// so a wrong clock wins nothing.
#[inline]
pub(super) fn factor(popularity: u64, age_ms: i64) -> f32 {
    let bonus = (POPULARITY_WEIGHT * approximate_log2(popularity.saturating_add(1))).min(MAX_POPULARITY_BONUS);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds do not matter over years")]
    let years = age_ms.max(0) as f32 / YEAR_MS;
    1.0 + bonus + RECENCY_BONUS / (1.0 + years)
}

/// The factor of an event of this many participants that starts in `starts_in_ms`, negative for one that goes on; `None`
/// for one that is over.
#[inline]
pub(super) fn event_factor(n_participants: u64, starts_in_ms: Option<i64>) -> f32 {
    let bonus = (POPULARITY_WEIGHT * approximate_log2(n_participants.saturating_add(1))).min(MAX_POPULARITY_BONUS);
    let Some(starts_in_ms) = starts_in_ms else {
        return 1.0 + bonus;
    };
    #[expect(clippy::cast_precision_loss, reason = "milliseconds do not matter over months")]
    let months = starts_in_ms.max(0) as f32 / MONTH_MS;
    1.0 + bonus + RECENCY_BONUS / (1.0 + months)
}

/// Days between the time looked at and the start of an event that halve its share of time.
const HALF_TIME_DAYS: f32 = 7.0;

/// Distance that halves the share of nearness, in metres.
const HALF_DISTANCE_M: f64 = 25_000.0;

/// An event that is nowhere counts as this far away where distances count.
const NOWHERE_M: f64 = 100_000.0;

/// What the most distant event keeps of its score, in time or space: good words still find it.
const LEAST_SHARE: f32 = 0.1;

/// The factor of an event of this many participants that starts `away_ms` after the time looked at, or before it, for
/// who looks for something to do; `distance_m` is `None` where no place was named, and `Some(None)` for an event without one.
#[inline]
pub(super) fn discovery_factor(n_participants: u64, away_ms: i64, distance_m: Option<Option<f64>>) -> f32 {
    let bonus = (POPULARITY_WEIGHT * approximate_log2(n_participants.saturating_add(1))).min(MAX_POPULARITY_BONUS);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds do not matter over days")]
    let days = away_ms.unsigned_abs() as f32 / DAY_MS;
    let time = 1.0 / (1.0 + days / HALF_TIME_DAYS);
    let nearness = distance_m.map_or(1.0, |distance| {
        #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
        let share = (1.0 / (1.0 + distance.unwrap_or(NOWHERE_M) / HALF_DISTANCE_M)) as f32;
        share
    });
    (1.0 + bonus) * (LEAST_SHARE + (1.0 - LEAST_SHARE) * time * nearness)
}

/// The binary logarithm, exact at powers of two and linear between them: it is taken for each match, so it must cost
/// next to nothing.
#[inline]
fn approximate_log2(value: u64) -> f32 {
    let whole = value.max(1).ilog2();
    #[expect(clippy::cast_precision_loss, reason = "an approximation by intent")]
    let fraction = value as f32 / (1_u64 << whole) as f32 - 1.0;
    #[expect(clippy::cast_precision_loss, reason = "at most 63")]
    let whole = whole as f32;
    whole + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_grows_with_views_and_falls_with_age_within_its_bounds() {
        let year = 31_557_600_000;
        let mut last = 0.0;
        for views in [0, 1, 10, 1_000, 100_000, 10_000_000, u64::MAX] {
            let now = factor(views, 0);
            assert!(now >= last && (1.0..=MAX_FACTOR).contains(&now), "{views} {now}");
            assert!(factor(views, year) < now);
            assert!(factor(views, i64::MAX) >= 1.0);
            assert!((factor(views, -year) - now).abs() < f32::EPSILON);
            last = now;
        }
    }

    #[test]
    fn the_factor_of_discovery_falls_with_time_and_distance_within_its_bounds() {
        let day = 86_400_000;
        let factors = |others: &[(u64, i64, Option<Option<f64>>)]| -> Vec<f32> {
            others.iter().map(|(n, away, distance)| discovery_factor(*n, *away, *distance)).collect()
        };
        let falling =
            factors(&[(0, 0, None), (0, day, None), (0, -2 * day, None), (0, 60 * day, None), (0, i64::MIN, None)]);
        assert!(falling.is_sorted_by(|nearer, farther| nearer > farther), "{falling:?}");
        let km = |km: f64| Some(Some(km * 1000.0));
        let falling =
            factors(&[(0, 0, km(0.0)), (0, 0, km(5.0)), (0, 0, km(50.0)), (0, 0, Some(None)), (0, 0, km(20_000.0))]);
        assert!(falling.is_sorted_by(|nearer, farther| nearer > farther), "{falling:?}");
        assert!((discovery_factor(0, 7 * day, None) - 0.55).abs() < 1e-3, "a week halves what time gives");
        for n_participants in [0, 1, 100, u64::MAX] {
            for away in [0, day, i64::MAX, i64::MIN] {
                for distance in [None, Some(None), km(0.0), km(20_000.0)] {
                    let factor = discovery_factor(n_participants, away, distance);
                    assert!((LEAST_SHARE..=MAX_FACTOR).contains(&factor), "{factor}");
                }
            }
        }
    }

    #[test]
    fn the_factor_of_an_event_grows_with_participants_and_nearness_within_its_bounds() {
        let day = 86_400_000;
        let mut last = 0.0;
        for n_participants in [0, 1, 10, 1_000, u64::MAX] {
            let now = event_factor(n_participants, Some(0));
            assert!(now > last && (1.0..=MAX_FACTOR).contains(&now), "{n_participants} {now}");
            assert!((event_factor(n_participants, Some(-day)) - now).abs() < f32::EPSILON, "it goes on");
            let others = [Some(day), Some(30 * day), Some(i64::MAX), None].map(|at| event_factor(n_participants, at));
            assert!(
                others.is_sorted_by(|nearer, farther| nearer >= farther) && others.iter().all(|other| *other < now)
            );
            last = now;
        }
    }
}

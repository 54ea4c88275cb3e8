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

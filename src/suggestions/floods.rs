//! Far more of one channel, group or organiser on one day than others ever publish.

use std::collections::HashMap;

use super::owners::Owners;
use super::{Item, N_SAMPLES, Sign, Suggestion};

/// Fewer on one day are never a flood: a festival announces its whole programme at once.
const FLOOR: usize = 50;

/// A flood is so many times what 99 of 100 have at most on a day on which they publish.
const FACTOR: usize = 4;

struct Counted {
    n_records: usize,
    samples: Vec<String>,
}

/// Records by outlet and UTC day of publication.
#[derive(Default)]
pub struct Floods {
    outlets: Owners,
    by_day: HashMap<(usize, i64), Counted>,
}

impl Floods {
    pub(super) fn add(&mut self, item: &Item<'_>) {
        let Some(published_at) = item.published_at else { return };
        let day = published_at.as_second().div_euclid(86_400);
        let outlet = self.outlets.number(&item.outlet);
        let counted = self.by_day.entry((outlet, day)).or_insert(Counted { n_records: 0, samples: Vec::new() });
        counted.n_records += 1;
        if counted.samples.len() < N_SAMPLES {
            counted.samples.push(item.title.to_owned());
        }
    }

    pub(super) fn finish(self) -> Vec<Suggestion> {
        let usual = percentile_99(self.by_day.values().map(|counted| counted.n_records).collect());
        let least = FLOOR.max(usual.saturating_mul(FACTOR));
        let outlets = self.outlets.into_targets();
        let mut worst: HashMap<usize, (i64, Counted)> = HashMap::new();
        for ((outlet, day), counted) in self.by_day {
            if counted.n_records < least {
                continue;
            }
            let n_before = worst.get(&outlet).map_or(0, |(_, before)| before.n_records);
            if counted.n_records > n_before {
                worst.insert(outlet, (day, counted));
            }
        }
        let suggest = |(outlet, (day, counted)): (usize, (i64, Counted))| {
            let date = jiff::Timestamp::from_second(day.saturating_mul(86_400)).ok()?.strftime("%Y-%m-%d").to_string();
            Some(Suggestion {
                sign: Sign::Flood,
                target: outlets.get(&outlet)?.clone(),
                n_records: counted.n_records,
                sentence: format!(
                    "published {} records on {date}; on 99 of 100 days others publish at most {usual}",
                    counted.n_records
                ),
                samples: counted.samples,
            })
        };
        worst.into_iter().filter_map(suggest).collect()
    }
}

/// The least number that at least 99 of 100 do not exceed; 0 of none.
fn percentile_99(mut counts: Vec<usize>) -> usize {
    counts.sort_unstable();
    let at = (counts.len() * 99).div_ceil(100).saturating_sub(1);
    counts.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use allowlist::Host;
    use allowlist::moderation::Target;

    use super::*;

    fn add(floods: &mut Floods, host: &Host, channel: &str, day: i64, n_records: usize) {
        let outlet = Target::Channel(format!("{channel}@{host}"));
        for _ in 0..n_records {
            floods.add(&Item {
                host,
                owner: outlet.clone(),
                outlet: outlet.clone(),
                title: "t",
                description: None,
                published_at: Some(jiff::Timestamp::from_second(day * 86_400 + 5).unwrap()),
                starts_at: None,
            });
        }
    }

    #[test]
    fn a_flood_stands_out_from_what_others_publish() {
        let host: Host = "tube.example".parse().unwrap();
        let mut floods = Floods::default();
        for day in 0..1000 {
            add(&mut floods, &host, "daily", day, 3);
        }
        add(&mut floods, &host, "archive", 7, 49);
        add(&mut floods, &host, "flood", 8, 120);
        add(&mut floods, &host, "flood", 9, 80);
        let found = floods.finish();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].target.to_string().as_str(), found[0].n_records), ("channel:flood@tube.example", 120));
        assert_eq!(
            found[0].sentence,
            "published 120 records on 1970-01-09; on 99 of 100 days others publish at most 3"
        );
    }

    #[test]
    fn where_everybody_publishes_much_nobody_floods() {
        let host: Host = "tube.example".parse().unwrap();
        let mut floods = Floods::default();
        for channel in 0..10 {
            add(&mut floods, &host, &format!("c{channel}"), 3, 100);
        }
        assert!(floods.finish().is_empty());
        assert_eq!(percentile_99((1..=100).collect()), 99);
        assert_eq!(percentile_99(Vec::new()), 0);
    }
}

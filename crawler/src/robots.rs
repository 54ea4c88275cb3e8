//! robots.txt by RFC 9309, read by the `robotxt` crate.
//!
//! `robotxt` 0.7 was preferred to `texting_robots` 0.2: it matches without regular expressions (a rule can cost no more
//! than its length times that of the path), never fails on a file, cuts the file at a line end by itself, normalises
//! percent-encoding on both sides as the RFC wants, and has seen releases this year.

use std::time::Duration;

use robotxt::Robots;

/// The product token that robots.txt files name us by.
pub const TOKEN: &str = "vigie";

/// Most of a file that is kept and parsed, in bytes. RFC 9309 wants at least 500 KiB to be read.
pub const MAX_BYTES: usize = 512 << 10;

/// The rules of one host for us.
#[derive(Clone, Debug)]
pub struct Rules {
    robots: Robots,
}

impl Rules {
    /// Reads a file. Whatever is in it, the result is a set of rules; the part past 500 KiB is ignored.
    pub fn parse(file: &[u8]) -> Self {
        Self { robots: Robots::parse(file, TOKEN) }
    }

    /// Everything is allowed: the host has no such file.
    pub fn allow_all() -> Self {
        Self { robots: Robots::allow_all() }
    }

    /// Whether the path with its query may be requested.
    pub fn is_allowed(&self, path_and_query: &str) -> bool {
        self.robots.is_allowed(path_and_query)
    }

    /// The delay asked for; only values that slow us down count.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.robots.crawl_delay().filter(|delay| !delay.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const LISTING: &str = "/api/v1/videos?isLocal=true&start=0";

    fn allows(file: &str, path: &str) -> bool {
        Rules::parse(file.as_bytes()).is_allowed(path)
    }

    #[test]
    fn case_61_a_disallowed_api_is_not_fetched() {
        let file = "User-agent: *\nDisallow: /api/\n";
        assert!(!allows(file, LISTING));
        assert!(allows(file, "/accounts/anna/outbox?page=1"));
        assert!(allows("User-agent: *\nDisallow:\n", LISTING)); // What PeerTube ships.
    }

    #[test]
    fn case_62_our_own_group_wins_and_the_longest_rule_in_it() {
        let file = "User-agent: *\nDisallow: /\n\nUser-Agent: VIGIE\nDisallow: /api/\nAllow: /api/v1/videos\n";
        assert!(allows(file, LISTING));
        assert!(!allows(file, "/api/v1/config"));
        assert!(allows(file, "/"));
        assert!(!allows("User-agent: vigie\nDisallow: /\nUser-agent: *\nAllow: /\n", LISTING));
        // Allow wins a tie.
        assert!(allows("User-agent: *\nDisallow: /api/\nAllow: /api/\n", LISTING));
        // Another name that only begins like ours is another robot.
        assert!(allows("User-agent: vigiebot\nDisallow: /\n", LISTING));
        // Groups of the same token are one group.
        assert!(!allows("User-agent: vigie\nAllow: /x\n\nUser-agent: vigie\nDisallow: /api\n", LISTING));
    }

    #[test]
    fn case_66_hostile_files_are_read_quickly_and_without_panic() {
        let rows = [
            ("\u{feff}User-agent: *\r\nDisallow: /api/\r\n", false),
            ("User-agent: *\rDisallow: /api/\r", false),
            ("User-agent: *\nDisallow: /*/videos\n", false),
            ("User-agent: *\nDisallow: /api/v1/videos$\n", true),
            ("User-agent: *\nDisallow: *start=0$\n", false),
            ("User-agent: *\nDisallow: /%61pi/\n", false),
            ("User-agent: *\nDisallow: /api/ # not us\n", false),
            ("Disallow: /api/\n", true), // Rules before any group apply to nobody.
            ("", true),
        ];
        for (file, allowed) in rows {
            assert_eq!(allows(file, LISTING), allowed, "{file:?}");
        }
        let _ = Rules::parse(&[0, 255, 254, b'\n', 0, 1, 2, 200]).is_allowed(LISTING);

        let one_line = format!("User-agent: *\nDisallow: /{}", "a*".repeat(4 << 20));
        let many_rules = format!("User-agent: *\n{}", "Disallow: /*a*b*c*d*e*f\n".repeat(100_000));
        let long_path = format!("/api/{}", "abcde".repeat(400));
        for file in [one_line, many_rules] {
            let started = Instant::now();
            let _ = Rules::parse(file.as_bytes()).is_allowed(&long_path);
            // 50 ms is the target of an optimised build; a debug build on a busy machine gets room.
            assert!(started.elapsed() < Duration::from_secs(2), "took {:?}", started.elapsed());
        }
    }

    #[test]
    fn case_68_only_a_crawl_delay_that_is_a_number_counts() {
        let delay =
            |value: &str| Rules::parse(format!("User-agent: *\nCrawl-delay: {value}\n").as_bytes()).crawl_delay();
        assert_eq!(delay("5"), Some(Duration::from_secs(5)));
        assert_eq!(delay("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(delay("3600"), Some(Duration::from_secs(3600)));
        for ignored in ["0", "-1", "NaN", "inf", "ten", ""] {
            assert_eq!(delay(ignored), None, "{ignored}");
        }
    }
}

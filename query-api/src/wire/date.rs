use jiff::Timestamp;

/// `2024-01-31T12:34:56.789Z`: always three decimals, always UTC. NewPipe drops a video whose date is written otherwise.
pub(crate) fn iso_ms(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_decimals_even_of_a_whole_second() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_538_391_166_396, "2018-10-01T10:52:46.396Z"),
            (1_704_067_200_070, "2024-01-01T00:00:00.070Z"),
        ] {
            assert_eq!(iso_ms(Timestamp::from_millisecond(ms).unwrap()), text);
        }
    }
}

//! Times as PeerTube writes them.

/// Writes Unix milliseconds as `2026-01-02T03:04:05.678Z`, always with three decimals.
pub(crate) fn iso(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Now, in Unix milliseconds: for headers, never for generated data.
pub(crate) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_have_three_decimals() {
        assert_eq!(super::iso(1_795_299_452_004), "2026-11-21T22:17:32.004Z");
        assert_eq!(super::iso(0), "1970-01-01T00:00:00.000Z");
    }
}

//! How long an answer asks its client to stay away.

use std::time::{Duration, SystemTime};

use crate::log::Exchange;

/// Returns the wait an answer asks for, counted from its end; `None` for none or for a value that means nothing.
pub(super) fn wait(exchange: &Exchange) -> Option<Duration> {
    let value = exchange.retry_after.as_deref()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let sent = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(exchange.arrived_at_ms).ok()?);
    // Dates have whole seconds: the client may have read it up to a second earlier than it was meant.
    date.duration_since(sent).ok()?.checked_sub(Duration::from_secs(1))
}

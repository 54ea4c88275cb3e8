//! Who is logged in with a browser. Held in memory alone: a restart ends all of them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use allowlist::registry::tokens::digest;

/// How long a session lasts.
pub(super) const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// Sessions at one time; past it the oldest ends.
const MAX_SESSIONS: usize = 500;

/// A session that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// The number of the token that opened it; the session ends with it.
    pub token: u64,
    /// What each of its forms holds.
    pub form_key: String,
    ends: Instant,
    /// What is to be said on the next page.
    notice: Option<String>,
}

/// The sessions, by the digest of their secret.
#[derive(Default)]
pub(super) struct Sessions(HashMap<[u8; 32], Session>);

impl Sessions {
    /// Begins a session.
    pub fn open(&mut self, secret: &str, token: u64, form_key: String, now: Instant) {
        self.0.retain(|_, session| session.ends > now);
        if self.0.len() >= MAX_SESSIONS {
            let oldest = self.0.iter().min_by_key(|(_, session)| session.ends).map(|(digest, _)| *digest);
            oldest.and_then(|digest| self.0.remove(&digest));
        }
        self.0.insert(digest(secret), Session { token, form_key, ends: now + LIFETIME, notice: None });
    }

    /// The session of a secret, if it is under way.
    pub fn find(&self, secret: &str, now: Instant) -> Option<Session> {
        self.0.get(&digest(secret)).filter(|session| session.ends > now).cloned()
    }

    /// Ends a session.
    pub fn close(&mut self, secret: &str) {
        self.0.remove(&digest(secret));
    }

    /// Says something on the next page of a session.
    pub fn note(&mut self, secret: &str, notice: String) {
        if let Some(session) = self.0.get_mut(&digest(secret)) {
            session.notice = Some(notice);
        }
    }

    /// Takes what is to be said.
    pub fn take_notice(&mut self, secret: &str) -> Option<String> {
        self.0.get_mut(&digest(secret)).and_then(|session| session.notice.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_by_time_by_choice_and_by_number() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        sessions.open("a", 1, "key".to_owned(), now);
        assert_eq!(sessions.find("a", now).unwrap().token, 1);
        assert_eq!(sessions.find("b", now), None);
        assert_eq!(sessions.find("", now), None);
        sessions.note("a", "done".to_owned());
        assert_eq!(sessions.take_notice("a").as_deref(), Some("done"));
        assert_eq!(sessions.take_notice("a"), None);
        assert_eq!(sessions.find("a", now + LIFETIME), None);
        sessions.close("a");
        assert_eq!(sessions.find("a", now), None);
        for n in 0..=MAX_SESSIONS {
            sessions.open(&n.to_string(), 1, String::new(), now + Duration::from_millis(n as u64));
        }
        assert_eq!(sessions.0.len(), MAX_SESSIONS);
        assert_eq!(sessions.find("0", now), None);
    }
}

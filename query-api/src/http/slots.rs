//! How many searches run and how many wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::ServeLimits;

/// Turns for searches: some run, some wait a little, the others are told at once to come back.
pub(super) struct Slots {
    running: Arc<Semaphore>,
    n_waiting: AtomicUsize,
    limits: ServeLimits,
}

impl Slots {
    pub fn new(limits: ServeLimits) -> Self {
        Self { running: Arc::new(Semaphore::new(limits.max_running)), n_waiting: AtomicUsize::new(0), limits }
    }

    /// A turn to search; `None` when there are too many already or the wait was too long.
    pub async fn acquire(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() {
            return Some(permit);
        }
        let _place = Place::take(&self.n_waiting, self.limits.max_waiting)?;
        let turn = Arc::clone(&self.running).acquire_owned();
        tokio::time::timeout(self.limits.max_wait, turn).await.ok()?.ok()
    }
}

/// A place in the queue, given back also when the visitor goes away while waiting.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(n_waiting: &'a AtomicUsize, limit: usize) -> Option<Self> {
        n_waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < limit).then_some(n + 1))
            .ok()
            .map(|_| Self(n_waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_full_house_refuses_at_once_and_a_long_wait_ends() {
        let max_wait = Duration::from_millis(50);
        let limits = ServeLimits { max_running: 1, max_waiting: 1, max_wait, ..ServeLimits::default() };
        let slots = Arc::new(Slots::new(limits));
        let running = slots.acquire().await.unwrap();
        let waiting = tokio::spawn({
            let slots = Arc::clone(&slots);
            async move { slots.acquire().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert!(slots.acquire().await.is_none(), "the queue is full");
        assert!(!waiting.is_finished(), "the refusal did not wait");
        assert!(waiting.await.unwrap().is_none(), "waited in vain");
        drop(running);
        assert!(slots.acquire().await.is_some());
        assert_eq!(slots.n_waiting.load(Ordering::SeqCst), 0);
    }
}

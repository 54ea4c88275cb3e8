//! Following the journal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indexer::{Indexer, Options, Snapshot};

use crate::fixture::{Data, count, seen, video, videos};

#[test]
fn new_entries_are_published_soon_and_stopping_is_quick() {
    let data = Data::with(videos(2));
    let options = Options { commit_interval: Duration::from_millis(100), ..Options::default() };
    let stop = AtomicBool::new(false);
    let (dir, journal_path) = (data.index_dir(), data.journal.path().to_owned());
    thread::scope(|scope| {
        let following = scope.spawn(|| {
            let reader = journal::Reader::open(&journal_path).unwrap();
            Indexer::open(&dir, options).unwrap().follow(&reader, &stop, &mut |_| {}).unwrap();
        });
        data.append(vec![seen(video("tube.example", 9, "Nine"))]);
        let deadline = Instant::now() + Duration::from_secs(20);
        while count(&Snapshot::open_current(&dir).unwrap()) < 3 {
            assert!(Instant::now() < deadline, "the entry was not published");
            thread::sleep(Duration::from_millis(10));
        }
        stop.store(true, Ordering::Relaxed);
        let stopped = Instant::now();
        following.join().unwrap();
        assert!(stopped.elapsed() < Duration::from_secs(5));
    });
    data.assert_clean();
}

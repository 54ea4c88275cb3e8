//! A published index: the demo's fediverse, crawled and indexed once by the program, for the tests that serve it under rules of
//! their own.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::Timestamp;
use simulator::{Fediverse, HostSetup, Software};

use crate::rig::{Rig, runtime};

/// What was crawled and what was published of it.
pub struct Published {
    rig: Rig,
    /// Only what somebody who publishes an index hands out: generations, `CURRENT` and what is known of the instances.
    pub index: PathBuf,
}

/// Made once for all tests.
pub static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    // In a place of its own that the next run clears: nothing is dropped at the end of a process.
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("published");
    drop(std::fs::remove_dir_all(&dir));
    std::fs::create_dir_all(&dir).unwrap();
    let runtime = runtime();
    let now = Timestamp::now();
    let hosts = HostSetup::demo(1, now).into_iter().chain(HostSetup::demo_events(1, now));
    let fediverse = runtime.block_on(Fediverse::builder().hosts(hosts).start()).unwrap();
    let kind_of = |name: &str| match fediverse.host(name).unwrap().software() {
        Software::PeerTube => "peertube",
        Software::Mobilizon => "mobilizon",
        Software::Gancio => "gancio",
    };
    let resolve: Vec<_> = fediverse.resolve().into_iter().collect();
    let rig = Rig::of_kinds_in_dir(dir.clone(), &resolve, "5ms", kind_of);
    rig.run(&["crawl", "--once"]);
    rig.run(&["index"]);
    runtime.block_on(fediverse.shutdown());
    let index = dir.join("handed-out");
    copy(&rig.index(), &index);
    Published { rig, index }
});

impl Published {
    /// Everything that was crawled, as the journal has it now.
    pub fn journal(&self) -> PathBuf {
        self.rig.data().join("journal.db")
    }
}

/// Copies what a reader of an index needs; the index being written stays at home.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if ["live", "rebuild", "lock"].iter().any(|own| name == *own) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

//! A fediverse on loopback and the real program on a data directory of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use simulator::Fediverse;

/// Longest wait for something that should happen, on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A data directory and a configuration that knows the simulated hosts.
pub struct Rig {
    /// Removed with the rig.
    _temporary: Option<tempfile::TempDir>,
    dir: PathBuf,
    config: PathBuf,
}

impl Rig {
    /// Writes a configuration for the hosts of `fediverse`, with `min_delay` between two requests to one host.
    pub fn new(fediverse: &Fediverse, min_delay: &str) -> Self {
        Self::with_hosts(&fediverse.resolve().into_iter().collect::<Vec<_>>(), min_delay)
    }

    pub fn with_hosts(hosts: &[(String, SocketAddr)], min_delay: &str) -> Self {
        Self::of_kinds(hosts, min_delay, |_| "peertube")
    }

    /// With hosts of any kinds, by their names as in a list.
    pub fn of_kinds(hosts: &[(String, SocketAddr)], min_delay: &str, kind_of: impl Fn(&str) -> &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        Self { _temporary: Some(dir), ..Self::write(path, hosts, min_delay, kind_of) }
    }

    /// The same in a folder that stays.
    pub fn in_dir(dir: PathBuf, hosts: &[(String, SocketAddr)], min_delay: &str) -> Self {
        Self::write(dir, hosts, min_delay, |_| "peertube")
    }

    /// With hosts of any kinds in a folder that stays.
    pub fn of_kinds_in_dir(
        dir: PathBuf,
        hosts: &[(String, SocketAddr)],
        min_delay: &str,
        kind_of: impl Fn(&str) -> &'static str,
    ) -> Self {
        Self::write(dir, hosts, min_delay, kind_of)
    }

    fn write(
        dir: PathBuf,
        hosts: &[(String, SocketAddr)],
        min_delay: &str,
        kind_of: impl Fn(&str) -> &'static str,
    ) -> Self {
        let names: Vec<&str> = hosts.iter().map(|(name, _)| name.as_str()).collect();
        let mut list = String::new();
        for name in &names {
            list.push_str(&format!("[[instance]]\nhost = \"{name}\"\nkind = \"{}\"\n", kind_of(name)));
        }
        std::fs::write(dir.join("instances.toml"), list).unwrap();
        let resolve: String = hosts.iter().map(|(name, address)| format!("\"{name}\" = \"{address}\"\n")).collect();
        let config = dir.join("vigie.toml");
        std::fs::write(
            &config,
            format!(
                "data = \"{}\"\n[instances]\nlists = [\"instances.toml\"]\n[index]\ncommit_interval = \"200ms\"\n\
                 [crawler]\ncontact_url = \"https://search.example/bot\"\nmin_delay = \"{min_delay}\"\n\
                 poll_interval = \"1s\"\nsweep_interval = \"2s\"\n\
                 [log]\nformat = \"json\"\nlevel = \"info\"\n\
                 [network]\nplain_http = {names:?}\nallow_private = {names:?}\nown_hosts = {names:?}\n\
                 [network.resolve]\n{resolve}",
                dir.join("data").display()
            ),
        )
        .unwrap();
        Self { _temporary: None, dir, config }
    }

    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    pub fn index(&self) -> PathBuf {
        self.data().join("index")
    }

    /// The program, ready for its arguments.
    pub fn command(&self) -> Command {
        let mut command = program();
        command.arg("-c").arg(&self.config);
        command
    }

    /// Runs a command to its end and asserts that it succeeded; returns what it printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(
            output.status.success(),
            "vigie {arguments:?}: {}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn output(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Starts a command that stays.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command().args(arguments))
    }
}

/// The program without a configuration and without variables of the machine that it could read.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
    command.env_clear().current_dir(std::env::temp_dir());
    command
}

/// A process of ours, killed when the test ends.
pub struct Running {
    pub child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reading: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let error_lines = child.stderr.take().unwrap();
        let output_lines = child.stdout.take().unwrap();
        let sink = Arc::clone(&lines);
        let reading = std::thread::spawn(move || {
            std::thread::scope(|scope| {
                scope.spawn(|| collect(BufReader::new(output_lines), &sink));
                collect(BufReader::new(error_lines), &sink);
            });
        });
        Self { child, lines, reading: Some(reading) }
    }

    /// What it printed so far, on both outputs.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for a line that `find` takes.
    pub fn wait_for<T>(&mut self, what: &str, mut find: impl FnMut(&str) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = self.lines().iter().find_map(|line| find(line)) {
                return found;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "no {what}; ended: {ended:?}; it said:\n{}",
                self.lines().join("\n")
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The address it serves at.
    pub fn address(&mut self) -> String {
        self.wait_for("address", |line| {
            let at = line.find("http://127.0.0.1:")?;
            let rest = &line[at..];
            Some(rest[..rest[17..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |end| 17 + end)].to_owned())
        })
    }

    /// Ends it as a machine that loses power would, and returns everything it printed.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reading.take().unwrap().join().unwrap();
        self.lines()
    }

    /// Ends it as Ctrl-C would; returns how long it took and whether it ended well.
    pub fn interrupt(mut self) -> (Duration, bool) {
        let begun = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        (begun.elapsed(), status.success())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn collect(reader: impl BufRead, sink: &Mutex<Vec<String>>) {
    for line in reader.lines().map_while(Result::ok) {
        sink.lock().unwrap().push(line);
    }
}

/// Waits until `is_true`, as long as patience lasts.
pub fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs the simulated hosts on threads of their own while the test blocks.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The number of documents of the newest generation; 0 before the first.
pub fn n_indexed(index: &Path) -> u64 {
    indexer::Snapshot::open_current(index).map_or(0, |snapshot| snapshot.manifest.n_videos)
}

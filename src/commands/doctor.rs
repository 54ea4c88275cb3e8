//! `vigie doctor`: looks at everything, changes nothing, names each fault with its way out.

use std::collections::BTreeMap;

use anyhow::bail;
use indexer::{Snapshot, SnapshotError, directory};
use journal::Reader;

use crate::allowed::{self, InForce};
use crate::config::Config;
use crate::data::DataDir;
use crate::forgotten;
use crate::output::say;
use crate::rules;

/// What the checks said so far.
#[derive(Default)]
struct Findings {
    n_faults: usize,
}

impl Findings {
    fn good(&self, what: &str) {
        say!("good   {what}");
    }

    fn note(&self, what: &str) {
        say!("note   {what}");
    }

    fn fault(&mut self, what: &str) {
        self.n_faults += 1;
        say!("FAULT  {what}");
    }
}

/// Runs `vigie doctor`.
///
/// # Errors
/// When a check found a fault; every fault was printed then.
pub fn run(config: &Config) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    let mut findings = Findings::default();
    check_configuration(config, &data, &mut findings);
    check_directory(&data, &mut findings);
    check_journal(&data, &mut findings);
    check_crawler(&data, &mut findings);
    check_index(config, &data, &mut findings);
    check_status_file(&data, &mut findings);
    if findings.n_faults > 0 {
        bail!("{} faults found", findings.n_faults);
    }
    Ok(())
}

fn check_configuration(config: &Config, data: &DataDir, findings: &mut Findings) {
    match allowed::in_force(config, data) {
        Ok(InForce { list, held, sources }) => {
            findings.good(&format!("lists: {} instances may be visited", list.len()));
            if !held.is_empty() {
                findings
                    .note(&format!("lists: {} instances are held for review: see `vigie instances list`", held.len()));
            }
            let now = jiff::Timestamp::now();
            for copy in sources.iter().filter(|source| source.age(now).is_some()) {
                findings.note(&format!("directory: {}", copy.describe(now)));
            }
        }
        Err(error) => findings.fault(&format!("lists: {error:#}")),
    }
    match rules::load_offline(config, data) {
        Ok(Some(inclusion)) if inclusion.is_everything() => findings.good("rules: none, everything is shown"),
        Ok(Some(inclusion)) => {
            let files: Vec<&str> = inclusion.layers.iter().map(|layer| &*layer.file).collect();
            findings.good(&format!("rules: {}", files.join(", ")));
        }
        Ok(None) => findings.note("rules: they name an address that was not fetched yet; `vigie rules check` does it"),
        Err(error) => findings.fault(&format!("rules: {error:#}")),
    }
    for warning in forgotten::exposed(data) {
        findings.note(&warning);
    }
    match &config.crawler.contact_url {
        Some(url) => findings.good(&format!("contact address: {url}")),
        None => findings.note("crawler.contact_url is not set: crawling will refuse to start"),
    }
    let n_exceptions =
        config.network.resolve.len() + config.network.plain_http.len() + config.network.allow_private.len();
    if n_exceptions > 0 {
        findings.note(&format!("[network] has {n_exceptions} exceptions: have none in production"));
    }
}

fn check_directory(data: &DataDir, findings: &mut Findings) {
    let root = data.root();
    if !root.exists() {
        findings.note(&format!("`{}` does not exist yet; `vigie up` makes it", root.display()));
        return;
    }
    match tempfile::tempfile_in(root) {
        Ok(_) => findings.good(&format!("data directory: `{}` can be written to", root.display())),
        Err(error) => findings.fault(&format!("data directory: `{}` cannot be written to: {error}", root.display())),
    }
}

fn check_journal(data: &DataDir, findings: &mut Findings) {
    let path = data.journal();
    if !path.exists() {
        findings.note("journal: none yet; `vigie crawl` writes it");
        return;
    }
    let report = |findings: &mut Findings| -> Result<(), journal::Error> {
        let reader = Reader::open(&path)?;
        let faults = reader.integrity_check()?;
        for fault in &faults {
            findings.fault(&format!(
                "journal: {fault}; restore `{}` from a backup, or remove it and crawl again",
                path.display()
            ));
        }
        if faults.is_empty() {
            let stats = reader.stats()?;
            findings.good(&format!(
                "journal: {} records and {} tombstones in {} rows, up to offset {}; integrity check passed",
                stats.n_records, stats.n_tombstones, stats.n_entries, stats.last
            ));
        }
        Ok(())
    };
    if let Err(error) = report(findings) {
        findings.fault(&format!("journal: {error}"));
    }
}

fn check_crawler(data: &DataDir, findings: &mut Findings) {
    let path = data.crawler_state();
    if !path.exists() {
        findings.note("crawler state: none yet");
        return;
    }
    match super::explain::reports(data) {
        Ok(reports) => findings.good(&format!("crawler state: {} instances known", reports.len())),
        Err(error) => findings.fault(&format!(
            "crawler state: {error:#}; it can be removed (`{}`): every instance is then read anew",
            path.display()
        )),
    }
}

fn check_status_file(data: &DataDir, findings: &mut Findings) {
    match directory::read(&data.index()) {
        Ok(None) => findings.note("status of the instances: none yet; `vigie crawl` writes it"),
        Err(error) => findings.fault(&format!("status of the instances: {error}; the next crawl writes it anew")),
        Ok(Some(file)) => {
            let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
            for instance in &file.instances {
                *numbers.entry(instance.status.as_str()).or_default() += 1;
            }
            let numbers: Vec<String> = numbers.iter().map(|(status, n)| format!("{n} {status}")).collect();
            findings.good(&format!("status of the instances as of {:.0}: {}", file.written_at, numbers.join(", ")));
        }
    }
}

fn check_index(config: &Config, data: &DataDir, findings: &mut Findings) {
    let index_dir = data.index();
    match Snapshot::open_current(&index_dir) {
        Err(SnapshotError::Missing) => findings.note("index: nothing published yet; `vigie index` publishes"),
        Err(error) => findings.fault(&format!("index: {error}")),
        Ok(snapshot) => check_snapshot(&snapshot, config, data, findings),
    }
}

fn check_snapshot(snapshot: &Snapshot, config: &Config, data: &DataDir, findings: &mut Findings) {
    let manifest = &snapshot.manifest;
    match snapshot.verify() {
        Ok(()) => findings.good(&format!(
            "index: generation {} with {} videos, {} channels and {} playlists at offset {}; checksums are right",
            manifest.generation, manifest.n_videos, manifest.n_channels, manifest.n_playlists, manifest.journal_offset
        )),
        Err(error) => findings.fault(&format!("index: {error}; run `vigie index --rebuild`")),
    }
    if !data.journal().exists() {
        return;
    }
    // Rules that cannot be read were told of before.
    let Ok(Some(inclusion)) = rules::load_offline(config, data) else { return };
    let compared = Reader::open(&data.journal())
        .map_err(anyhow::Error::from)
        .and_then(|reader| Ok(indexer::check_with(&data.index(), &reader, &inclusion)?));
    match compared {
        Ok(report) if report.is_clean() => {
            findings.good(&format!("index and journal: the same; {} entries wait to be indexed", report.n_pending));
        }
        Ok(_) => findings
            .fault("index and journal: they differ; see `vigie index --check`, mend with `vigie index --rebuild`"),
        Err(error) => findings.fault(&format!("index and journal: {error:#}")),
    }
}

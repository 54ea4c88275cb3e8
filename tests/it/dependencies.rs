//! The borders between our crates (ARCHITECTURE.md, "Borders"; the design's section 2).

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Who may use whom. `vigie` and `benches` may use all.
const ALLOWED: &[(&str, &[&str])] = &[
    ("allowlist", &[]),
    ("journal", &["allowlist"]),
    ("crawler", &["allowlist", "journal"]),
    ("indexer", &["allowlist", "journal"]),
    ("query-api", &["allowlist", "indexer"]),
    ("simulator", &[]),
];

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn our_crates_depend_on_each_other_only_as_the_design_allows() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut n_edges = 0;
    for package in packages {
        let name = package["name"].as_str().unwrap();
        if ["vigie", "benches"].contains(&name) {
            continue;
        }
        let allowed = allowed.get(name).unwrap_or_else(|| {
            panic!("`{name}` is a new crate: give it a row in ALLOWED and in ARCHITECTURE.md, \"Borders\"")
        });
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            // Tests of a crate may use the simulator and what stands before it in the flow.
            if !ours.contains(on) || dependency["kind"] == "dev" {
                continue;
            }
            n_edges += 1;
            assert!(
                allowed.contains(&on),
                "`{name}` must not depend on `{on}`: see ARCHITECTURE.md, \"Borders\" (the design's section 2)"
            );
        }
    }
    assert!(n_edges >= 6, "the metadata was read: {n_edges} edges");
}

/// query-api sees of the indexer only what describes a published index, never what writes one.
#[test]
fn query_api_uses_only_the_reading_side_of_the_indexer() {
    let allowed =
        ["schema", "snapshot", "geography", "analysis", "stored", "short_uuid", "directory", "inclusion", "key_hash"];
    let mut n_uses = 0;
    for file in rust_files("query-api/src") {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("indexer::") {
            let module: String =
                text[at + "indexer::".len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            n_uses += 1;
            assert!(
                allowed.contains(&module.as_str()),
                "{} uses `indexer::{module}`: query-api reads snapshots and nothing else",
                file.display()
            );
        }
    }
    assert!(n_uses > 0);
}

/// Invariant 7: query-api never opens the journal.
#[test]
fn query_api_does_not_name_the_journal() {
    for file in rust_files("query-api/src") {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("journal::"), "{} reaches into the journal", file.display());
    }
}

/// Invariant 1: only the crawler has an HTTP client.
#[test]
fn only_the_crawler_depends_on_an_http_client() {
    for package in metadata()["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let clients = ["reqwest", "hyper-rustls", "ureq", "isahc", "curl"];
        for dependency in package["dependencies"].as_array().unwrap() {
            let is_client = clients.contains(&dependency["name"].as_str().unwrap());
            let is_allowed = name == "crawler" || dependency["kind"] == "dev" || name == "benches";
            assert!(!is_client || is_allowed, "`{name}` has an HTTP client of its own");
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for package in metadata()["packages"].as_array().unwrap() {
        let manifest = std::fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", package["name"]);
    }
    let root = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    assert!(root.contains("unsafe_code = \"forbid\""));
}

fn rust_files(folder: &str) -> Vec<std::path::PathBuf> {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

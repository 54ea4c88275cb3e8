//! Queries of the crawler and of the contract, run against the versions they are for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use simulator::mobilizon::{MobilizonCatalogue, MobilizonHost, MobilizonVersion, Schema, judge};
use simulator::{Fediverse, HostSetup};

use crate::client::{self, NOW};

/// Queries of the crawler; part of the project.
const OWN: &str = "../crawler/src/mobilizon/queries";
/// Queries and schemas of the contract, which may be missing.
const SHARED: &str = "../../shared/contracts/mobilizon";

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn files(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.strip_suffix(ending)?.to_owned();
            Some((name, std::fs::read_to_string(path).ok()?))
        })
        .collect();
    files.sort();
    files
}

/// The schema in SDL of a version, when the folder is there.
fn sdl(version: MobilizonVersion) -> Option<Schema> {
    let schema = Schema::from_folder(&folder(SHARED).join("schema"), version)?;
    Some(schema.expect("a schema that can be read"))
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// Of each name the query with the greatest version that is not above.
fn chosen(queries: &[(String, String)], version: MobilizonVersion) -> Vec<(String, String)> {
    let mut best: std::collections::BTreeMap<&str, (Vec<u32>, &str)> = std::collections::BTreeMap::new();
    for (name, text) in queries {
        let (name, from) = name.split_once(".from-").unwrap_or((name, "0"));
        let from = numbers(from);
        if from <= numbers(version.number()) && best.get(name).is_none_or(|(known, _)| *known < from) {
            best.insert(name, (from, text));
        }
    }
    best.into_iter().map(|(name, (_, text))| (name.to_owned(), text.to_owned())).collect()
}

#[test]
fn every_query_is_valid_for_its_versions() {
    for queries in [files(&folder(OWN), ".graphql"), files(&folder(SHARED).join("queries"), ".graphql")] {
        for version in MobilizonVersion::ALL {
            let sdl = sdl(version);
            for (name, query) in chosen(&queries, version) {
                for schema in [Some(Schema::of(version)), sdl.as_ref()].into_iter().flatten() {
                    let verdict = judge(schema, &query).unwrap();
                    assert!(verdict.errors.is_empty(), "{name} on {version:?}: {:?}", verdict.errors);
                    assert!(verdict.complexity <= version.max_complexity(), "{name}: {}", verdict.complexity);
                }
            }
        }
    }
}

#[test]
fn complexity_is_counted_as_the_contract_counts_it() {
    for (name, query) in files(&folder(SHARED).join("queries"), ".graphql") {
        let Some((_, said)) = query.lines().next().and_then(|line| line.split_once("(fields selected): ")) else {
            continue;
        };
        let verdict = judge(Schema::of(MobilizonVersion::V5_1), &query).unwrap();
        assert_eq!(verdict.complexity.to_string(), said.trim(), "{name}");
    }
}

/// The facts and the SDL say the same about which fields there are.
#[test]
fn a_query_that_one_schema_refuses_is_refused_by_the_other() {
    let queries = files(&folder(SHARED).join("queries"), ".graphql");
    for version in MobilizonVersion::ALL {
        let Some(sdl) = sdl(version) else { continue };
        for (name, query) in &queries {
            let facts = judge(Schema::of(version), query).unwrap().errors;
            let by_sdl = judge(&sdl, query).unwrap().errors;
            assert_eq!(facts.is_empty(), by_sdl.is_empty(), "{name} on {version:?}: {facts:?} {by_sdl:?}");
        }
    }
}

fn variables(version: MobilizonVersion, host: &MobilizonHost) -> Value {
    let mut variables = json!({
        "page": 1,
        "limit": 99,
        "beginsOn": "2000-01-01T00:00:00Z",
        "uuid": host.listed_events().next().map(|event| event.uuid),
        "name": host.listed_groups().next().map(|group| group.username.clone()),
        "preferredUsername": host.listed_groups().next().map(|group| group.username.clone()),
        "after": null,
    });
    if version >= MobilizonVersion::V4_1 {
        variables["sort"] = "START_TIME_ASC".into();
        variables["target"] = "SELF".into();
    } else {
        variables["sort"] = "START_TIME_DESC".into();
        variables["target"] = "INTERNAL".into();
    }
    variables
}

#[tokio::test]
async fn every_query_gets_an_answer() {
    let now = NOW.parse().unwrap();
    for queries in [files(&folder(OWN), ".graphql"), files(&folder(SHARED).join("queries"), ".graphql")] {
        for version in MobilizonVersion::ALL {
            let mut host = MobilizonCatalogue::new(3, now, 4).host(1, 30, 4).unwrap();
            host.version = version;
            let variables = variables(version, &host);
            let expected = (host.listed_events().count(), host.listed_groups().count());
            let mut setup = HostSetup::mobilizon(host);
            if let Some(schema) = sdl(version) {
                setup = setup.schema(Arc::new(schema));
            }
            let fediverse = Fediverse::builder().virtual_time(now).host(setup).start().await.unwrap();
            let address = fediverse.hosts().next().unwrap().address();
            for (name, query) in chosen(&queries, version) {
                let body = json!({ "query": query, "variables": variables });
                let reply = client::post(address, "/api", &body).await.json();
                assert_eq!(reply.get("errors"), None, "{name} on {version:?}");
                let data = &reply["data"];
                let local = |list: &Value, is_local: &dyn Fn(&Value) -> bool| {
                    list["elements"].as_array().unwrap().iter().filter(|element| is_local(element)).count()
                };
                if !data["searchEvents"].is_null() {
                    let is_public = |event: &Value| event["local"] == true && event["draft"] != true;
                    let n = local(&data["searchEvents"], &is_public);
                    // The light query does not say which are drafts.
                    let leaked = version == MobilizonVersion::V1_1 && !query.contains("draft");
                    assert_eq!(n, expected.0 + usize::from(leaked), "{name} on {version:?}");
                }
                if !data["searchGroups"].is_null() {
                    assert_eq!(local(&data["searchGroups"], &|group| group["domain"].is_null()), expected.1, "{name}");
                }
            }
            let host = fediverse.hosts().next().unwrap().mobilizon().unwrap();
            assert_eq!(host.refused_queries(), Vec::<String>::new());
            fediverse.shutdown().await;
        }
    }
}

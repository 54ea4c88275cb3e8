//! Each query is valid on every version that it may be sent to, and within its limit of complexity.
//!
//! The schemas are Mobilizon's own and no part of this project: where the folder with them is missing, this says so.

use std::path::{Path, PathBuf};

use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::{ExecutableDocument, Schema};

use crate::mobilizon::query::QUERIES;
use crate::mobilizon::{Purpose, Query, Version};

/// Versions with a schema.
const VERSIONS: [Version; 4] = [Version(1, 1, 0), Version(3, 0, 0), Version(4, 1, 0), Version(5, 1, 3)];

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/contracts/mobilizon/schema");
    folder.is_dir().then_some(folder)
}

/// Fields that a query may select, by version.
fn max_complexity(version: Version) -> usize {
    match version {
        Version(1, ..) => 200,
        version if version < Version(4, 1, 0) => 250,
        _ => 300,
    }
}

fn complexity(document: &ExecutableDocument, set: &SelectionSet) -> usize {
    let of = |selection: &Selection| match selection {
        Selection::Field(field) => 1 + complexity(document, &field.selection_set),
        Selection::InlineFragment(fragment) => complexity(document, &fragment.selection_set),
        Selection::FragmentSpread(spread) => {
            complexity(document, &document.fragments[&spread.fragment_name].selection_set)
        }
    };
    set.selections.iter().map(of).sum()
}

#[test]
fn checklist_09_queries_are_valid_on_each_version_they_are_sent_to() {
    let Some(folder) = folder() else {
        println!("skipped: no schemas beside the project");
        return;
    };
    let mut n_checked = 0;
    for version in VERSIONS {
        let name = format!("public-schema-{version}.graphql");
        let text = std::fs::read_to_string(folder.join(&name)).unwrap();
        // What a crawler does not need is left out of these schemas, so they are not judged themselves.
        let schema = Schema::parse(&text, &name).unwrap_or_else(|broken| broken.partial);
        let schema = apollo_compiler::validation::Valid::assume_valid(schema);
        // Older queries are sent as well, after a refusal.
        for query in QUERIES.iter().filter(|query| query.from <= version) {
            let what = format!("{} from {} on {version}", query.purpose.as_str(), query.from);
            let document = ExecutableDocument::parse_and_validate(&schema, query.text, what.clone());
            let document = document.unwrap_or_else(|invalid| panic!("{what}: {}", invalid.errors));
            let operation = document.operations.iter().next().unwrap();
            let complexity = complexity(&document, &operation.selection_set);
            assert!(complexity <= max_complexity(version), "{what}: {complexity}");
            n_checked += 1;
        }
    }
    assert!(n_checked > 50, "{n_checked}");
}

#[test]
fn every_version_has_every_query_it_needs() {
    for version in VERSIONS {
        for purpose in Purpose::ALL {
            assert!(Query::choose(purpose, version, 0).is_some(), "{purpose:?} on {version}");
        }
    }
}

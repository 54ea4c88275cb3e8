//! docs/faults.md and the tests say the same: each case held there has a named test, each named test is held there.

use std::collections::BTreeSet;
use std::path::Path;

/// Case numbers of the table "Held off by tests".
fn documented() -> BTreeSet<u32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|row| row.split(' ').next()?.parse().ok())
        .collect()
}

/// Case numbers that stand in test code: `case_18_19_…` in a name, `case 103` in a comment.
fn tested() -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> =
        ["allowlist", "journal", "crawler", "indexer", "query-api", "simulator", "tests", "src", "e2e/tests"]
            .map(|folder| root.join(folder))
            .into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "js") {
                numbers.extend(cases(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    numbers
}

fn cases(text: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for start in ["fn case_", "// case ", ", case "] {
        for (at, _) in text.match_indices(start) {
            for part in text[at + start.len()..].split(['_', ' ', ',', ':', ';', '.', '\n']) {
                match part.parse() {
                    Ok(number) => numbers.push(number),
                    Err(_) if part == "and" || part == "to" => {}
                    Err(_) => break,
                }
            }
        }
    }
    numbers
}

#[test]
fn each_case_that_the_document_holds_has_a_named_test_and_the_other_way_round() {
    let (documented, tested) = (documented(), tested());
    assert!(documented.len() > 50, "the table was read: {documented:?}");
    let untested: Vec<_> = documented.difference(&tested).collect();
    assert!(untested.is_empty(), "docs/faults.md holds cases that no test names: {untested:?}");
    let unlisted: Vec<_> = tested.difference(&documented).collect();
    assert!(unlisted.is_empty(), "tests name cases that docs/faults.md does not hold: {unlisted:?}");
}

#[test]
fn case_numbers_are_read_from_names_and_comments() {
    assert_eq!(
        cases("fn case_18_19_addresses() {}\n// case 103\n// case 21, case 24: ports\nfn other_case_7() {}"),
        [18, 19, 103, 21, 24]
    );
}

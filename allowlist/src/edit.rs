//! Changing an instance list and keeping what people wrote in it: comments, order, blank lines.

use std::collections::BTreeSet;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use crate::Host;
use crate::list::{Instance, InstanceList, ListError};

/// Adds an instance to the text of a list, in place of an entry of the same host, and takes back its removal.
///
/// # Errors
/// [`ListError`] when `text` is not a list; nothing is changed then.
pub fn add(file: &str, text: &str, instance: &Instance) -> Result<String, ListError> {
    let mut document = parse(file, text)?;
    drop_hosts(&mut document, &BTreeSet::from([&instance.host]));
    push(&mut document, instance);
    checked(file, document)
}

/// Takes over what another list says: its instances in place of entries of the same host, and its removals, which win
/// over its own instances too. Entries that it does not name stay as they are.
///
/// # Errors
/// As [`add`].
pub fn merge(file: &str, text: &str, other: &InstanceList) -> Result<String, ListError> {
    let mut document = parse(file, text)?;
    let named: BTreeSet<&Host> = other.iter().map(|instance| &instance.host).chain(other.removed()).collect();
    drop_hosts(&mut document, &named);
    for instance in other.iter().filter(|instance| !other.is_removed(&instance.host)) {
        push(&mut document, instance);
    }
    for host in other.removed() {
        note_removed(&mut document, host);
    }
    checked(file, document)
}

/// Takes a host out of the text of a list, as if it had never been in it: neither listed nor noted as removed.
///
/// # Errors
/// As [`add`].
pub fn forget(file: &str, text: &str, host: &Host) -> Result<String, ListError> {
    let mut document = parse(file, text)?;
    drop_hosts(&mut document, &BTreeSet::from([host]));
    checked(file, document)
}

fn push(document: &mut DocumentMut, instance: &Instance) {
    let mut table = Table::new();
    table.insert("host", value(instance.host.as_str()));
    table.insert("kind", value(instance.kind.as_str()));
    if let Some(note) = &instance.note {
        table.insert("note", value(note.as_str()));
    }
    if let Some(delay) = instance.crawl_delay {
        table.insert("crawl_delay", value(delay.as_secs_f64()));
    }
    let instances = document.entry("instance").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if let Some(instances) = instances.as_array_of_tables_mut() {
        instances.push(table);
    }
}

fn note_removed(document: &mut DocumentMut, host: &Host) {
    let removed = document.entry("removed").or_insert_with(|| value(Array::new()));
    if let Some(removed) = removed.as_array_mut() {
        removed.push(host.as_str());
    }
}

/// Removes an instance from the text of a list, and notes it as removed, so that no other list brings it back.
///
/// # Errors
/// As [`add`].
pub fn remove(file: &str, text: &str, host: &Host) -> Result<String, ListError> {
    let mut document = parse(file, text)?;
    drop_hosts(&mut document, &BTreeSet::from([host]));
    note_removed(&mut document, host);
    checked(file, document)
}

fn parse(file: &str, text: &str) -> Result<DocumentMut, ListError> {
    InstanceList::parse(file, text)?;
    text.parse().map_err(|error: toml_edit::TomlError| ListError {
        file: file.to_owned(),
        line: 1,
        cause: error.message().to_owned(),
    })
}

/// The text, after a last look that it is still a list.
fn checked(file: &str, document: DocumentMut) -> Result<String, ListError> {
    let text = document.to_string();
    InstanceList::parse(file, &text)?;
    Ok(text)
}

/// Takes hosts out of `instance` and `removed`.
fn drop_hosts(document: &mut DocumentMut, hosts: &BTreeSet<&Host>) {
    let is_named =
        |name: Option<&str>| name.and_then(|name| Host::parse(name).ok()).is_some_and(|host| hosts.contains(&host));
    if let Some(instances) = document.get_mut("instance").and_then(Item::as_array_of_tables_mut) {
        instances.retain(|table| !is_named(table.get("host").and_then(Item::as_str)));
    }
    if let Some(removed) = document.get_mut("removed").and_then(Item::as_array_mut) {
        removed.retain(|name: &Value| !is_named(name.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceKind;

    const LIST: &str = "# Ours.\n\n[[instance]]\nhost = \"A.example\" # the first\nkind = \"peertube\"\n";

    fn instance(host: &str) -> Instance {
        Instance {
            host: host.parse().unwrap(),
            kind: SourceKind::Mobilizon,
            note: Some("new \"note\"".to_owned()),
            crawl_delay: Some(std::time::Duration::from_millis(2500)),
        }
    }

    #[test]
    fn adding_keeps_what_people_wrote() {
        let text = add("f", LIST, &instance("b.example")).unwrap();
        assert!(text.starts_with(LIST), "{text}");
        let list = InstanceList::parse("f", &text).unwrap();
        assert_eq!(list.get(&"b.example".parse().unwrap()), Some(&instance("b.example")));
        assert_eq!(list.len(), 2);
        assert_eq!(InstanceList::parse("f", &add("f", "", &instance("b.example")).unwrap()).unwrap().len(), 1);
    }

    #[test]
    fn adding_twice_replaces() {
        let text = add("f", LIST, &instance("a.example")).unwrap();
        let list = InstanceList::parse("f", &text).unwrap();
        assert_eq!(list.iter().collect::<Vec<_>>(), [&instance("a.example")]);
    }

    #[test]
    fn removing_notes_the_removal_once_and_adding_takes_it_back() {
        let host: Host = "a.example".parse().unwrap();
        let removed = remove("f", &remove("f", LIST, &host).unwrap(), &host).unwrap();
        let list = InstanceList::parse("f", &removed).unwrap();
        assert!(list.is_empty() && list.is_removed(&host));
        assert_eq!(removed.matches("example").count(), 1, "{removed}");
        let back = InstanceList::parse("f", &add("f", &removed, &instance("a.example")).unwrap()).unwrap();
        assert!(back.contains(&host) && !back.is_removed(&host));
    }

    #[test]
    fn a_text_that_is_no_list_is_left_alone() {
        assert!(add("f", "[[instance]]\nhost = 3\n", &instance("a.example")).is_err());
        assert!(remove("f", "}", &"a.example".parse().unwrap()).is_err());
    }
}

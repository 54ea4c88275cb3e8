//! Lists that indexes and operators hand to each other: written as TOML for people or as JSON for programs, read as either.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::list::{Instance, InstanceList, ListError, MAX_CRAWL_DELAY_S, MAX_LIST_BYTES};
use crate::{Host, SourceKind};

/// Grows with any change that older readers would misread.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct TomlForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<&'a Host>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instance: Vec<TomlInstance<'a>>,
}

#[derive(Serialize)]
struct TomlInstance<'a> {
    host: &'a Host,
    kind: SourceKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crawl_delay: Option<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct JsonForm {
    format: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    #[serde(default)]
    removed: Vec<Host>,
    instances: Vec<JsonInstance>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct JsonInstance {
    host: Host,
    kind: SourceKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crawl_delay_seconds: Option<f64>,
}

/// Writes a list as TOML, which [`InstanceList::parse`] reads back as the same list.
///
/// # Errors
/// None for a list that was read; the signature is that of the writer.
pub fn to_toml(list: &InstanceList) -> Result<String, toml::ser::Error> {
    toml::to_string(&TomlForm {
        source: list.source(),
        as_of: list.as_of().map(|time| time.to_string()),
        removed: list.removed().collect(),
        instance: list
            .iter()
            .map(|instance| TomlInstance {
                host: &instance.host,
                kind: instance.kind,
                note: instance.note.as_deref(),
                crawl_delay: instance.crawl_delay.map(|delay| delay.as_secs_f64()),
            })
            .collect(),
    })
}

/// Writes a list as JSON, `{"format": 1, "removed": […], "instances": [{"host", "kind", "note", "crawlDelaySeconds"}]}`.
///
/// # Errors
/// As [`to_toml`].
pub fn to_json(list: &InstanceList) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&JsonForm {
        format: FORMAT,
        source: list.source().map(str::to_owned),
        as_of: list.as_of(),
        removed: list.removed().cloned().collect(),
        instances: list
            .iter()
            .map(|instance| JsonInstance {
                host: instance.host.clone(),
                kind: instance.kind,
                note: instance.note.clone(),
                crawl_delay_seconds: instance.crawl_delay.map(|delay| delay.as_secs_f64()),
            })
            .collect(),
    })
}

/// Reads a list that was written as TOML or as JSON; what begins with a brace is JSON.
///
/// # Errors
/// The first fault, with its line.
pub fn read(file: &str, text: &str) -> Result<InstanceList, ListError> {
    if !text.trim_start().starts_with('{') {
        return InstanceList::parse(file, text);
    }
    let at = |line: usize, cause: String| ListError { file: file.to_owned(), line, cause };
    if text.len() > MAX_LIST_BYTES {
        return Err(at(1, format!("{} bytes, the most is {MAX_LIST_BYTES}", text.len())));
    }
    let form: JsonForm = serde_json::from_str(text).map_err(|error| at(error.line().max(1), error.to_string()))?;
    if form.format != FORMAT {
        return Err(at(1, format!("its format is {}, this version reads {FORMAT}", form.format)));
    }
    let mut list = InstanceList::default();
    if let (Some(source), Some(as_of)) = (&form.source, form.as_of) {
        list.stamp(source, as_of);
    }
    form.removed.into_iter().for_each(|host| list.note_removed(host));
    for JsonInstance { host, kind, note, crawl_delay_seconds } in form.instances {
        let delay = |seconds: f64| {
            let delay = Duration::try_from_secs_f64(seconds).ok().filter(|_| seconds <= MAX_CRAWL_DELAY_S);
            delay.ok_or_else(|| {
                at(1, format!("the crawlDelaySeconds {seconds} of `{host}` are not from 0 to {MAX_CRAWL_DELAY_S}"))
            })
        };
        let crawl_delay = crawl_delay_seconds.map(delay).transpose()?;
        if list.contains(&host) {
            return Err(at(1, format!("`{host}` is listed twice; remove one of the two")));
        }
        list.insert(Instance { host, kind, note, crawl_delay });
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::edit;

    fn any_instance() -> impl Strategy<Value = Instance> {
        let host = (0_u32..60, prop_oneof![Just(""), Just(":8443")])
            .prop_map(|(number, port)| format!("tube-{number}.example{port}").parse().unwrap());
        let kind = prop::sample::select(SourceKind::ALL.to_vec());
        let note = prop::option::of(any::<String>());
        let delay = prop::option::of((0_u64..=3_600_000_000_000).prop_map(Duration::from_nanos));
        (host, kind, note, delay).prop_map(|(host, kind, note, crawl_delay)| Instance { host, kind, note, crawl_delay })
    }

    fn any_list() -> impl Strategy<Value = InstanceList> {
        (prop::collection::vec(any_instance(), 0..40), prop::collection::vec(60_u32..90, 0..10)).prop_map(
            |(instances, removed)| {
                let mut list = InstanceList::default();
                instances.into_iter().for_each(|instance| drop(list.insert(instance)));
                removed
                    .into_iter()
                    .for_each(|number| list.note_removed(format!("tube-{number}.example").parse().unwrap()));
                list
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_exported_is_imported_as_it_was(list in any_list(), before in any_list()) {
            let (toml, json) = (to_toml(&list).unwrap(), to_json(&list).unwrap());
            prop_assert_eq!(&read("f", &toml).unwrap(), &list);
            prop_assert_eq!(&read("f", &json).unwrap(), &list);
            // Into an empty list, and over one that was there.
            prop_assert_eq!(&InstanceList::parse("f", &edit::merge("f", "", &list).unwrap()).unwrap(), &list);
            let merged = edit::merge("f", &to_toml(&before).unwrap(), &list).unwrap();
            let merged = InstanceList::parse("f", &merged).unwrap();
            for instance in list.iter() {
                prop_assert_eq!(merged.get(&instance.host), Some(instance));
            }
            for host in list.removed() {
                prop_assert!(merged.is_removed(host) && !merged.contains(host));
            }
            for instance in before.iter().filter(|instance| !list.contains(&instance.host) && !list.is_removed(&instance.host)) {
                prop_assert_eq!(merged.get(&instance.host), Some(instance));
            }
        }

        #[test]
        fn no_text_makes_reading_panic(text in any::<String>()) {
            let _ = read("f", &text);
            let _ = read("f", &format!("{{{text}"));
        }
    }

    #[test]
    fn a_fault_names_its_line() {
        let refused = |text: &str| read("f", text).unwrap_err().to_string();
        assert!(refused("{\"format\":2,\"instances\":[]}").contains("format is 2"));
        assert!(refused("{\"format\":1,\n\"instances\":[{\"host\":\"a/\"}]}").starts_with("f line 2: "));
        let twice = r#"{"format":1,"instances":[{"host":"a.example","kind":"peertube"},{"host":"A.example.","kind":"gancio"}]}"#;
        assert!(refused(twice).contains("listed twice"));
        let slow = r#"{"format":1,"instances":[{"host":"a.example","kind":"peertube","crawlDelaySeconds":1e9}]}"#;
        assert!(refused(slow).contains("crawlDelaySeconds"));
    }
}

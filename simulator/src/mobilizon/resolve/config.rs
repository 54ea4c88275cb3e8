//! `config`, `statistics` and `categoryStatistics`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::objects::LONG_EVENT_DAYS;
use crate::mobilizon::categories::CATEGORIES;
use crate::mobilizon::host::MobilizonHost;
use crate::mobilizon::version::MobilizonVersion;

pub(super) fn config(host: &MobilizonHost) -> Value {
    let own = CATEGORIES.iter().map(|id| ((*id).to_owned(), id.to_lowercase().replace('_', " ")));
    let categories: Vec<Value> = own
        .chain(host.extra_categories.iter().cloned())
        .map(|(id, label)| json!({ "id": id, "label": label }))
        .collect();
    json!({
        "name": host.display_name,
        "description": host.description,
        "longDescription": null,
        "slogan": null,
        "contact": format!("https://{}/about", host.name),
        "languages": host.languages,
        "eventCategories": categories,
        "registrationsOpen": false,
        "registrationsAllowlist": false,
        "demoMode": false,
        "longEvents": host.version == MobilizonVersion::V5_1,
        "durationOfLongEvent": LONG_EVENT_DAYS,
        "countryCode": null,
        "location": null,
        "timezones": ["Europe/Paris", "Europe/Berlin", "Etc/UTC"],
        "features": { "groups": true, "eventCreation": true, "eventExternal": true, "antispam": false },
        "restrictions": { "onlyAdminCanCreateGroups": false, "onlyGroupsCanCreateEvents": false },
        "version": host.version.number(),
        "federating": true,
        "instanceLogo": null,
        "defaultPicture": null,
        "primaryColor": null,
        "secondaryColor": null,
        "rules": null,
        "instanceFeeds": { "enabled": host.has_feeds },
        "search": { "global": { "isEnabled": true, "isDefault": host.searches_globally } },
    })
}

pub(super) fn statistics(host: &MobilizonHost) -> Value {
    let n_events = host.events.iter().filter(|event| event.is_listed() && !host.is_suspended(event)).count();
    let n_local = host.listed_events().count();
    let n_groups = host.groups.iter().filter(|group| group.is_listed()).count();
    let n_local_groups = host.listed_groups().count();
    json!({
        "numberOfUsers": host.persons.len(),
        "numberOfEvents": n_events,
        "numberOfLocalEvents": n_local,
        "numberOfComments": 0,
        "numberOfLocalComments": 0,
        "numberOfGroups": n_groups,
        "numberOfLocalGroups": n_local_groups,
        "numberOfInstanceFollowers": 1,
        "numberOfInstanceFollowings": 1,
    })
}

pub(super) fn category_statistics(host: &MobilizonHost, now: Timestamp) -> Value {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for event in host.events.iter().filter(|event| event.is_listed() && event.is_unfinished(now)) {
        *numbers.entry(&event.category).or_default() += 1;
    }
    numbers.into_iter().map(|(key, number)| json!({ "key": key, "number": number })).collect()
}

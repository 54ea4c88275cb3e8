//! NodeInfo.

use serde_json::{Value, json};

use super::host::MobilizonHost;
use super::version::MobilizonVersion;
use crate::answer::Answer;

pub(super) fn links(host: &MobilizonHost) -> Answer {
    let mut links: Vec<Value> = ["2.0", "2.1"]
        .iter()
        .map(|version| {
            json!({
                "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{version}"),
                "href": format!("https://{}/.well-known/nodeinfo/{version}", host.name),
            })
        })
        .collect();
    if host.version >= MobilizonVersion::V4_1 {
        links.push(json!({
            "rel": "https://www.w3.org/ns/activitystreams#Application",
            "href": format!("https://{}/relay", host.name),
        }));
    }
    Answer::json(200, "application/json; charset=utf-8", &json!({ "links": links }))
}

pub(super) fn document(host: &MobilizonHost, version: &str) -> Answer {
    if version != "2.0" && version != "2.1" {
        let body = json!({ "error": "Nodeinfo schema version not handled" });
        return Answer::json(404, "application/json; charset=utf-8", &body);
    }
    let n_local = host.listed_events().count();
    let mut software = json!({ "name": "Mobilizon", "version": host.version.number() });
    if let (Value::Object(software), "2.1") = (&mut software, version) {
        software.insert("repository".to_owned(), "https://framagit.org/framasoft/mobilizon".into());
    }
    let body = json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": ["atom1.0"] },
        "openRegistrations": false,
        "usage": { "users": { "total": host.persons.len() }, "localPosts": n_local, "localComments": 0 },
        "metadata": { "nodeName": host.display_name, "nodeDescription": host.description },
    });
    let kind = "application/json; profile=http://nodeinfo.diaspora.software/ns/schema/2.1#; charset=utf-8";
    Answer::json(200, kind, &body)
}

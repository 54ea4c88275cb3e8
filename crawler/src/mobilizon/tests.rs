//! What is made of the answers of an invented instance, `rdv.example`.

mod hostile;
mod queries;

use serde_json::{Value, json};

use super::*;
use crate::reading::remark::Remark;
use journal::record::{EventStatus, JoinMode, Openness};

fn host() -> Host {
    "rdv.example".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// A whole event of 5.1, of a group.
fn item() -> Value {
    json!({
        "__typename": "Event",
        "uuid": "3F2504E0-4F89-41D3-9A0C-0305E82C3301",
        "url": "https://rdv.example/events/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "local": true, "visibility": "PUBLIC", "draft": false, "status": "TENTATIVE",
        "title": " Repair café ", "description": "<p>Bring what is broken.</p>",
        "beginsOn": "2026-12-05T13:00:00Z", "endsOn": "2026-12-05T17:00:00Z",
        "publishAt": "2026-11-01T10:00:00Z", "updatedAt": "2026-11-02T11:00:00Z",
        "joinOptions": "EXTERNAL", "externalParticipationUrl": "https://tickets.example/42",
        "category": "crafts", "language": "fr", "onlineAddress": "https://cafe.example/",
        "picture": {"url": "https://rdv.example/media/a.webp", "metadata": {"width": 1200, "height": 600}},
        "metadata": [
            {"key": "mz:accessibility:wheelchairAccessible", "value": "fully"},
            {"key": "mz:accessibility:smokeFree", "value": true},
            {"key": "mz:visio:jitsi_meet", "value": "javascript:alert(1)"},
            {"key": "x:unknown", "value": "1"},
            {"key": "mz:accessibility:smokeFree", "value": false}
        ],
        "physicalAddress": {
            "url": "https://rdv.example/address/1", "description": "Atelier", "street": "1 rue des Outils",
            "locality": "Lyon", "postalCode": "69001", "region": "", "country": "France", "geom": "4.8357;45.764",
            "timezone": "Europe/Paris"
        },
        "organizerActor": {
            "url": "https://rdv.example/@zoe", "type": "PERSON", "preferredUsername": "zoe", "name": "Zoé",
            "domain": null, "summary": "Mends things", "suspended": false, "avatar": null
        },
        "attributedTo": {
            "url": "https://rdv.example/@atelier", "type": "GROUP", "preferredUsername": "atelier", "name": "L'Atelier",
            "domain": null, "summary": "<p>We mend.</p>", "suspended": false,
            "avatar": {"url": "https://rdv.example/media/b.png"}
        },
        "tags": [{"title": "#Repair"}, {"title": "repair"}, {"title": "Vélo"}],
        "participantStats": {"participant": 12},
        "options": {
            "maximumAttendeeCapacity": 0, "anonymousParticipation": true, "showStartTime": true, "showEndTime": false,
            "hideOrganizerWhenGroupEvent": false, "timezone": "Europe/Paris", "isOnline": false,
            "hideNumberOfParticipants": false
        }
    })
}

fn page_of(items: &[Value]) -> EventsPage {
    let answer = json!({"data": {"searchEvents": {"total": items.len(), "elements": items}}});
    parse_events(answer.to_string().as_bytes(), &host(), now()).unwrap()
}

/// The only event of a page with this item, changed.
fn event_of(change: impl FnOnce(&mut Value)) -> ListedEvent {
    let mut item = item();
    change(&mut item);
    let mut page = page_of(&[item]);
    assert_eq!((page.errors.len(), page.spoofs.len(), page.not_public.len()), (0, 0, 0), "{page:?}");
    page.events.remove(0)
}

#[test]
fn a_whole_event_becomes_a_record() {
    let listed = event_of(|_| {});
    let event = &listed.event;
    assert_eq!((listed.withheld.as_ref(), listed.remarks.len()), (None, 0));
    assert_eq!(event.origin_id, "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    assert_eq!((event.title.as_str(), event.status), ("Repair café", EventStatus::Tentative));
    assert_eq!((event.time.time_zone.as_deref(), event.time.shows_end_time), (Some("Europe/Paris"), false));
    assert_eq!((event.join_mode, event.category.as_deref()), (Some(JoinMode::External), Some("CRAFTS")));
    assert_eq!(event.pictures.first().map(|image| (image.width, image.height)), Some((Some(1200), Some(600))));
    assert_eq!(event.tags, ["Repair", "Vélo"]);
    let facts: Vec<_> = event.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(facts, [("mz:accessibility:wheelchairAccessible", "fully"), ("mz:accessibility:smokeFree", "true")]);
    assert_eq!((event.n_participants, event.capacity), (Some(12), None), "0 places are any number");
    assert_eq!(event.group.as_ref().map(|group| group.display_name.as_str()), Some("L'Atelier"));
    assert_eq!(event.organizer.as_ref().map(|person| person.url.as_str()), Some("https://rdv.example/@zoe"));
    let address = event.address.as_ref().unwrap();
    assert_eq!((address.name.as_deref(), address.region.as_deref()), (Some("Atelier"), None));
    assert_eq!(address.point.map(|point| (point.lat(), point.lon())), Some((45.764, 4.8357)));
}

#[test]
fn an_event_of_1_0_with_hardly_anything_is_a_record_too() {
    let sparse = json!({
        "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "local": true, "visibility": "PUBLIC", "title": "Réunion",
        "url": "https://rdv.example/events/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "beginsOn": "2026-12-05T13:00:00Z", "category": "null", "language": "und", "tags": null, "options": null
    });
    let page = page_of(&[sparse]);
    let event = &page.events[0].event;
    assert_eq!(
        (event.category.as_deref(), event.language.as_deref(), event.status),
        (None, None, EventStatus::Confirmed)
    );
    assert!(event.tags.is_empty() && event.address.is_none() && event.group.is_none() && !event.is_online);
}

#[test]
fn hidden_numbers_and_organisers_stay_hidden() {
    let event = event_of(|item| {
        item["options"]["hideNumberOfParticipants"] = json!(true);
        item["options"]["hideOrganizerWhenGroupEvent"] = json!(true);
    });
    assert_eq!((event.event.n_participants, event.event.organizer), (None, None));
    assert!(event.event.group.is_some());
}

#[test]
fn checklist_06_07_only_public_events_of_the_host_itself_are_kept() {
    let with = |key: &str, value: Value| {
        let mut item = item();
        item[key] = value;
        page_of(&[item])
    };
    assert_eq!(with("local", json!(false)).n_remote, 1);
    assert_eq!(with("url", json!("https://other.example/events/1")).spoofs.len(), 1, "local, and of another host");
    for visibility in ["UNLISTED", "RESTRICTED", "PRIVATE"] {
        assert_eq!(with("visibility", json!(visibility)).not_public.len(), 1);
    }
    assert_eq!(with("visibility", json!(null)).not_public.len(), 1);
    // case 92: drafts, which versions before 1.3 leak.
    assert_eq!(with("draft", json!(true)).not_public.len(), 1);
    assert_eq!(with("title", json!(" \u{200b}")).errors.len(), 1);
    assert_eq!(with("beginsOn", json!("tomorrow")).errors.len(), 1);
    let mut suspended = item();
    suspended["attributedTo"]["suspended"] = json!(true);
    assert_eq!(page_of(&[suspended]).not_public.len(), 1);
}

#[test]
fn case_91_words_of_a_group_or_a_person_withhold_their_events() {
    let group = event_of(|item| item["attributedTo"]["summary"] = json!("<p>We mend. #NoIndex</p>"));
    let withheld = group.withheld.unwrap();
    assert_eq!((withheld.name.as_str(), withheld.is_group), ("atelier", true));
    assert_eq!(withheld.how, "`#noindex` in the description of the group");
    let person = event_of(|item| item["organizerActor"]["summary"] = json!("#nobot"));
    assert_eq!(person.withheld.map(|withheld| (withheld.name, withheld.is_group)), Some(("zoe".to_owned(), false)));
}

#[test]
fn case_91_a_group_that_is_not_discoverable_or_asks_for_it_is_withheld() {
    let document = |flags: Value| {
        let mut actor = json!({
            "type": "Group", "id": "https://rdv.example/@atelier", "preferredUsername": "atelier", "name": "L'Atelier",
            "summary": "<p>We mend.</p>", "openness": "invite_only", "memberCount": 7
        });
        actor.as_object_mut().unwrap().extend(flags.as_object().unwrap().clone());
        parse_actor(actor.to_string().as_bytes(), &host(), now()).unwrap()
    };
    use crate::reading::consent::Consent;
    for silent in [json!({}), json!({"discoverable": true}), json!({"discoverable": null})] {
        assert_eq!(document(silent).consent, Consent::Silent);
    }
    for refusing in [json!({"discoverable": false}), json!({"indexable": "false"}), json!({"summary": "#nobots"})] {
        assert!(matches!(document(refusing).consent, Consent::Withheld(_)));
    }
    let group = document(json!({})).group;
    assert_eq!((group.openness, group.n_members), (Some(Openness::InviteOnly), Some(7)));
}

#[test]
fn case_92_each_odd_time_has_one_result() {
    let time = |change: fn(&mut Value)| {
        let listed = event_of(change);
        (listed.event.time, listed.remarks)
    };
    let (backwards, remarks) = time(|item| item["endsOn"] = json!("2026-12-05T12:00:00Z"));
    assert_eq!((backwards.ends_at, remarks), (None, vec![Remark::BadEnd]));
    let (long, remarks) = time(|item| item["endsOn"] = json!("2036-12-05T12:00:00Z"));
    assert!(long.ends_at.is_some() && remarks.is_empty());
    let (nowhere, remarks) = time(|item| {
        item["options"]["timezone"] = json!("Mars/Olympus");
        item["physicalAddress"]["timezone"] = json!(null);
    });
    assert_eq!((nowhere.time_zone, remarks), (None, vec![Remark::UnknownZone]));
    let (of_the_place, _) = time(|item| item["options"]["timezone"] = json!(null));
    assert_eq!(of_the_place.time_zone.as_deref(), Some("Europe/Paris"));
    // A wall time that a zone skips in spring arrives as an instant, and stays that instant.
    let (gap, _) = time(|item| {
        item["beginsOn"] = json!("2026-03-29T01:30:00Z");
        item["endsOn"] = json!(null);
    });
    assert_eq!((gap.starts_at.to_string().as_str(), gap.ends_at), ("2026-03-29T01:30:00Z", None));
    let (all_day, _) = time(|item| item["options"]["showStartTime"] = json!(false));
    assert!(!all_day.shows_start_time);
    for (status, kept) in [
        ("CANCELLED", EventStatus::Cancelled),
        ("TENTATIVE", EventStatus::Tentative),
        ("POSTPONED", EventStatus::Confirmed),
    ] {
        let listed = event_of(|item| item["status"] = json!(status));
        assert_eq!(listed.event.status, kept);
    }
    let online = event_of(|item| {
        item["options"]["isOnline"] = json!(true);
        item["physicalAddress"] = json!(null);
    });
    assert!(online.event.is_online && online.event.address.is_none());
}

#[test]
fn case_93_a_swapped_place_is_swapped_back_and_told() {
    let listed = event_of(|item| item["physicalAddress"]["geom"] = json!("-33.86;151.2"));
    let point = listed.event.address.and_then(|address| address.point).unwrap();
    assert_eq!((point.lat(), point.lon(), listed.remarks), (-33.86, 151.2, vec![Remark::SwappedCoordinates]));
    let zero = event_of(|item| item["physicalAddress"]["geom"] = json!("0;0"));
    assert!(zero.event.address.is_some_and(|address| address.point.is_none()));
}

#[test]
fn case_85_of_thousands_of_tags_thirty_are_kept() {
    let listed = event_of(|item| {
        item["tags"] = (0..10_000).map(|n| json!({"title": format!("#tag{n}")})).collect();
    });
    assert_eq!(listed.event.tags.len(), 30);
    let html = event_of(|item| item["description"] = json!("é".repeat(64 << 10)));
    assert!(html.event.description.is_some_and(|html| html.len() <= 64 << 10));
}

#[test]
fn rows_of_a_global_index_are_none_of_the_host() {
    let page = page_of(&[json!({"__typename": "EventResult"}), json!({"__typename": "EventResult"}), item()]);
    assert_eq!((page.n_global, page.events.len(), page.n_rows), (2, 1, 3));
    let answer = json!({"data": {"searchEvents": {"total": 1, "elements": [{"__typename": "EventResult"}]}}});
    let look = parse_look(answer.to_string().as_bytes(), &host()).unwrap();
    assert_eq!((look.n_global, look.glances.len()), (1, 0));
}

#[test]
fn a_look_tells_what_is_new_changed_or_cancelled() {
    let mut cancelled = item();
    cancelled["status"] = json!("CANCELLED");
    let mut remote = item();
    remote["local"] = json!(false);
    remote["updatedAt"] = json!("2026-11-20T00:00:00Z");
    let mut unlisted = item();
    unlisted["visibility"] = json!("UNLISTED");
    let list = |items: Vec<Value>| json!({"elements": items});
    let answer = json!({"data": {
        "edited": list(vec![item(), remote]), "newest": list(vec![item()]), "cancelled": list(vec![cancelled, unlisted])
    }});
    let page = parse_changes(answer.to_string().as_bytes(), &host()).unwrap();
    assert_eq!((page.edited.glances.len(), page.edited.n_remote, page.edited.n_rows), (1, 1, 2));
    assert!(page.edited.newest_ms > page.edited.oldest_ms);
    assert!(page.cancelled.glances[0].is_cancelled && !page.cancelled.glances[1].is_public);
}

#[test]
fn a_probe_tells_version_and_search() {
    let probe = |config: Value| parse_probe(json!({"data": {"config": config}}).to_string().as_bytes()).unwrap();
    let old = probe(json!({"name": "Rendez-vous", "version": "1.1.0"}));
    assert_eq!((old.version.as_deref(), old.is_search_global, old.has_feeds), (Some("1.1.0"), false, None));
    let global = json!({"version": "5.1.3", "instanceFeeds": {"enabled": true},
        "search": {"global": {"isEnabled": true, "isDefault": true}}});
    let new = probe(global);
    assert!(new.is_search_global && new.has_feeds == Some(true));
}

#[test]
fn checklist_06_07_groups_are_kept_when_they_are_public_and_at_home() {
    let group = |change: fn(&mut Value)| {
        let mut item = json!({
            "__typename": "Group", "url": "https://rdv.example/@atelier", "type": "GROUP", "name": "L'Atelier",
            "domain": null, "local": true, "summary": "<p>We mend.</p>", "preferredUsername": "Atelier",
            "visibility": "PUBLIC", "openness": "MODERATED", "suspended": false, "followersCount": 3,
            "membersCount": 5, "organizedEvents": {"total": 9},
            "avatar": {"url": "https://rdv.example/media/b.png"}, "banner": {"url": "https://cdn.example/c.png"}
        });
        change(&mut item);
        let answer = json!({"data": {"searchGroups": {"total": 1, "elements": [item]}}});
        parse_groups(answer.to_string().as_bytes(), &host(), now()).unwrap()
    };
    let page = group(|_| {});
    let kept = &page.groups[0].group;
    assert_eq!((kept.n_members, kept.n_followers, kept.n_events), (Some(5), Some(3), Some(9)));
    assert_eq!((kept.openness, kept.banners.len()), (Some(Openness::Moderated), 0), "pictures are on the origin");
    assert_eq!(group(|item| item["domain"] = json!("other.example")).n_remote, 1);
    assert_eq!(group(|item| item["visibility"] = json!("UNLISTED")).not_public, ["atelier"]);
    assert_eq!(group(|item| item["suspended"] = json!(true)).not_public, ["atelier"]);
}

fn ap_event() -> Value {
    json!({
        "type": "Event", "id": "https://rdv.example/events/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "uuid": "00000000-0000-4000-8000-000000000000", "name": "Repair café", "content": "<p>Bring it.</p>",
        "category": "CRAFTS", "published": "2026-11-01T10:00:00Z", "updated": "2026-11-02T11:00:00Z",
        "startTime": "2026-12-05T14:00:00+01:00", "endTime": "2026-12-05T18:00:00+01:00", "timezone": "Europe/Paris",
        "ical:status": "CANCELLED", "joinMode": "free", "draft": false, "inLanguage": "fr", "participantCount": 5,
        "actor": "https://rdv.example/@zoe", "attributedTo": "https://rdv.example/@atelier",
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
        "tag": [{"type": "Hashtag", "name": "#repair"}, {"type": "Mention", "name": "@zoe"}],
        "attachment": [
            {"type": "Document", "name": "Banner", "url": "https://rdv.example/media/a.webp"},
            {"type": "Link", "name": "Elsewhere", "href": "https://elsewhere.example/"},
            {"type": "Link", "name": "Website", "href": "https://cafe.example/"},
            {"type": "PropertyValue", "propertyID": "mz:accessibility:wheelchairAccessible", "value": "no"}
        ],
        "location": {"type": "Place", "id": "https://rdv.example/address/1", "name": "Atelier",
            "latitude": 45.764, "longitude": 4.8357, "address": {"addressLocality": "Lyon"}}
    })
}

fn object_of(event: &Value) -> Result<ApObject, Rejection> {
    parse_object(event.to_string().as_bytes(), &host(), now())
}

#[test]
fn an_activitypub_event_says_the_same_without_what_does_not_travel() {
    let Ok(ApObject::Event(listed)) = object_of(&ap_event()) else { panic!("no event") };
    let event = &listed.event;
    assert_eq!(event.origin_id, "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "the id counts, not another uuid beside it");
    assert_eq!((event.status, event.tags.as_slice()), (EventStatus::Cancelled, ["repair".to_owned()].as_slice()));
    assert_eq!(event.group.as_ref().map(|group| group.name.as_str()), Some("atelier"));
    assert_eq!((event.organizer.as_ref(), event.n_participants), (None, None), "either may be hidden");
    assert_eq!(event.online_address.as_deref(), Some("https://cafe.example/"));
    assert_eq!((event.pictures.len(), event.metadata.len()), (1, 1));
    assert_eq!(event.time.starts_at.to_string(), "2026-12-05T13:00:00Z");
}

#[test]
fn checklist_07_activitypub_objects_that_are_gone_hidden_or_foreign_are_told_apart() {
    let with = |key: &str, value: Value| {
        let mut event = ap_event();
        event[key] = value;
        object_of(&event)
    };
    assert_eq!(with("type", json!("Tombstone")), Ok(ApObject::Tombstone));
    for to in [json!([]), json!(["https://rdv.example/@atelier/followers"]), json!(null)] {
        assert_eq!(with("to", to), Err(Rejection::NotPublic("visibility")));
    }
    assert!(with("to", json!("as:Public")).is_ok());
    assert!(matches!(with("id", json!("https://other.example/events/1")), Err(Rejection::Spoofed { .. })));
}

#[test]
fn case_93_the_old_form_of_a_place_has_latitude_and_longitude_swapped() {
    let mut event = ap_event();
    event["location"] = json!({"type": "Place", "name": "Atelier", "geo": {"latitude": 4.8357, "longitude": 45.764}});
    let Ok(ApObject::Event(listed)) = object_of(&event) else { panic!("no event") };
    let point = listed.event.address.and_then(|address| address.point).unwrap();
    assert_eq!((point.lat(), point.lon()), (45.764, 4.8357));
    assert_eq!(listed.remarks, [Remark::SwappedCoordinates]);
}

#[test]
fn an_outbox_is_read_in_both_of_its_forms_and_comments_are_passed_over() {
    let create = json!({"type": "Create", "object": ap_event()});
    let announce = json!({"type": "Announce", "object": {"type": "Create", "object": ap_event()}});
    let comment = json!({"type": "Create", "object": {"type": "Note", "id": "https://rdv.example/comments/1"}});
    let bare = json!({"type": "Announce", "object": "https://rdv.example/events/1"});
    let page = json!({"type": "OrderedCollectionPage", "orderedItems": [create, announce, comment, bare, 7]});
    let page = parse_outbox(page.to_string().as_bytes(), &host(), now()).unwrap();
    assert_eq!((page.n_items, page.events.events.len(), page.events.errors.len()), (5, 2, 1));
    let end = parse_outbox(br#"{"orderedItems": []}"#, &host(), now()).unwrap();
    assert_eq!(end.n_items, 0);
    assert!(parse_outbox(b"{}", &host(), now()).is_err());
}

#[test]
fn a_calendar_names_its_events() {
    let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:3F2504E0-4F89-41D3-9A0C-0305E82C3301\r\nSUMMARY:UID:x\r\n\
                UID;X=1:00000000-0000-4000-8000-000000000000\r\nUID:not-one\r\nEND:VEVENT\r\nEND:VCALENDAR";
    assert_eq!(calendar_ids(text), ["00000000-0000-4000-8000-000000000000", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"]);
}

#[test]
fn a_stranger_asks_for_this_event_alone() {
    let listed = event_of(|item| item["attributedTo"]["summary"] = json!("#noindex"));
    assert_eq!(listed.withheld.map(|wish| (wish.name, wish.is_group)), Some(("atelier".to_owned(), true)));
    let listed = event_of(|item| {
        item["attributedTo"]["summary"] = json!("#noindex");
        item["attributedTo"]["domain"] = json!("elsewhere.example");
    });
    assert_eq!(listed.withheld.map(|wish| wish.name), Some(String::new()));
}

#[test]
fn a_global_search_that_is_turned_off_answers_nothing() {
    let is_global = |on: Value| {
        let global = json!({"isEnabled": on, "isDefault": true});
        let answer = json!({"data": {"config": {"version": "5.1.3", "search": {"global": global}}}});
        parse_probe(answer.to_string().as_bytes()).unwrap().is_search_global
    };
    assert_eq!([json!(true), json!(null), json!(false)].map(is_global), [true, true, false]);
}

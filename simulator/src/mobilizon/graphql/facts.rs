//! The schema of a version, from facts: which version has which field, argument and value.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use async_graphql_parser::types::Type;
use serde::Deserialize;

use super::schema::{ArgumentDef, BUILT_IN_SCALARS, FieldDef, ObjectDef, Schema};
use crate::mobilizon::version::MobilizonVersion;

const AVAILABILITY: &str = include_str!("../../../fixtures/mobilizon/field-availability.json");

#[derive(Debug, Deserialize)]
struct Range {
    first: String,
    last: String,
}

/// Scalars beyond those that GraphQL itself has.
const SCALARS: [&str; 4] = ["DateTime", "UUID", "Point", "Timezone"];

/// Fields whose values are objects, and the type of those, by the names of the facts. What is not here is a leaf.
const OBJECT_FIELDS: &str = "\
Query searchEvents Events|Query searchGroups Groups|Query events PaginatedEventList|Query event Event|Query group Group|Query getGroup Group|\
Query config Config|Query statistics Statistics|Query categoryStatistics CategoryStatistics|Query media Media|\
PaginatedEventList elements Event|* picture Media|* media Media|* avatar Media|* banner Media|* physicalAddress Address|\
* attributedTo Actor|* organizerActor Actor|* contacts Actor|* tags Tag|* options EventOptions|* participantStats ParticipantStats|\
Event metadata EventMetadata|Event relatedEvents Event|Tag related Tag|EventOptions offers EventOffer|\
EventOptions participationConditions EventParticipationCondition|Media metadata MediaMetadata|Address pictureInfo PictureInfo|\
PictureInfo author PictureInfoElement|PictureInfo source PictureInfoElement|Group organizedEvents PaginatedEventList|\
Config features Features|Config restrictions Restrictions|Config instanceFeeds InstanceFeeds|Config search SearchSettings|\
Config eventCategories EventCategoryOption|Config location Lonlat|SearchSettings global GlobalSearchSettings";

/// The types of arguments, by name; those of `sortBy` depend on the field.
const ARGUMENTS: &str = "\
page Int|limit Int|zoom Int|radius Float|term String|tags String|location String|category String|bbox String|name String|domain String|\
preferredUsername String|roles String|locale String|uri String|local Boolean|suspended Boolean|longEvents Boolean|longevents Boolean|\
excludeMyGroups Boolean|approved Boolean|categoryOneOf [String]|languageOneOf [String]|boostLanguages [String]|statusOneOf [EventStatus]|\
beginsOn DateTime|endsOn DateTime|afterDatetime DateTime|beforeDatetime DateTime|type EventType|searchTarget SearchTarget|orderBy EventOrderBy|\
order EventOrderBy|direction SortDirection|orderDirection SortDirection|minimumVisibility GroupVisibility";

/// Interfaces and what is one of each.
const INTERFACES: [(&str, &[&str]); 3] = [
    ("EventSearchResult", &["Event", "EventResult"]),
    ("GroupSearchResult", &["Group", "GroupResult"]),
    ("Actor", &["Group"]),
];

/// The schema of a version.
pub(super) fn schema(version: MobilizonVersion) -> Schema {
    let mut schema = Schema::default();
    schema.scalars.extend(BUILT_IN_SCALARS.iter().chain(&SCALARS).map(|name| (*name).to_owned()));
    let known = availability().iter().filter(|(_, range)| {
        numbers(&range.first) <= numbers(version.number()) && numbers(version.number()) <= numbers(&range.last)
    });
    // Arguments come after their fields in the order of the keys.
    for (key, _) in known {
        if let Some((name, value)) = key.split_once('#') {
            schema.enums.entry(name.to_owned()).or_default().insert(value.to_owned());
        } else if let Some((object, field)) = key.split_once('.') {
            let object_def = schema.objects.entry(object.to_owned()).or_default();
            match field.trim_end_matches(":)").split_once('(') {
                Some((field, argument)) => {
                    let ty = argument_type(object, field, argument);
                    if let (Some(found), Some(ty)) = (object_def.fields.get_mut(field), ty) {
                        found.arguments.insert(argument.to_owned(), ArgumentDef { ty, has_default: false });
                    }
                }
                None => {
                    let def = FieldDef { named: field_type(version, object, field), arguments: BTreeMap::new() };
                    object_def.fields.insert(field.to_owned(), def);
                }
            }
        }
    }
    for (interface, members) in INTERFACES {
        if let Some(found) = schema.objects.get_mut(interface) {
            found.is_interface = true;
            for member in members {
                if let Some(member) = schema.objects.get_mut(*member) {
                    member.implements.insert(interface.to_owned());
                }
            }
        }
    }
    // Everybody who is an actor and no group.
    if let Some(ObjectDef { fields, .. }) = schema.objects.get("Actor") {
        let implements = ["Actor".to_owned()].into();
        let person = ObjectDef { fields: fields.clone(), implements, is_interface: false };
        schema.objects.insert("Person".to_owned(), person);
    }
    schema
}

fn availability() -> &'static BTreeMap<String, Range> {
    static FACTS: OnceLock<BTreeMap<String, Range>> = OnceLock::new();
    // The file is part of this crate, and a test reads it.
    FACTS.get_or_init(|| serde_json::from_str(AVAILABILITY).unwrap_or_default())
}

/// The numeric prefix of a version string.
fn numbers(version: &str) -> (u32, u32, u32) {
    let mut parts = version.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

fn field_type(version: MobilizonVersion, object: &str, field: &str) -> Option<String> {
    let elements = match (object, field, version.has_search_interfaces()) {
        ("Events", "elements", true) => Some("EventSearchResult"),
        ("Events", "elements", false) => Some("Event"),
        ("Groups", "elements", true) => Some("GroupSearchResult"),
        ("Groups", "elements", false) => Some("Group"),
        _ => None,
    };
    let found = elements.or_else(|| {
        OBJECT_FIELDS.split('|').find_map(|line| {
            let mut words = line.split(' ');
            let is_it = words.next().is_some_and(|of| of == object || of == "*") && words.next() == Some(field);
            words.next().filter(|_| is_it)
        })
    })?;
    Some(found.to_owned())
}

fn argument_type(object: &str, field: &str, argument: &str) -> Option<Type> {
    Type::new(match (object, field, argument) {
        ("Query", "searchEvents", "sortBy") => "SearchEventSortOptions",
        ("Query", "searchGroups", "sortBy") => "SearchGroupSortOptions",
        ("Query", "event", "uuid") => "UUID!",
        ("Query", "group", "preferredUsername") => "String!",
        ("Query", _, "id") => "ID!",
        ("Query", "interact", "uri") => "String!",
        _ => ARGUMENTS
            .split('|')
            .find_map(|line| line.split_once(' ').filter(|(name, _)| *name == argument))
            .map_or("String", |(_, ty)| ty),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_can_be_read_and_tell_versions_apart() {
        assert!(availability().len() > 400);
        let old = schema(MobilizonVersion::V1_1);
        let new = schema(MobilizonVersion::V5_1);
        assert!(!old.objects["Event"].fields.contains_key("longEvent"));
        assert!(new.objects["Event"].fields.contains_key("longEvent"));
        assert!(!old.objects["Query"].fields["searchEvents"].arguments.contains_key("searchTarget"));
        assert!(new.enums["SearchTarget"].contains("SELF"));
        assert!(!schema(MobilizonVersion::V3_0).enums["SearchTarget"].contains("SELF"));
        assert!(new.may_meet("EventSearchResult", "Event") && !new.may_meet("Event", "Group"));
    }
}

//! What a Mobilizon server makes of an answer of the index it searches in: what its visitors would see, or how it would fall.
//!
//! Written from what Mobilizon 3.0 to 5.2 reads. A pure decoder over an answer, for any test that holds one.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::mobilizon::CATEGORIES;

/// Why visitors see nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server does without an answer that is no JSON of status 200: the page says that there is nothing.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The server falls over it, and the page shows an error.
    #[error("crash: {0}")]
    Crash(String),
}

/// One page of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown<T> {
    /// How many there are in all.
    pub total: i64,
    /// The items of the page.
    pub items: Vec<T>,
}

/// An event as a visitor gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownEvent {
    /// The key in the page; must differ from the others there.
    pub id: Option<String>,
    /// Its uuid, for links to calendars.
    pub uuid: Option<String>,
    /// Where a visitor is sent.
    pub url: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The beginning; a text that is no time with an offset is none.
    pub begins_on: Option<Timestamp>,
    /// The end.
    pub ends_on: Option<Timestamp>,
    /// The address of the picture.
    pub picture: Option<String>,
    /// One of [`CATEGORIES`].
    pub category: String,
    /// Titles, without `#`.
    pub tags: Vec<String>,
    /// The one organiser that is shown.
    pub organizer: Option<ShownActor>,
    /// How many take part.
    pub n_participants: Option<i64>,
    /// Where it is.
    pub address: Option<ShownAddress>,
}

/// A group as a visitor gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownGroup {
    /// The key in the page.
    pub id: Option<String>,
    /// Where a visitor is sent.
    pub url: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The user name.
    pub username: Option<String>,
    /// The host; without one it looks like a group of the searching instance.
    pub domain: Option<String>,
    /// The address of the avatar.
    pub avatar: Option<String>,
    /// HTML that is put into the page as it stands.
    pub summary: Option<String>,
    /// Members.
    pub n_members: Option<i64>,
    /// Where it is.
    pub address: Option<ShownAddress>,
}

/// The organiser of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownActor {
    /// Its id.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The user name.
    pub username: Option<String>,
    /// The address of the avatar.
    pub avatar: Option<String>,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownAddress {
    /// Its id, taken for its address too.
    pub id: Option<String>,
    /// The name of the place.
    pub description: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The town.
    pub locality: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The street.
    pub street: Option<String>,
    /// `lon;lat`; a lone `;` without coordinates, over which the map of the browser falls.
    pub geom: String,
}

impl ShownAddress {
    /// Longitude and latitude, when the browser would read two numbers.
    pub fn point(&self) -> Option<(f64, f64)> {
        let (longitude, latitude) = self.geom.split_once(';')?;
        Some((longitude.parse().ok()?, latitude.parse().ok()?))
    }
}

/// Decodes an answer of `/api/v1/search/events`.
///
/// # Errors
/// What the server would do instead of showing events.
pub fn decode_events(status: u16, content_type: Option<&str>, body: &[u8]) -> Result<Shown<ShownEvent>, Failure> {
    page(status, content_type, body, event)
}

/// Decodes an answer of `/api/v1/search/groups`.
///
/// # Errors
/// As [`decode_events`].
pub fn decode_groups(status: u16, content_type: Option<&str>, body: &[u8]) -> Result<Shown<ShownGroup>, Failure> {
    page(status, content_type, body, group)
}

fn crash(what: &str) -> Failure {
    Failure::Crash(what.to_owned())
}

fn page<T>(
    status: u16,
    content_type: Option<&str>,
    body: &[u8],
    item: impl Fn(&Map<String, Value>) -> Result<T, Failure>,
) -> Result<Shown<T>, Failure> {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if status != 200 {
        return Err(Failure::NoAnswer(format!("status {status}")));
    }
    if kind != "application/json" && kind != "text/javascript" {
        return Err(Failure::NoAnswer(format!("content type `{kind}`")));
    }
    let body: Value = serde_json::from_slice(body).map_err(|error| Failure::NoAnswer(error.to_string()))?;
    let Some(body) = body.as_object() else { return Err(crash("the answer is no object")) };
    let Some(Value::Array(data)) = body.get("data") else { return Err(crash("`data` is no array")) };
    let mut items = Vec::with_capacity(data.len());
    for value in data {
        let Some(fields) = value.as_object() else { return Err(crash("an item is no object")) };
        items.push(item(fields)?);
    }
    let total = body.get("total").and_then(Value::as_i64).filter(|total| i32::try_from(*total).is_ok());
    Ok(Shown { total: total.ok_or_else(|| crash("`total` is no integer"))?, items })
}

fn event(fields: &Map<String, Value>) -> Result<ShownEvent, Failure> {
    let Some(Value::Array(tags)) = fields.get("tags") else { return Err(crash("`tags` is no array")) };
    let tags: Option<Vec<String>> =
        tags.iter().map(|tag| Some(tag.as_str()?.trim_start_matches('#').to_owned())).collect();
    let category = fields.get("category").and_then(Value::as_str);
    Ok(ShownEvent {
        id: id(fields, "id")?,
        uuid: text(fields, "uuid")?,
        url: text(fields, "url")?,
        title: text(fields, "name")?,
        begins_on: time(fields, "startTime"),
        ends_on: time(fields, "endTime"),
        picture: text(fields, "banner")?,
        category: category.filter(|category| CATEGORIES.contains(category)).unwrap_or("MEETING").to_owned(),
        tags: tags.ok_or_else(|| crash("a tag is no text"))?,
        organizer: creator(fields)?,
        n_participants: count(fields, "participantCount")?,
        address: address(fields)?,
    })
}

fn group(fields: &Map<String, Value>) -> Result<ShownGroup, Failure> {
    Ok(ShownGroup {
        id: id(fields, "id")?,
        url: text(fields, "url")?,
        name: text(fields, "displayName")?,
        username: text(fields, "name")?,
        domain: text(fields, "host")?,
        avatar: text(fields, "avatar")?,
        summary: text(fields, "description")?,
        n_members: count(fields, "memberCount")?,
        address: address(fields)?,
    })
}

/// Keys may be texts or numbers.
fn id(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, Failure> {
    match fields.get(key) {
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        _ => text(fields, key),
    }
}

/// A text, or null; the scalar of another kind cannot be written into the answer of the server.
fn text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, Failure> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(crash(&format!("`{key}` is no text"))),
    }
}

fn count(fields: &Map<String, Value>, key: &str) -> Result<Option<i64>, Failure> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(crash(&format!("`{key}` is no integer"))),
        },
    }
}

/// A time without an offset is not read, like any other text.
fn time(fields: &Map<String, Value>, key: &str) -> Option<Timestamp> {
    fields.get(key)?.as_str()?.parse().ok()
}

fn creator(fields: &Map<String, Value>) -> Result<Option<ShownActor>, Failure> {
    match fields.get("creator") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(creator)) => Ok(Some(ShownActor {
            id: id(creator, "id")?,
            name: text(creator, "displayName")?,
            username: text(creator, "name")?,
            avatar: text(creator, "avatar")?,
        })),
        Some(_) => Err(crash("`creator` is no object")),
    }
}

fn address(fields: &Map<String, Value>) -> Result<Option<ShownAddress>, Failure> {
    let location = match fields.get("location") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(location)) => location,
        Some(_) => return Err(crash("`location` is no object")),
    };
    let none = Map::new();
    let parts = match location.get("address") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(parts)) => parts,
        Some(_) => return Err(crash("`location.address` is no object")),
    };
    let point = match location.get("location") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(point)) => point,
        Some(_) => return Err(crash("`location.location` is no object")),
    };
    let printed = |key: &str| match point.get(key) {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    Ok(Some(ShownAddress {
        id: id(location, "id")?,
        description: text(location, "name")?,
        country: text(parts, "addressCountry")?,
        region: text(parts, "addressRegion")?,
        locality: text(parts, "addressLocality")?,
        postal_code: text(parts, "postalCode")?,
        street: text(parts, "streetAddress")?,
        geom: format!("{};{}", printed("lon"), printed("lat")),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const JSON: Option<&str> = Some("application/json; charset=utf-8");

    fn events(body: &Value) -> Result<Shown<ShownEvent>, Failure> {
        decode_events(200, JSON, body.to_string().as_bytes())
    }

    fn item() -> Value {
        json!({
            "id": "https://a.example/events/1", "url": "https://a.example/events/1", "name": "A walk",
            "startTime": "2026-01-02T10:00:00+01:00", "endTime": "2026-01-02T10:00:00", "category": "SPORTS",
            "tags": ["##Walk", "Hills"], "creator": { "name": "walkers", "displayName": null },
            "participantCount": 3, "location": { "name": "A hill", "location": { "lon": 4.5, "lat": 45 } },
        })
    }

    #[test]
    fn what_is_shown_is_what_mobilizon_reads() {
        let shown = events(&json!({ "total": 7, "data": [item()] })).unwrap();
        assert_eq!(shown.total, 7);
        let event = &shown.items[0];
        assert_eq!(event.begins_on, "2026-01-02T09:00:00Z".parse().ok());
        assert_eq!(event.ends_on, None, "a time without offset is none");
        assert_eq!(event.tags, ["Walk", "Hills"]);
        assert_eq!(event.organizer.as_ref().unwrap().username.as_deref(), Some("walkers"));
        assert_eq!(event.address.as_ref().unwrap().geom, "4.5;45");
        assert_eq!(event.address.as_ref().unwrap().street, None);
        assert_eq!(events(&json!({ "total": 0, "data": [] })).unwrap().items, []);
    }

    #[test]
    fn categories_in_other_letters_fold_to_the_default() {
        for category in [json!("sports"), json!("REPAIR_CAFE"), json!(null), json!(3)] {
            let mut item = item();
            item["category"] = category;
            assert_eq!(events(&json!({ "total": 1, "data": [item] })).unwrap().items[0].category, "MEETING");
        }
    }

    #[test]
    fn the_server_falls_over_what_it_does_not_expect() {
        let with = |key: &str, value: Value| {
            let mut item = item();
            item[key] = value;
            events(&json!({ "total": 1, "data": [item] }))
        };
        for (key, value) in [
            ("tags", json!(null)),
            ("tags", json!([null])),
            ("location", json!("Lyon")),
            ("creator", json!("walkers")),
            ("banner", json!({ "url": "https://a.example/b" })),
            ("participantCount", json!("3")),
        ] {
            assert!(matches!(with(key, value.clone()), Err(Failure::Crash(_))), "{key} {value}");
        }
        for body in [json!({ "total": null, "data": [] }), json!({ "total": 1 }), json!({ "total": 1, "data": [null] })]
        {
            assert!(matches!(events(&body), Err(Failure::Crash(_))), "{body}");
        }
        let map_breaks = with("location", json!({ "name": "Somewhere", "location": null })).unwrap();
        let address = map_breaks.items[0].address.clone().unwrap();
        assert_eq!((address.geom.as_str(), address.point()), (";", None));
    }

    #[test]
    fn other_statuses_and_types_are_no_answer() {
        let body = b"{\"total\":0,\"data\":[]}";
        assert!(matches!(decode_groups(404, JSON, body), Err(Failure::NoAnswer(_))));
        assert!(matches!(decode_groups(200, Some("text/plain"), body), Err(Failure::NoAnswer(_))));
        assert!(matches!(decode_groups(200, JSON, b"{"), Err(Failure::NoAnswer(_))));
        assert_eq!(decode_groups(200, Some("text/javascript"), body).unwrap().total, 0);
    }
}

//! Pages as JSON, of a size that every client reads.

use serde::Serialize;

use crate::search::SearchPage;

/// Most bytes of one object as JSON. PeerTube gives up on answers of three megabytes, and a page has up to a hundred.
const MAX_OBJECT_BYTES: usize = 28 << 10;

/// Most bytes of a page, as far as that can be had by leaving parts of objects out.
const MAX_PAGE_BYTES: usize = 100 * MAX_OBJECT_BYTES;

/// What one object mostly takes as JSON.
const TYPICAL_OBJECT_BYTES: usize = 5 << 10;

/// Leaves out a part of an object that a client can do without.
pub(super) type Lighten<Object> = fn(&mut Object);

/// Writes `{"total": …, "data": […]}`, below three megabytes whatever the origins sent: `lighten` is applied to an object
/// step by step, the heaviest part first, until it is of a sane size.
///
/// # Errors
/// Never with our types; the signature is that of the writer.
pub(super) fn write_page<Hit, Object: Serialize + From<Hit>>(
    page: SearchPage<Hit>,
    lighten: &[Lighten<Object>],
) -> Result<Vec<u8>, serde_json::Error> {
    write_objects(page.total, page.hits, Object::from, lighten)
}

/// As [`write_page`], with objects made by `object`; the more there are, the lighter each must be.
///
/// # Errors
/// As [`write_page`].
pub(super) fn write_objects<Hit, Object: Serialize>(
    total: usize,
    hits: Vec<Hit>,
    object: impl Fn(Hit) -> Object,
    lighten: &[Lighten<Object>],
) -> Result<Vec<u8>, serde_json::Error> {
    let limit = MAX_OBJECT_BYTES.min(MAX_PAGE_BYTES / hits.len().max(1));
    let mut json = Vec::with_capacity(64 + hits.len() * TYPICAL_OBJECT_BYTES);
    json.extend_from_slice(format!("{{\"total\":{total},\"data\":[").as_bytes());
    for (n, hit) in hits.into_iter().enumerate() {
        if n > 0 {
            json.push(b',');
        }
        append(&mut json, object(hit), limit, lighten)?;
    }
    json.extend(b"]}");
    Ok(json)
}

fn append<Object: Serialize>(
    json: &mut Vec<u8>,
    mut object: Object,
    limit: usize,
    lighten: &[Lighten<Object>],
) -> Result<(), serde_json::Error> {
    let start = json.len();
    serde_json::to_writer(&mut *json, &object)?;
    for lighten in lighten {
        if json.len() - start <= limit {
            break;
        }
        lighten(&mut object);
        json.truncate(start);
        serde_json::to_writer(&mut *json, &object)?;
    }
    Ok(())
}

/// The object, without what makes it heavier than every client reads.
///
/// # Errors
/// As [`write_page`].
pub(super) fn lightened<Object: Serialize>(
    mut object: Object,
    lighten: &[Lighten<Object>],
) -> Result<Object, serde_json::Error> {
    for lighten in lighten {
        if serde_json::to_vec(&object)?.len() <= MAX_OBJECT_BYTES {
            break;
        }
        lighten(&mut object);
    }
    Ok(object)
}

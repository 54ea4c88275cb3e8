//! Pages as JSON, of a size that every client reads.

use serde::Serialize;

use crate::search::SearchPage;

/// Most bytes of one object as JSON. PeerTube gives up on answers of three megabytes, and a page has up to a hundred.
const MAX_OBJECT_BYTES: usize = 28 << 10;

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
    let mut json = Vec::with_capacity(64 + page.hits.len() * TYPICAL_OBJECT_BYTES);
    json.extend_from_slice(format!("{{\"total\":{},\"data\":[", page.total).as_bytes());
    for (n, hit) in page.hits.into_iter().enumerate() {
        if n > 0 {
            json.push(b',');
        }
        append(&mut json, Object::from(hit), lighten)?;
    }
    json.extend(b"]}");
    Ok(json)
}

fn append<Object: Serialize>(
    json: &mut Vec<u8>,
    mut object: Object,
    lighten: &[Lighten<Object>],
) -> Result<(), serde_json::Error> {
    let start = json.len();
    serde_json::to_writer(&mut *json, &object)?;
    for lighten in lighten {
        if json.len() - start <= MAX_OBJECT_BYTES {
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

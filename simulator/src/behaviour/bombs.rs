//! JSON that is hard to read, without the memory it takes to write it at once.

use super::JsonBomb;
use crate::answer::{Answer, BodyDelivery};

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// The answer with a bomb in the place of the honest body.
pub(super) fn json(bomb: &JsonBomb, honest: &Answer) -> Answer {
    match bomb {
        JsonBomb::Nested(depth) => repeated("{\"total\":1,\"data\":[", "[", *depth, ""),
        JsonBomb::HugeString(bytes) => repeated("{\"total\":1,\"data\":[{\"name\":\"", "a", *bytes, "\"}]}"),
        JsonBomb::EmptyObjects(n) => repeated("{\"total\":1,\"data\":[{}", ",{}", *n, "]}"),
        JsonBomb::Truncated => {
            let body = honest.body.slice(..honest.body.len() / 2);
            Answer::new(200, CONTENT_TYPE, body)
        }
        JsonBomb::Garbage => Answer::new(200, CONTENT_TYPE, "\u{0}\u{1}}{ not JSON"),
    }
}

fn repeated(prefix: &str, unit: &str, times: u64, suffix: &'static str) -> Answer {
    let per_block = (64 * 1024 / unit.len()) as u64;
    let mut answer = Answer::new(200, CONTENT_TYPE, format!("{prefix}{}", unit.repeat((times % per_block) as usize)));
    answer.delivery.body = BodyDelivery::Repeated {
        block: unit.repeat(per_block as usize).into(),
        times: times / per_block,
        suffix: suffix.into(),
    };
    answer
}

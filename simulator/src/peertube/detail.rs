//! `GET /api/v1/videos/{id}`, with the status codes recorded on 6.3.0.

use serde_json::json;
use uuid::Uuid;

use super::problem::{invalid, not_found, problem, unauthorised};
use super::shapes;
use crate::answer::Answer;
use crate::catalogue::{Instance, Privacy, VideoSpec, expand_short_uuid};
use crate::request::Request;

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// How a video or a playlist can be named in an address.
#[derive(Clone, Copy)]
pub(crate) enum Id {
    Number(u32),
    Uuid(Uuid),
}

pub(crate) fn parse_id(text: &str) -> Option<Id> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Id::Number);
    }
    if text.len() == 36 {
        return text.parse().ok().map(Id::Uuid);
    }
    expand_short_uuid(text).map(Id::Uuid)
}

/// What an anonymous caller may do with a video.
pub(crate) enum Access {
    Granted,
    Refused(Answer),
}

/// Unlisted videos, waiting and ended lives answer as public ones do.
pub(crate) fn access(video: &VideoSpec) -> Access {
    match video.privacy {
        _ if video.blocked => Access::Refused(unauthorised("Not authenticated")),
        Privacy::Public | Privacy::Unlisted => Access::Granted,
        Privacy::Private | Privacy::Internal => Access::Refused(unauthorised("Not authenticated")),
        Privacy::PasswordProtected => Access::Refused(problem(
            403,
            Some("Forbidden"),
            "Please provide a password to access this password protected video",
            Some("video_requires_password"),
        )),
    }
}

/// Answers `/api/v1/videos/{id}` and `/api/v1/videos/{id}/description`.
pub(crate) fn video(instance: &Instance, request: &Request, id: &str, sub: Option<&str>) -> Answer {
    const MESSAGE: &str = "Should have a valid video id (id, short UUID or UUID)";
    let Some(parsed) = parse_id(id) else { return invalid(request, "id", id, MESSAGE, "params") };
    let found = instance.videos.iter().find(|video| match parsed {
        Id::Number(number) => video.id == number,
        Id::Uuid(uuid) => video.uuid == uuid,
    });
    let Some(video) = found else { return not_found("Video not found") };
    if let Access::Refused(answer) = access(video) {
        return answer;
    }
    match sub {
        None => match shapes::detail(instance, video) {
            Some(detail) => Answer::json(200, CONTENT_TYPE, &detail),
            None => not_found("Video not found"),
        },
        Some("description") => Answer::json(200, CONTENT_TYPE, &json!({ "description": video.description })),
        Some("captions") => Answer::json(200, CONTENT_TYPE, &json!({ "total": 0, "data": [] })),
        Some(_) => super::unknown_api_route(),
    }
}

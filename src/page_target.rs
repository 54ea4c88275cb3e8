//! What a moderator means who pastes the address of a page: the video, channel, account, playlist, event or group that an
//! instance shows there.

use allowlist::Host;
use allowlist::moderation::Target;
use indexer::short_uuid;

/// Reads a target as moderation writes it, or the address of a page of PeerTube, Mobilizon or Gancio. The address of an
/// instance alone means the instance. Nothing is asked of anybody.
///
/// # Errors
/// What is wrong with it, and what to write.
pub fn parse(text: &str) -> Result<Target, String> {
    let text = text.trim();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) => of_page(rest).map_err(|cause| format!("`{text}` {cause}")),
        None => text.parse().map_err(|error: allowlist::moderation::TargetError| error.to_string()),
    }
}

fn of_page(rest: &str) -> Result<Target, String> {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let address = rest.get(..end).unwrap_or_default();
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let host = Host::parse(host).map_err(|error| format!("is no page of an instance: {error}"))?;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let target = match parts.as_slice() {
        [] => format!("instance:{host}"),
        ["w", "p", id, ..]
        | ["videos", "watch", "playlist", id, ..]
        | ["video-playlists", "embed" | "watch", id, ..] => {
            format!("item:playlist/{host}/{}", uuid(id)?)
        }
        ["w", id, ..] | ["videos", "watch" | "embed", id, ..] => format!("item:video/{host}/{}", uuid(id)?),
        ["c", name, ..] | ["video-channels", name, ..] => format!("channel:{}", handle(name, &host)),
        ["a", name, ..] | ["accounts", name, ..] => format!("account:{}", handle(name, &host)),
        // Mobilizon has a UUID and Gancio, for `event`, a number; its pages by name do not say which event they show.
        ["events", id] => format!("item:event/{host}/{}", uuid(id)?),
        ["event", id] | ["federation", "m", id] => match id.bytes().all(|byte| byte.is_ascii_digit()) {
            true => format!("item:event/{host}/{id}"),
            false => {
                return Err(format!(
                    "names its event by words; write `item:event/{host}/NUMBER` as `vigie moderation preview instance:{host}` shows it"
                ));
            }
        },
        [name, ..] if name.starts_with('@') => format!("group:{}", handle(name.trim_start_matches('@'), &host)),
        _ => {
            return Err(format!(
                "is no page of a video, channel, account, playlist, event or group; for everything of the instance write \
                 `instance:{host}`"
            ));
        }
    };
    target.parse().map_err(|error: allowlist::moderation::TargetError| format!("cannot be taken: {error}"))
}

/// A UUID in its usual form, from any of its forms; PeerTube writes `;threadId=…` behind it.
fn uuid(text: &str) -> Result<String, String> {
    let id = text.split(';').next().unwrap_or_default();
    match short_uuid::decode_any(id) {
        Some(uuid) => Ok(uuid.hyphenated().to_string()),
        None => Err("names something by a number that only the instance knows; open its page and take the address with the long id".to_owned()),
    }
}

/// A name with its host: its own where it names another than the page's.
fn handle(name: &str, host: &Host) -> String {
    if name.contains('@') { name.to_owned() } else { format!("{name}@{host}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lead_to_what_they_show() {
        let uuid = "9c9de5e8-0a1e-484a-b099-e80766180a6d";
        for (page, target) in [
            ("https://tube.example/w/kkGMgK9ZtnKfYAgnEtQxbv", format!("item:video/tube.example/{uuid}")),
            (
                "https://tube.example/w/kkGMgK9ZtnKfYAgnEtQxbv;threadId=12?start=3s",
                format!("item:video/tube.example/{uuid}"),
            ),
            (
                "https://Tube.Example/videos/watch/9C9DE5E8-0a1e-484a-b099-e80766180a6d",
                format!("item:video/tube.example/{uuid}"),
            ),
            (
                "http://tube.example:8080/videos/embed/9c9de5e8-0a1e-484a-b099-e80766180a6d",
                format!("item:video/tube.example:8080/{uuid}"),
            ),
            (
                "https://tube.example/w/p/kkGMgK9ZtnKfYAgnEtQxbv?playlistPosition=2",
                format!("item:playlist/tube.example/{uuid}"),
            ),
            (
                "https://tube.example/videos/watch/playlist/9c9de5e8-0a1e-484a-b099-e80766180a6d",
                format!("item:playlist/tube.example/{uuid}"),
            ),
            ("https://tube.example/c/Films/videos", "channel:films@tube.example".to_owned()),
            ("https://tube.example/c/films@other.example", "channel:films@other.example".to_owned()),
            ("https://tube.example/video-channels/films", "channel:films@tube.example".to_owned()),
            ("https://tube.example/a/anna/video-channels", "account:anna@tube.example".to_owned()),
            ("https://tube.example/accounts/anna#x", "account:anna@tube.example".to_owned()),
            (
                "https://agenda.example/events/9c9de5e8-0a1e-484a-b099-e80766180a6d",
                format!("item:event/agenda.example/{uuid}"),
            ),
            ("https://agenda.example/@chorale", "group:chorale@agenda.example".to_owned()),
            ("https://agenda.example/@chorale@other.example/events", "group:chorale@other.example".to_owned()),
            ("https://gancio.example/event/42", "item:event/gancio.example/42".to_owned()),
            ("https://tube.example/", "instance:tube.example".to_owned()),
            ("  word:buy  now", "word:buy now".to_owned()),
            ("account:@anna@tube.example", "account:anna@tube.example".to_owned()),
        ] {
            assert_eq!(parse(page).map(|target| target.to_string()), Ok(target), "{page}");
        }
    }

    #[test]
    fn what_is_no_page_says_what_to_write() {
        for (page, piece) in [
            ("https://tube.example/about", "instance:tube.example"),
            ("https://tube.example/w/12", "only the instance knows"),
            ("https://gancio.example/event/spring-ball", "NUMBER"),
            ("https://127.0.0.1/w/kkGMgK9ZtnKfYAgnEtQxbv", "no page"),
            ("https://user@tube.example/w/kkGMgK9ZtnKfYAgnEtQxbv", "no page"),
            ("https://tube.example/c/a%20b c", "cannot be taken"),
            ("tube.example", "names no target"),
            ("https://", "no page"),
        ] {
            let error = parse(page).unwrap_err();
            assert!(error.contains(piece), "{page}: {error}");
        }
    }
}

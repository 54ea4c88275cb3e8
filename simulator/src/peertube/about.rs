//! What a host says of itself: configuration, statistics, NodeInfo.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::catalogue::{Instance, State};

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// `GET /api/v1/config`: the parts of it that an index reads.
pub(crate) fn config(instance: &Instance) -> Answer {
    let spec = &instance.spec;
    let body = json!({
        "instance": {
            "name": spec.display_name,
            "shortDescription": spec.short_description,
            "isNSFW": spec.nsfw_share > 0.5,
            "defaultNSFWPolicy": spec.nsfw_policy.word(),
            "defaultClientRoute": "/videos/trending",
            "customizations": { "javascript": "", "css": "" },
            "avatars": [],
            "banners": []
        },
        "search": {
            "remoteUri": { "users": true, "anonymous": false },
            "searchIndex": { "enabled": false, "url": "", "disableLocalSearch": false, "isDefaultSearch": false }
        },
        "plugin": { "registered": [], "registeredExternalAuths": [], "registeredIdAndPassAuths": [] },
        "theme": { "registered": [], "default": "default" },
        "serverVersion": spec.version.to_string(),
        "serverCommit": "",
        "transcoding": { "hls": { "enabled": true }, "web_videos": { "enabled": false }, "enabledResolutions": [720] },
        "live": { "enabled": true, "allowReplay": true, "maxDuration": -1, "maxInstanceLives": 20, "maxUserLives": 3 },
        "signup": { "allowed": false, "allowedForCurrentIP": true, "requiresEmailVerification": false },
        "trending": { "videos": { "intervalDays": 7, "algorithms": { "enabled": ["hot", "most-viewed"], "default": "most-viewed" } } },
        "tracker": { "enabled": true }
    });
    Answer::json(200, CONTENT_TYPE, &body)
}

/// `GET /api/v1/config/about`.
pub(crate) fn about(instance: &Instance) -> Answer {
    let spec = &instance.spec;
    let mut categories: Vec<u8> = instance.listed().filter_map(|video| video.category).collect();
    categories.sort_unstable();
    categories.dedup();
    let body = json!({
        "instance": {
            "name": spec.display_name,
            "shortDescription": spec.short_description,
            "description": spec.short_description,
            "terms": "",
            "codeOfConduct": "",
            "hardwareInformation": "",
            "creationReason": "",
            "moderationInformation": "",
            "administrator": "",
            "maintenanceLifetime": "",
            "businessModel": "",
            "languages": [spec.language],
            "categories": categories,
            "banners": [],
            "avatars": []
        }
    });
    Answer::json(200, CONTENT_TYPE, &body)
}

/// `GET /api/v1/server/stats`: the counters that make sense without a federation.
pub(crate) fn stats(instance: &Instance) -> Answer {
    let n_local = instance.listed().count();
    let n_known = instance.videos.iter().filter(|video| video.is_listed()).count();
    let views: u64 = instance.listed().map(|video| u64::from(video.views)).sum();
    let body = json!({
        "totalUsers": instance.spec.accounts.len(),
        "totalDailyActiveUsers": 1,
        "totalWeeklyActiveUsers": 1,
        "totalMonthlyActiveUsers": instance.spec.accounts.len(),
        "totalLocalVideos": n_local,
        "totalLocalVideoViews": views,
        "totalLocalVideoComments": 0,
        "totalLocalVideoFilesSize": n_local as u64 * 40_000_000,
        "totalVideos": n_known,
        "totalVideoComments": 0,
        "totalLocalVideoChannels": instance.channels().count(),
        "totalLocalPlaylists": instance.listed_playlists().count(),
        "totalInstanceFollowers": 0,
        "totalInstanceFollowing": 0
    });
    Answer::json(200, CONTENT_TYPE, &body).with("Cache-Control", "max-age=14400")
}

/// `GET /.well-known/nodeinfo`.
pub(crate) fn nodeinfo_links(host: &str) -> Answer {
    let body = json!({
        "links": [
            { "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": format!("https://{host}/nodeinfo/2.0.json") },
            { "rel": "https://www.w3.org/ns/activitystreams#Application", "href": format!("https://{host}/accounts/peertube") }
        ]
    });
    Answer::json(200, CONTENT_TYPE, &body).with("Cache-Control", "max-age=600")
}

/// `GET /nodeinfo/2.0.json`. `localPosts` counts every known video, as 6.3.0 does.
pub(crate) fn nodeinfo(instance: &Instance) -> Answer {
    let spec = &instance.spec;
    let n_known = instance.videos.iter().filter(|video| video.state == State::Published).count();
    let body: Value = json!({
        "version": "2.0",
        "software": { "name": "peertube", "version": spec.version.to_string() },
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": ["atom1.0", "rss2.0"] },
        "openRegistrations": false,
        "usage": {
            "users": { "total": spec.accounts.len(), "activeMonth": spec.accounts.len(), "activeHalfyear": spec.accounts.len() },
            "localPosts": n_known,
            "localComments": 0
        },
        "metadata": {
            "taxonomy": { "postsName": "Videos" },
            "nodeName": spec.display_name,
            "nodeDescription": spec.short_description
        }
    });
    let content_type = "application/json; charset=utf-8; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.0#\"";
    Answer::json(200, content_type, &body).with("Cache-Control", "max-age=600")
}

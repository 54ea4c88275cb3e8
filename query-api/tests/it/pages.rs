//! Pages: whole without scripts, safe with anything in them.

use journal::record::Labelled;

use crate::fixture::{Site, encoded, video, video_on, with_description, with_tags};

pub const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{7*7}}",
    "`${alert(1)}`",
    "' onmouseover='alert(1)",
    "\u{202e}drawkcab",
    "a\u{c}b\r\nSet-Cookie: x=1",
];

/// Every tag of the page, from `<` to `>`; our own attributes never hold either.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag)).collect()
}

pub fn assert_harmless(html: &str) {
    for tag in tags(html) {
        let lower = tag.to_lowercase();
        assert!(!lower.starts_with("script") && !lower.starts_with("iframe") && !lower.starts_with("style"), "<{tag}>");
        for part in lower.split('"').step_by(2) {
            assert!(!part.split_whitespace().any(|name| name.starts_with("on")), "an event attribute: <{tag}>");
            assert!(!part.contains("style="), "an inline style: <{tag}>");
        }
        assert!(!lower.contains("javascript:") && !lower.contains("data:"), "<{tag}>");
        assert!(!lower.starts_with("img src=x"), "<{tag}>");
    }
}

// case 81
#[tokio::test]
async fn hostile_text_of_an_instance_is_only_text() {
    let videos: Vec<_> = HOSTILE
        .iter()
        .zip(1..)
        .map(|(text, n)| {
            let mut video =
                with_tags(with_description(video(n, &format!("needle {text}")), &format!("needle {text}")), &[text]);
            video.channel.display_name = (*text).to_owned();
            video.language = Some(Labelled { id: "en\" onload=\"x".to_owned(), label: (*text).to_owned() });
            video.nsfw_summary = Some((*text).to_owned());
            video.url = format!("javascript:alert({n})//https://tube.example/");
            video
        })
        .collect();
    let site = Site::new(&videos);
    let answer = site.get("/search?search=needle&nsfw=both").await;
    let html = answer.text();
    assert_harmless(&html);
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"), "shown as text");
    assert!(html.matches("class=\"video\"").count() == HOSTILE.len());
    assert!(!html.contains("href=\"javascript"));
    assert_harmless(&site.get("/").await.text());
    let json = site.get("/api/v1/search/videos?search=needle").await;
    assert_eq!(json.json()["total"], HOSTILE.len());
}

// case 135
#[tokio::test]
async fn what_a_visitor_types_comes_back_as_text() {
    let site = Site::new(&[video(1, "a")]);
    let mut texts: Vec<String> = HOSTILE.map(str::to_owned).to_vec();
    texts.push("x".repeat(8192));
    for text in texts {
        let text = encoded(&text);
        for query in [
            format!("search={text}"),
            format!("search=a&sort={text}"),
            format!("search=a&host={text}"),
            format!(
                "search=a&languageOneOf={text}&nsfw={text}&duration={text}&published={text}&page={text}&blur={text}"
            ),
            format!("{text}={text}"),
        ] {
            let answer = site.get(&format!("/search?{query}")).await;
            assert!([200, 400].contains(&answer.status.as_u16()), "{query}: {}", answer.status);
            assert_harmless(&answer.text());
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
}

#[tokio::test]
async fn a_result_says_what_a_person_wants_to_know() {
    let mut seen =
        with_description(video_on("tube.example", 3, "Whale song"), "Recorded off the coast: the whale sings.");
    seen.duration_s = 3_723;
    seen.views = 12_345;
    seen.language = Some(Labelled { id: "fr".to_owned(), label: "French".to_owned() });
    let uuid = seen.uuid;
    let site = Site::new(&[seen, video(4, "other")]);
    let html = site.get("/search?search=whale").await.text();
    for part in [
        "<html lang=\"en\">",
        "class=\"skip\" href=\"#main\"",
        "1 video",
        "<article lang=\"fr\">",
        "rel=\"noopener noreferrer nofollow ugc\"",
        "1:02:03",
        "<time datetime=\"2024-01-01T00:03:00.000Z\">1 Jan 2024</time>",
        "12\u{202f}345 views",
        "<bdi>The lab</bdi>",
        "<bdi>tube.example</bdi>",
        "French",
        "<mark>whale</mark>",
        "loading=\"lazy\"",
        "width=\"280\" height=\"157\"",
        "value=\"whale\"",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(html.contains(&format!("href=\"https://tube.example/videos/watch/{uuid}\"")));
    assert!(html.contains(&format!("src=\"/img/tube.example~{uuid}/thumbnail\"")));
}

#[tokio::test]
async fn no_page_asks_anybody_else_for_anything() {
    let site = Site::new(&[video(1, "a")]);
    for path in ["/", "/search?search=a", "/about", "/bot", "/privacy", "/nope"] {
        let html = site.get(path).await.text();
        for tag in tags(&html) {
            for attribute in ["src=\"", "action=\""] {
                if let Some((_, value)) = tag.split_once(attribute) {
                    assert!(value.starts_with('/') && !value.starts_with("//"), "{path}: <{tag}>");
                }
            }
            if tag.starts_with("link ") {
                assert!(tag.contains("href=\"/assets/"), "{path}: <{tag}>");
            }
        }
        for link in html.split("href=\"/assets/").skip(1) {
            let name = link.split('"').next().unwrap();
            let asset = site.get(&format!("/assets/{name}")).await;
            assert_eq!(asset.status, 200);
            assert!(asset.header("cache-control").contains("immutable"));
        }
    }
    let style = include_str!("../../assets/vigie.css");
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[tokio::test]
async fn sensitive_videos_are_hidden_then_blurred_then_shown_on_request() {
    let mut sensitive = video(1, "sensitive whale");
    sensitive.nsfw = true;
    let site = Site::new(&[sensitive, video(2, "whale")]);
    assert!(!site.get("/search?search=whale").await.text().contains("sensitive whale"));
    assert!(!site.get("/").await.text().contains("sensitive whale"));
    let blurred = site.get("/search?search=whale&nsfw=both").await.text();
    assert!(
        blurred.contains("sensitive whale")
            && blurred.contains("class=\"blurred\"")
            && blurred.contains("Sensitive</span>")
    );
    assert_eq!(blurred.matches("class=\"blurred\"").count(), 1);
    assert!(!site.get("/search?search=whale&nsfw=both&blur=off").await.text().contains("class=\"blurred\""));
}

#[tokio::test]
async fn pages_of_results_are_linked_and_keep_the_search() {
    let videos: Vec<_> = (0..45).map(|n| video(n, "whale")).collect();
    let site = Site::new(&videos);
    let first = site.get("/search?search=whale&sort=-views").await.text();
    assert!(first.contains("45 videos") && first.contains("rel=\"next\"") && !first.contains("rel=\"prev\""));
    assert!(
        first.contains("/search?search=whale&#38;sort=%2Dviews")
            || first.contains("/search?search=whale&amp;sort=-views")
            || first.contains("/search?search=whale&#38;sort=-views")
    );
    let last = site.get("/search?search=whale&sort=-views&page=3").await.text();
    assert!(last.contains("rel=\"prev\"") && !last.contains("rel=\"next\""));
    assert_eq!(last.matches("class=\"video\"").count(), 5);
    assert_eq!(site.get("/search?search=whale&page=501").await.status, 400);
    assert!(site.get("/search?search=whale&page=9").await.text().contains("first page"));
}

#[tokio::test]
async fn empty_and_wrong_searches_help_on() {
    let site = Site::new(&[video(1, "a")]);
    let nothing = site.get("/search?search=nothinglikeit&languageOneOf=fr").await;
    assert_eq!(nothing.status, 200);
    assert!(nothing.text().contains("No video found") && nothing.text().contains("without filters"));
    let wrong = site.get("/search?search=a&host=not%20a%20host").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("host: Should have a valid host"));
    assert_eq!(site.get("/search").await.status, 200, "an empty search shows the newest");
    assert_eq!(site.get("/search?search=&sort=&nsfw=&host=&page=").await.status, 200);
    let unknown = site.get("/nope").await;
    assert_eq!((unknown.status.as_u16(), unknown.header("content-type")), (404, "text/html; charset=utf-8"));
}

// case 82
#[tokio::test]
async fn a_link_to_another_host_or_scheme_is_no_link() {
    let mut elsewhere = video(1, "whale");
    elsewhere.url = "https://evil.example/videos/watch/1".to_owned();
    let html = Site::new(&[elsewhere]).get("/search?search=whale").await.text();
    assert!(!html.contains("evil.example"));
    assert!(html.contains("whale</h2>"));
}

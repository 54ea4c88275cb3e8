//! HTML of strangers does no harm: not to whoever reads it, not to whoever indexes it.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use indexer::analysis::{clean_html, plain_text};
use proptest::prelude::*;

#[test]
fn what_may_stand_in_a_page_stays() {
    let rel = r#"rel="nofollow noopener noreferrer ugc""#;
    let rows = [
        (
            "<p>Bal <strong>folk</strong> &amp; <em>apéro</em></p>",
            "<p>Bal <strong>folk</strong> &amp; <em>apéro</em></p>",
        ),
        ("<ul><li>un<li>deux</ul>", "<ul><li>un</li><li>deux</li></ul>"),
        ("<ul><li>a<ol><li>b<li>c</ol><li>d</ul>", "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<b>bold <i>both</b> italic?</i>", "<b>bold <i>both</i></b> italic?"),
        ("line<br>line<br/>line", "line<br>line<br>line"),
        (r#"<abbr title="Logiciel libre">LL</abbr>"#, r#"<abbr title="Logiciel libre">LL</abbr>"#),
        ("1 < 2 &amp;&amp; 3 > 2", "1 &lt; 2 &amp;&amp; 3 &gt; 2"),
        ("  plain text  ", "plain text"),
        ("", ""),
    ];
    for (html, expected) in rows {
        assert_eq!(clean_html(html), expected, "{html}");
    }
    assert_eq!(
        clean_html(r#"<a href="https://a.example/?a=1&b=2" class="x" target=_blank rel=me>x</a>"#),
        format!(r#"<a href="https://a.example/?a=1&amp;b=2" {rel}>x</a>"#)
    );
}

#[test]
fn what_runs_loads_styles_or_hides_goes() {
    let rows = [
        ("<script>alert(1)</script>x", "x"),
        ("<scr<script>ipt>alert(1)</scr</script>ipt>x", "ipt&gt;alert(1) ipt&gt;x"),
        ("<SCRIPT SRC=//evil.example></SCRIPT>x", "x"),
        ("<img src=x onerror=alert(1)>x", "x"),
        ("<p onclick=alert(1) style='position:fixed' class=h-card id=top>x</p>", "<p>x</p>"),
        ("<style>p{display:none}</style>x", "x"),
        ("<svg><script>alert(1)</script><a xlink:href='javascript:alert(1)'>y</a></svg>x", "x"),
        ("<svg><svg></svg>hidden</svg>x", "x"),
        ("<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>x", "x"),
        ("<iframe src=//evil.example>y</iframe>x", "x"),
        ("<object data=x>y</object><embed src=y><form action=//evil.example><input>x</form>", "x"),
        ("<textarea><b>y</b></textarea><title>t</title>x", "t x"),
        ("<!-- <b> --><![CDATA[<b>]]><?php echo ?><!doctype html>x", "]]&gt;x"),
        ("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>x", "x"),
        ("<div><table><tr><td>a</td><td>b</td></tr></table></div>", "a  b"),
        ("<b", ""),
        ("x<b <i>", "x<b></b>"),
        ("<a href=https://a.example/", ""),
        (
            "<base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'><link rel=stylesheet>x",
            "x",
        ),
        ("<plaintext><b>x", "&lt;b&gt;x"),
        ("a\0b", "ab"),
    ];
    let wrong: Vec<_> = rows.into_iter().map(|(html, expected)| (html, clean_html(html), expected)).collect();
    let wrong: Vec<_> = wrong.iter().filter(|(_, clean, expected)| clean != expected).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn links_lead_to_the_web_or_nowhere() {
    let hrefs = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6A&#x61vascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:someone@a.example",
        "//evil.example",
        "/relative",
        "x:y",
        "",
    ];
    for href in hrefs {
        for quote in ["\"", "'"] {
            let clean = clean_html(&format!("<a href={quote}{href}{quote}>x</a>"));
            assert!(clean.starts_with("<a ") && !clean.contains("href"), "{href}: {clean}");
        }
    }
    for href in ["https://a.example/é?q=a b", "http://a.example"] {
        assert!(clean_html(&format!("<a href=\"{href}\">x</a>")).contains("href=\"http"), "{href}");
    }
}

// case 83
#[test]
fn a_second_reading_of_what_is_left_finds_no_more_than_the_first() {
    // Each means something else to a parser that is within a picture or a formula than to one that is not.
    let tricks = [
        r#"<svg></p><style><a id="</style><img src=1 onerror=alert(1)>"></a></style></svg>"#,
        r#"<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;"></table></math>"#,
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        r#"<svg><desc><style><![CDATA[</style><a title="]]></style><img src=1 onerror=alert(1)>">x</a></desc></svg>"#,
        r#"<math><annotation-xml encoding="text/html"><style><img src=1 onerror=alert(1)></style></annotation-xml></math>"#,
        r#"<noscript><style></noscript><img src=1 onerror=alert(1)></style>"#,
        r#"<p><svg><foreignObject><p><style><img src=1 onerror=alert(1)></style></p></foreignObject></svg>"#,
        r#"<select><template><style><!--</style><a rel="--></style></template></select><img src=1 onerror=alert(1)>">"#,
        r#"<xmp><p title="</xmp><img src=1 onerror=alert(1)>">"#,
        r#"<abbr title="</abbr><img src=1 onerror=alert(1)>">x</abbr>"#,
        r#"<a href="https://a.example/&quot;><img src=1 onerror=alert(1)>">x</a>"#,
        "<title></title/</title><img src=1 onerror=alert(1)>",
        "<textarea></textarea/><img src=1 onerror=alert(1)>",
        "<!--><img src=1 onerror=alert(1)>-->",
        "<!--a--!><img src=1 onerror=alert(1)>",
        "<?x ><img src=1 onerror=alert(1)>",
        "</br><img src=1 onerror=alert(1)><</img>",
    ];
    for trick in tricks {
        let clean = clean_html(trick);
        assert!(!clean.contains("<img") && !clean.contains("<style") && !clean.contains("<svg"), "{trick}: {clean}");
        assert_eq!(clean_html(&clean), clean, "{trick}");
        assert!(!plain_text(&clean).contains("alert") || clean.contains("&lt;"), "{trick}: {clean}");
    }
}

// case 83
#[test]
fn nesting_has_an_end_and_its_cost_too() {
    let rows = [
        ("unknown elements", "<div>".repeat(13_000)),
        ("formatting", "<b>".repeat(21_000)),
        (
            "formatting that a parser opens anew",
            (0..4000).map(|n| format!("<b x={n}>")).collect::<String>() + &"<p>x".repeat(6000),
        ),
        ("a hundred thousand quotes", "<blockquote>".repeat(100_000)),
        ("a hundred thousand pictures", "<svg><math>".repeat(50_000)),
        ("links", (0..5000).map(|n| format!("<a href=/{n}>")).collect()),
        ("lists", "<ul><li>".repeat(8000)),
        ("tables", "<table><tr><td>".repeat(4300)),
        ("quotes", "<blockquote>".repeat(5000)),
        ("ends", "</p>".repeat(16_000)),
        ("attributes", format!("<p {}>", (0..9000).map(|n| format!("a{n} ")).collect::<String>())),
        ("pictures", "<svg>".repeat(13_000)),
        ("a tag that never ends", format!("<a href=\"{}", "x".repeat(65_000))),
        ("lesser signs", "<".repeat(65_536)),
    ];
    for (name, html) in rows {
        let before = cpu_time();
        let clean = clean_html(&format!("before{html}"));
        let text = plain_text(&clean);
        let taken = cpu_time() - before;
        assert!(taken < Duration::from_secs(5), "{name} took {taken:?}");
        assert!(clean.len() <= 8 * html.len(), "{name}: {} bytes", clean.len());
        assert!(depth(&clean) <= 25, "{name}: {}", depth(&clean));
        assert!(text.starts_with("before"), "{name}");
    }
}

/// What this thread has worked, which does not count the work of others; time alone where the system does not tell.
fn cpu_time() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = schedule.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// Elements within elements at most. Void elements have no end and do not count.
fn depth(html: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for tag in html.split('<').skip(1).filter(|tag| !tag.starts_with("br") && !tag.starts_with("hr")) {
        open = if tag.starts_with('/') { open - 1 } else { open + 1 };
        deepest = deepest.max(open);
    }
    assert_eq!(open, 0, "every element is closed");
    deepest
}

#[test]
fn text_has_the_words_as_people_see_them() {
    let rows = [
        ("<p>one</p><p>two</p>", "one two"),
        ("<ul><li>one</li><li>two</li></ul>three", "one two three"),
        ("a<br>b", "a b"),
        ("un<b>break</b>able", "unbreakable"),
        ("a&nbsp;b &amp;lt; &lt;c&gt; &#233; \"d\"", "a b &lt; <c> é \"d\""),
        ("  many \n\t blanks  ", "many blanks"),
        (r#"<a href="https://a.example/?q=%3E&gt;">link</a>ed"#, "linked"),
        (r#"<abbr title="a > b">c</abbr>"#, "c"),
        ("<table><tr><td>one</td><td>two</td></tr></table>", "one two"),
        ("<h1>title</h1>text", "title text"),
        ("日本<b>語</b>", "日本語"),
        ("<p></p>", ""),
    ];
    for (html, expected) in rows {
        assert_eq!(plain_text(&clean_html(html)), expected, "{html}");
    }
}

/// Every element that may stand in a description; random letters spell the short ones, too.
const KNOWN: [&str; 24] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "u",
    "ul",
];

fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z é<>&\"'=/;:#!\\[\\]-]{0,12}",
        3 => "</?(a|b|p|li|ul|ol|br|h1|pre|abbr|span|blockquote)>",
        2 => "</?(script|style|svg|math|table|td|div|textarea|title|noscript|template|select|option|x-y|plaintext|frameset|foreignObject)[ /]?>?",
        1 => "<(a|p|img|b) (href|onclick|style|src|title|id)=['\"]?(javascript:x|https://a\\.example|x)['\"]?>",
        1 => Just("<!--".to_owned()),
        1 => Just("-->".to_owned()),
    ]
}

proptest! {
    #[test]
    fn nothing_but_known_elements_is_left_and_cleaning_twice_changes_nothing(parts in prop::collection::vec(fragment(), 0..24)) {
        let clean = clean_html(&parts.concat());
        for tag in clean.split('<').skip(1) {
            let (inside, _) = tag.split_once('>').unwrap();
            let name = inside.trim_start_matches('/').split(' ').next().unwrap();
            prop_assert!(
                KNOWN.contains(&name),
                "{}", clean
            );
            let rest = &inside[name.len()..];
            let is_known = rest.is_empty()
                || inside.starts_with('/')
                || name == "a" && rest.ends_with("rel=\"nofollow noopener noreferrer ugc\"") && !rest.contains("script:")
                || name == "abbr" && rest.starts_with(" title=\"");
            prop_assert!(is_known, "{}", clean);
        }
        depth(&clean);
        prop_assert_eq!(clean_html(&clean), clean);
    }

    #[test]
    fn text_of_any_html_has_no_tags_of_ours(text in any::<String>()) {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        let words = |text: &str| text.replace('\0', "").split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&plain_text(&clean_html(&escaped))), words(&text));
    }
}

//! What rules say of one document, and what an index leaves out because of them.

use allowlist::rules::{Loaded, Reference, Rules};
use indexer::inclusion::{Facts, Inclusion, Verdict};
use indexer::{Error, Indexer, Options};
use journal::record::{Event, Labelled, Point, Video};
use journal::{Entry, Record};

use crate::fixture::{Data, count, search, seen, seen_at, video, with_detail};
use crate::kinds::{channel, entry, playlist};
use crate::mobilizon::{event, group, lyon, seen_event, seen_group};

/// A triangle around Lyon.
const AROUND_LYON: &str = r#"{"type":"Polygon","coordinates":[[[4.0,45.0],[6.0,45.0],[5.0,47.0],[4.0,45.0]]]}"#;

pub fn rules(text: &str) -> Inclusion {
    let first = Reference::File("rules.toml".to_owned());
    let rules = Rules::load(&first, &mut |reference, _| {
        let text = if *reference == first { text } else { AROUND_LYON };
        Ok(Loaded { file: reference.to_string(), text: text.to_owned() })
    });
    Inclusion::compile(&rules.unwrap()).unwrap()
}

pub fn facts(entry: &Entry) -> Facts {
    Facts::of_entry(entry).unwrap().unwrap()
}

/// `-` where it is shown; otherwise the line and the rule.
fn said(text: &str, entry: &Entry) -> String {
    match rules(text).judge(&facts(entry), seen_at().as_millisecond()) {
        Verdict::Shown => "-".to_owned(),
        Verdict::Hidden(reason) => format!("{} {}", reason.place.line, reason.rule),
    }
}

fn labelled(id: &str) -> Option<Labelled<String>> {
    Some(Labelled { id: id.to_owned(), label: id.to_owned() })
}

fn a_video() -> Video {
    let video =
        Video { language: labelled("zh-Hans"), nsfw_flags: 2, ..video("tube.example.org", 7, "Buy NOW, or never") };
    with_detail(video, "On the old casino of Été-sur-Mer.", &["Free Jazz", "#Été"])
}

fn an_event() -> Event {
    Event {
        language: Some("fr".to_owned()),
        category: Some("MUSIC".to_owned()),
        tags: vec!["Concert".to_owned()],
        address: Some(lyon()),
        ..event("agenda.example", "1", "Fête de la musique")
    }
}

#[test]
fn every_key_decides_of_the_kinds_that_can_have_it() {
    let (video, event, channel) = (
        seen(a_video()),
        seen_event(&an_event()),
        entry(Record::Channel(Box::new(channel("tube.example.org", "some_channel", "Some")))),
    );
    let playlist = entry(Record::Playlist(Box::new(playlist("tube.example.org", 3, "A list"))));
    let group = seen_group(&group("agenda.example", "chorale", "Chorale"));
    let all = [&video, &channel, &playlist, &event, &group];
    // The key and value; whether each of video, channel, playlist, event and group has it (`+`), has it not (`-`), or is of a kind
    // that cannot have it (` `). A group of unknown language passes every choice, and is no example of any (`?`).
    let rows = [
        ("kinds = ['video', 'group']", "+---+"),
        ("hosts = ['*.example.org']", "+++--"),
        ("hosts = ['agenda.example']", "---++"),
        ("languages = ['zh']", "+  -?"),
        ("languages = ['fr']", "-  +?"),
        ("languages = ['und']", "-  -+"),
        ("categories = [15]", "+    "),
        ("categories = [7]", "-    "),
        ("categories = ['MUSIC']", "   + "),
        ("categories = ['SPORTS', 15]", "+  - "),
        ("licences = [1]", "-    "),
        ("tags = ['free JAZZ']", "+  - "),
        ("tags = ['ete', 'concert']", "+  + "),
        ("tags = ['jazz']", "-  - "),
        ("words = [{ name = 'w', words = ['buy now'] }]", "+----"),
        ("words = [{ name = 'w', words = ['ete sur mer', 'chorale'] }]", "+---+"),
        ("words = [{ name = 'w', words = ['buy never'] }]", "-----"),
        ("words = [{ name = 'w', words = ['some'] }, { name = 'v', words = ['musique'] }]", "++++-"),
        ("accounts = ['someone@tube.example.org']", "+++- "),
        ("accounts = ['someone@agenda.example']", "---+ "),
        ("channels = ['Some_Channel@tube.example.org']", "+++  "),
        ("groups = ['chorale@agenda.example']", "   -+"),
        ("regions = ['lyon.geojson']", "   +-"),
        ("min_duration = '60s'", "+    "),
        ("max_duration = '59s'", "-    "),
        ("since = '2025-01-01T10:00:00Z'", "+  + "),
        ("since = '2026-03-07'", "-  + "),
        ("max_age = '365d'", "-  + "),
    ];
    for (row, expected) in rows {
        for (entry, has) in all.iter().zip(expected.chars()) {
            let (include, exclude) =
                (said(&format!("[include]\n{row}\n"), entry), said(&format!("[exclude]\n{row}\n"), entry));
            let shown = (include == "-", exclude == "-");
            let wanted = match has {
                '+' => (true, false),
                '-' => (false, true),
                _ => (true, true),
            };
            assert_eq!(shown, wanted, "{row} {}: {include} / {exclude}", entry.id());
        }
    }
}

#[test]
fn a_verdict_names_the_line_and_the_rule() {
    let video = seen(a_video());
    for (text, expected) in [
        ("[exclude]\nhosts = [\n 'a.example',\n '*.org' ]\n", "4 [exclude] hosts: `*.org`"),
        ("[include]\nlanguages = ['fr', 'de']\n", "2 [include] languages: it has `zh-Hans`, `fr` or `de` is asked for"),
        (
            "[[exclude.words]]\nname = 'adverts'\nwords = [\n 'sell',\n 'buy now' ]\n",
            "5 [exclude] words, list `adverts`: `buy now`",
        ),
        ("[include]\nmin_duration = '2m'\n", "2 [include] min_duration: it has `60 s`, 120 s is asked for"),
        ("[exclude]\nnsfw_flags = ['violent', 'explicit']\n", "2 [exclude] nsfw_flags: `violent`, `explicit`"),
        ("[exclude]\nnsfw = 'only'\n", "2 [exclude] nsfw: only what is not safe for work is shown"),
        ("[include]\ncategories = [15]\n[exclude]\nlanguages = ['en']\n", "-"),
    ] {
        assert_eq!(said(text, &video), expected);
    }
    let unsafe_video = seen(Video { nsfw: true, ..a_video() });
    assert_eq!(said("[exclude]\nnsfw = 'exclude'\n", &unsafe_video), "2 [exclude] nsfw: it is not safe for work");
    assert_eq!(said("[exclude]\nnsfw = 'include'\n", &unsafe_video), "-");
}

#[test]
fn every_layer_must_show_a_document_and_says_why() {
    let inclusion = rules("[include]\nlanguages = ['zh']\ncategories = [15]\n");
    let second = Rules::parse(
        "second.toml",
        "[exclude]\ntags = ['free jazz']\n[boost]\nlanguages = { zh = 3 }\ntags = { ete = 3 }\n",
    );
    let inclusion = inclusion.with(second.unwrap().layers.remove(0)).unwrap();
    let (facts, now_ms) = (facts(&seen(a_video())), seen_at().as_millisecond());
    let explained = inclusion.explain(&facts, now_ms);
    assert_eq!(explained.len(), 2);
    assert!(explained[0].hidden_by.is_empty());
    let shown_by: Vec<String> = explained[0].shown_by.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown_by,
        ["rules.toml line 2: [include] languages: `zh`", "rules.toml line 3: [include] categories: 15"]
    );
    assert_eq!(explained[1].hidden_by[0].to_string(), "second.toml line 2: [exclude] tags: `free jazz`");
    assert!(!inclusion.judge(&facts, now_ms).is_shown());
    assert_eq!(inclusion.factor(&facts, now_ms), 4.0);
    assert_eq!(Inclusion::everything().factor(&facts, now_ms), 1.0);
}

#[test]
fn words_beyond_the_scored_description_are_found_and_phrases_across_its_end() {
    let filler = "lorem ipsum ".repeat(169);
    let description = format!("{filler} first second third {filler} casino royal");
    let entry = seen(with_detail(video("a.example", 1, "Any"), &description, &["one", "two"]));
    let holds = |words: &str| said(&format!("[[exclude.words]]\nname = 'w'\nwords = ['{words}']\n"), &entry) != "-";
    for words in
        ["casino", "casino royal", "ipsum first", "first second", "second third", "third lorem", "lorem ipsum lorem"]
    {
        assert!(holds(words), "{words}");
    }
    for words in ["royal casino", "one two", "Any lorem", "casin"] {
        assert!(!holds(words), "{words}");
    }
}

#[test]
fn a_bad_region_and_an_unknown_category_are_refused_with_their_line() {
    let refused = |text: &str| {
        let rules = Rules::load(&Reference::File("rules.toml".to_owned()), &mut |reference, _| {
            let text = if reference.to_string() == "rules.toml" { text } else { "{\"type\":\"Point\"}" };
            Ok(Loaded { file: reference.to_string(), text: text.to_owned() })
        });
        Inclusion::compile(&rules.unwrap()).unwrap_err().to_string()
    };
    let region = refused("[include]\nregions = [\n'lyon.geojson']\n");
    assert!(region.starts_with("rules.toml line 3: region `lyon`: "), "{region}");
    let category = refused("[include]\ncategories = ['MUSIK']\n");
    assert!(
        category.starts_with("rules.toml line 2: `MUSIK` is not a category of events; write one of ARTS"),
        "{category}"
    );
    let word = refused("[[exclude.words]]\nname = 'w'\nwords = ['a',\n '…']\n");
    assert_eq!(word, "rules.toml line 4: `…` holds no letter or digit");
}

#[test]
fn an_index_leaves_out_what_the_rules_do_not_show() {
    let data = Data::new();
    let french = |n| Video { language: labelled("fr"), ..video("a.example", n, &format!("Vidéo {n}")) };
    let english = Video { language: labelled("en"), ..video("a.example", 3, "Video 3") };
    data.append(vec![seen(french(1)), seen(french(2)), seen(english)]);
    let only_french = rules("[include]\nlanguages = ['fr']\n");
    let open =
        |inclusion: &Inclusion| Indexer::open_with(&data.index_dir(), Options::default(), inclusion.clone()).unwrap();
    open(&only_french).catch_up(&data.reader).unwrap();
    assert_eq!(count(&data.snapshot()), 2);
    assert_eq!(data.snapshot().manifest.rules, only_french.rules.conditions_digest());
    let report = indexer::check_with(&data.index_dir(), &data.reader, &only_french).unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert!(matches!(indexer::check(&data.index_dir(), &data.reader), Err(Error::RebuildNeeded { .. })));

    // An edit takes a document out as a deletion does, and another one brings it back.
    data.append(vec![seen(Video { language: labelled("de"), ..french(2) })]);
    open(&only_french).catch_up(&data.reader).unwrap();
    assert_eq!((count(&data.snapshot()), search(&data.snapshot(), "2").len()), (1, 0));
    data.append(vec![seen(french(2))]);
    open(&only_french).catch_up(&data.reader).unwrap();
    assert_eq!(count(&data.snapshot()), 2);

    // The same rules under another name, with comments, make nothing anew; other rules do.
    let renamed = rules("# The same.\n[index]\nname = 'French'\n[include]\nlanguages = ['fr', 'fr']\n");
    assert_eq!(open(&renamed).rebuild_reason(), None);
    for other in [Inclusion::everything(), rules("[include]\nlanguages = ['fr', 'en']\n")] {
        let mut indexer = open(&other);
        assert!(indexer.rebuild_reason().unwrap().contains("other inclusion rules"));
        indexer.catch_up(&data.reader).unwrap();
        assert_eq!(count(&data.snapshot()), 3);
        assert_eq!(data.snapshot().manifest.rules, other.rules.conditions_digest());
    }
    // Layers that ask nothing leave an index of everything alone.
    open(&Inclusion::everything()).catch_up(&data.reader).unwrap();
    assert_eq!(open(&rules("[boost]\nlanguages = { fr = 2 }\n")).rebuild_reason(), None);
    assert_eq!(data.snapshot().manifest.rules, None);
}

#[test]
fn ages_count_from_when_a_record_was_seen_so_that_a_rebuild_decides_the_same() {
    let data = Data::new();
    data.append(vec![seen(video("a.example", 1, "Published fourteen months before it was seen"))]);
    for (age, expected) in [("400d", 0), ("500d", 1)] {
        let inclusion = rules(&format!("[include]\nmax_age = '{age}'\n"));
        let mut indexer = Indexer::open_with(&data.index_dir(), Options::default(), inclusion.clone()).unwrap();
        indexer.catch_up(&data.reader).unwrap();
        assert_eq!(count(&data.snapshot()), expected, "{age}");
        assert!(indexer::check_with(&data.index_dir(), &data.reader, &inclusion).unwrap().is_clean());
    }
}

#[test]
fn events_without_coordinates_are_outside_of_every_region() {
    let mut nowhere = an_event();
    nowhere.address = None;
    let mut far = an_event();
    far.address.as_mut().unwrap().point = Point::new(48.85, 2.35);
    let text = "[include]\nregions = ['lyon.geojson']\n";
    assert_eq!(said(text, &seen_event(&nowhere)), "2 [include] regions: it has `no coordinates`, `lyon` is asked for");
    assert_eq!(said(text, &seen_event(&far)), "2 [include] regions: it has `48.8500, 2.3500`, `lyon` is asked for");
    assert_eq!(said(text, &seen_event(&an_event())), "-");
}

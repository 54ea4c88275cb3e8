//! The requests of the contract, as Mobilizon and others build them, each with what must come back.

use journal::record::{Event, EventStatus, Group};

use super::fixture::{assert_events, assert_groups, event, group_on, place, site};
use crate::fixture::{Site, names, time};

/// Events around the tenth of April 2025, ten o'clock.
fn agenda() -> Site {
    let at = |n, title: &str, starts_at: &str, change: &dyn Fn(&mut Event)| {
        let mut event = event(n, title, starts_at);
        change(&mut event);
        event
    };
    let yoga = |n, title: &str, category: &str, lat: f64, lon: f64| {
        at(n, title, "2025-05-02T18:00:00Z", &|event| {
            event.category = Some(category.to_owned());
            event.address = place("Studio", lat, lon);
        })
    };
    let nothing: &dyn Fn(&mut Event) = &|_| {};
    let mut english = yoga(26, "Yoga in English", "SPORTS", 45.7579, 4.832);
    english.language = Some("en".to_owned());
    site(
        &[
            at(1, "Café concert d'été", "2025-06-21T18:00:00Z", nothing),
            at(2, "Concert au café", "2025-04-12T18:00:00Z", nothing),
            at(3, "Café concert en cours", "2025-04-10T09:00:00Z", nothing),
            at(4, "Café concert fini", "2025-04-10T07:00:00Z", nothing),
            at(5, "Café concert à l'instant", "2025-04-10T10:00:00Z", &|event| event.time.ends_at = None),
            at(6, "Café concert peut-être", "2025-04-13T18:00:00Z", &|event| event.status = EventStatus::Tentative),
            at(7, "Café concert annulé", "2025-04-14T18:00:00Z", &|event| event.status = EventStatus::Cancelled),
            at(8, "Concert sans boisson", "2025-04-15T18:00:00Z", nothing),
            yoga(20, "Yoga à Lyon", "SPORTS", 45.7579, 4.832),
            yoga(21, "Yoga à Villeurbanne", "HEALTH", 45.7719, 4.8902),
            yoga(22, "Yoga à Grenoble", "SPORTS", 45.1885, 5.7245),
            yoga(23, "Yoga et musique à Lyon", "MUSIC", 45.7579, 4.832),
            at(24, "Yoga en ligne", "2025-05-02T18:00:00Z", &|event| event.category = Some("SPORTS".to_owned())),
            at(25, "Yoga fini à Lyon", "2025-03-02T18:00:00Z", &|event| event.address = place("S", 45.7579, 4.832)),
            english,
            at(30, "Hackathon ancien", "2024-01-10T08:00:00Z", nothing),
            at(31, "Hackathon récent", "2025-04-09T08:00:00Z", nothing),
            at(32, "Hackathon en cours", "2025-04-10T09:30:00Z", nothing),
            at(33, "Hackathon à venir", "2025-09-10T08:00:00Z", nothing),
            at(40, "Petite fête", "2025-04-20T18:00:00Z", &|event| event.n_participants = Some(2)),
            at(41, "Grande fête", "2025-04-21T18:00:00Z", &|event| event.n_participants = Some(200)),
            at(42, "Fête discrète", "2025-04-22T18:00:00Z", &|event| event.n_participants = None),
            at(50, "A test with tests", "2022-05-01T18:00:00Z", nothing),
            at(60, "Bientôt à Lyon", "2026-07-14T18:00:00Z", &|event| event.address = place("Parc", 45.77, 4.85)),
            at(61, "Bientôt à Genève", "2026-07-13T18:00:00Z", &|event| event.address = place("Lac", 46.2, 6.15)),
        ],
        &collectives(),
    )
}

fn collectives() -> Vec<Group> {
    let mut groups = vec![
        group_on("agenda.example", "gul", "Linux à Paris", 12),
        group_on("agenda.example", "gull", "Linux à Lyon", 90),
        group_on("other.example", "chorale", "Chorale", 7),
    ];
    groups[0].address = place("Local", 48.8566, 2.3522);
    groups[1].address = place("Local", 45.764, 4.8357);
    for (group, day) in groups.iter_mut().zip(["2024-03-01", "2024-01-01", "2024-02-01"]) {
        group.first_seen_at = time(&format!("{day}T00:00:00Z"));
    }
    // So that a second page has something.
    groups.extend((0..17).map(|n| {
        let mut group = group_on("many.example", &format!("lug{n}"), &format!("Linux {n}"), 1000 + n);
        group.address = place("Local", 48.9, 2.3);
        group.first_seen_at = time("2023-01-01T00:00:00Z");
        group
    }));
    groups
}

async fn ask(path_and_query: &str) -> (u64, Vec<String>) {
    let answer = agenda().ask(path_and_query).await;
    if path_and_query.contains("/groups") {
        assert_groups(&answer)
    } else {
        assert_events(&answer)
    }
    (answer["total"].as_u64().unwrap(), names(&answer))
}

#[tokio::test]
async fn sample_01_search_page_from_now_on() {
    let (total, titles) = ask(
        "/api/v1/search/events?search=caf%C3%A9+concert&startDateMin=2025-04-10T10%3A00%3A00.000Z&statusOneOf[]=CONFIRMED\
         &distance=50_km&count=16&start=0&sort=startTime&boostLanguages[]=fr&boostLanguages[]=en",
    )
    .await;
    let expected = ["Café concert en cours", "Café concert à l'instant", "Concert au café", "Café concert d'été"];
    assert_eq!((total, titles), (4, expected.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn sample_02_companion_count_query() {
    let (total, titles) = ask(
        "/api/v1/search/events?search=caf%C3%A9+concert&startDateMin=2025-04-10T10%3A00%3A00.000Z&distance=50_km&count=0\
         &start=0&sort=-match",
    )
    .await;
    assert_eq!((total, titles.len()), (6, 0), "without a status every status counts");
}

#[tokio::test]
async fn sample_03_third_page_without_words() {
    let query = |start| {
        format!(
            "/api/v1/search/events?startDateMin=2025-04-10T10%3A00%3A00.000Z&statusOneOf[]=CONFIRMED&statusOneOf[]=TENTATIVE\
             &distance=50_km&count=4&start={start}&sort=-createdAt&boostLanguages[]=en"
        )
    };
    let (total, titles) = ask(&query(8)).await;
    assert_eq!(total, 19);
    assert_eq!(titles, ["Yoga en ligne", "Yoga et musique à Lyon", "Yoga à Grenoble", "Yoga à Villeurbanne"]);
    let (_, sixteen) = ask(&query(0).replace("count=4", "count=16")).await;
    assert_eq!(sixteen[8..12], titles[..], "pages are cut out of one order");
    let (_, none) = ask(&query(32)).await;
    assert!(none.is_empty());
}

#[tokio::test]
async fn sample_04_around_lyon() {
    let (total, titles) =
        ask("/api/v1/search/events?search=yoga&startDateMin=2025-04-10T10%3A00%3A00.000Z&categoryOneOf[]=SPORTS\
         &categoryOneOf[]=HEALTH&languageOneOf[]=fr&statusOneOf[]=CONFIRMED&distance=25.0_km&count=16&start=0\
         &latlon=45.75788736343384%3A4.832010269165039&sort=startTime&boostLanguages[]=fr")
        .await;
    assert_eq!(total, 2);
    let mut titles = titles;
    titles.sort();
    assert_eq!(titles, ["Yoga à Lyon", "Yoga à Villeurbanne"]);
}

#[tokio::test]
async fn sample_05_map_view() {
    let (_, titles) = ask(
        "/api/v1/search/events?startDateMin=2025-04-10T10%3A00%3A00.000Z&statusOneOf[]=CONFIRMED&distance=50_km&count=16\
         &start=0&bbox=45.85%2C+4.70%3A45.70%2C+4.95&sort=startTime&boostLanguages[]=fr",
    )
    .await;
    let mut titles = titles;
    titles.sort();
    let expected =
        ["Bientôt à Lyon", "Yoga et musique à Lyon", "Yoga in English", "Yoga à Lyon", "Yoga à Villeurbanne"];
    assert_eq!(titles, expected);
}

#[tokio::test]
async fn sample_06_past_events() {
    let (total, titles) =
        ask("/api/v1/search/events?search=hackathon&startDateMax=2025-04-10T10%3A00%3A00.000Z&statusOneOf[]=CONFIRMED\
         &distance=50_km&count=16&start=0&sort=-startTime&boostLanguages[]=fr")
        .await;
    assert_eq!((total, titles), (2, ["Hackathon récent", "Hackathon ancien"].map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn sample_07_most_participants() {
    let (_, titles) =
        ask("/api/v1/search/events?search=f%C3%AAte&startDateMin=2025-04-10T10%3A00%3A00.000Z&statusOneOf[]=CONFIRMED\
         &distance=50_km&count=16&start=0&sort=-participantCount&boostLanguages[]=fr")
        .await;
    assert_eq!(titles, ["Grande fête", "Petite fête", "Fête discrète"]);
}

#[tokio::test]
async fn sample_08_sort_by_of_3_0() {
    let (total, titles) =
        ask("/api/v1/search/events?search=f%C3%AAte&startDateMin=2022-11-10T10%3A00%3A00.000Z&statusOneOf[]=CONFIRMED\
         &distance=10.0_km&count=16&start=0&sortBy=-match&boostLanguages[]=fr")
        .await;
    assert_eq!(total, 3);
    assert_eq!(titles[0], "Grande fête", "equally good matches: whoever has more participants");
}

#[tokio::test]
async fn sample_09_groups_without_a_sort() {
    let (total, names) = ask(
        "/api/v1/search/groups?search=linux&boostLanguages[]=fr&boostLanguages[]=en&distance=50_km&count=16&start=0",
    )
    .await;
    assert_eq!((total, names.len()), (19, 16));
    assert!(!names.contains(&"chorale".to_owned()));
}

#[tokio::test]
async fn sample_10_groups_by_members_around_paris() {
    let (total, names) =
        ask("/api/v1/search/groups?search=linux&boostLanguages[]=fr&distance=100.0_km&count=16&start=16\
         &latlon=48.85661393404007%3A2.3522233963012695&sort=-memberCount")
        .await;
    assert_eq!((total, names), (18, ["lug0", "gul"].map(str::to_owned).to_vec()), "the second page");
}

#[tokio::test]
async fn sample_11_newest_groups() {
    let (total, names) =
        ask("/api/v1/search/groups?boostLanguages[]=fr&distance=50_km&count=16&start=0&sort=-createdAt").await;
    assert_eq!(total, 20);
    assert_eq!(names[..3], ["gul", "chorale", "gull"]);
}

#[tokio::test]
async fn sample_12_minimal_prober() {
    let (total, titles) =
        ask("/api/v1/search/events?latlon=45.76:4.84&distance=100_km&startDateMin=2026-07-12T00:00:00Z").await;
    assert_eq!((total, titles), (1, vec!["Bientôt à Lyon".to_owned()]));
}

#[tokio::test]
async fn sample_13_early_client() {
    let (total, titles) = ask(
        "/api/v1/search/events?search=test&startDateMin=2022-04-21T16:08:32.675Z&boostLanguages[]=fr&boostLanguages[]=en\
         &distance=10_km&sort=-match&start=0&count=5",
    )
    .await;
    assert_eq!((total, titles), (1, vec!["A test with tests".to_owned()]));
}

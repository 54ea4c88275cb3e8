//! The same seed gives the same fediverse.

use std::collections::{BTreeMap, BTreeSet};

use simulator::{Catalogue, Fediverse, HostSetup};

#[test]
fn a_seed_decides_everything_and_another_seed_something_else() {
    let now = "2026-01-01T12:00:00Z".parse().unwrap();
    let make = |seed| {
        let catalogue = Catalogue::new(seed, now, 30);
        let videos: Vec<_> = catalogue.videos(2_000).collect();
        let instance = catalogue.instance(3, 40).unwrap();
        (catalogue.hosts().to_vec(), videos, instance.videos, instance.playlists)
    };
    assert_eq!(make(1), make(1));
    assert_ne!(make(1).1, make(2).1);
    assert_ne!(make(1).3, make(2).3);
    let catalogue = Catalogue::new(1, now, 30);
    let (host, fifth) = catalogue.videos(2_000).filter(|(host, _)| *host == 0).nth(5).unwrap();
    assert_eq!(catalogue.video(host, 5), Some(fifth), "videos do not depend on the ones before them");
}

#[test]
fn host_names_and_uuids_are_distinct() {
    let now = "2026-01-01T12:00:00Z".parse().unwrap();
    let catalogue = Catalogue::new(1, now, 10_000);
    let names: BTreeSet<&str> = catalogue.hosts().iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names.len(), 10_000);
    let uuids: BTreeSet<_> = catalogue.videos(20_000).map(|(_, video)| video.uuid).collect();
    assert_eq!(uuids.len(), 20_000);
    for host in catalogue.hosts().iter().take(200) {
        let channels: BTreeSet<&str> = host.channels.iter().map(|channel| channel.name.as_str()).collect();
        assert_eq!(channels.len(), host.channels.len());
        assert!(
            (0..host.accounts.len()).all(|nth| host.channels.iter().any(|channel| channel.account as usize == nth))
        );
    }
}

#[test]
fn texts_dates_and_numbers_look_like_a_real_fediverse() {
    let now: jiff::Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
    let catalogue = Catalogue::new(5, now, 40);
    let mut languages: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut n_long, mut n_untagged, mut n_recent, mut n_null, mut n_nsfw, mut n_live) = (0, 0, 0, 0, 0, 0);
    let mut views = Vec::new();
    let n = 10_000;
    for (_, video) in catalogue.videos(n) {
        assert!(video.is_listed() && video.is_local());
        assert!((3..=120).contains(&video.name.chars().count()), "{}", video.name);
        assert!(video.tags.len() <= 5 && video.tags.iter().all(|tag| (2..=30).contains(&tag.chars().count())));
        assert!(video.published_at < now.as_millisecond() && video.updated_at <= now.as_millisecond());
        assert!(video.published_at >= video.created_at);
        if let Some(word) = &video.late_word {
            let description = video.description.clone().unwrap();
            assert!(!video.truncated_description().unwrap().contains(word.as_str()));
            assert!(description.contains(word.as_str()) && description.chars().count() < 10_000);
            n_long += 1;
        }
        *languages.entry(video.language.unwrap_or("none")).or_default() += 1;
        n_untagged += usize::from(video.tags.is_empty());
        n_recent += usize::from(now.as_millisecond() - video.published_at < 3_600_000);
        n_null += usize::from(video.language.is_none());
        n_nsfw += usize::from(video.nsfw);
        n_live += usize::from(video.is_live);
        views.push(video.views);
    }
    assert_eq!(languages.len(), 17, "{languages:?}");
    assert!(n_long > n / 5 && n_untagged > 100 && n_recent > 100 && n_null > 100 && n_nsfw > 50 && n_live > 10);
    views.sort_unstable();
    assert!(views[n / 2] < 100 && views[n - 1] > 20_000, "median {}, most {}", views[n / 2], views[n - 1]);
}

#[tokio::test]
async fn the_demo_is_large_enough_and_speaks_sixteen_languages() {
    let setups = HostSetup::demo(1, "2026-01-01T12:00:00Z".parse().unwrap());
    let names: BTreeSet<String> = setups.iter().map(|setup| setup.name().to_owned()).collect();
    assert_eq!(names.len(), 24);
    let fediverse = Fediverse::builder().hosts(setups).start().await.unwrap();
    let listed: Vec<_> = fediverse.hosts().flat_map(|host| host.listed()).collect();
    assert!(listed.len() >= 2_500, "{}", listed.len());
    let languages: BTreeSet<_> = listed.iter().filter_map(|video| video.language).collect();
    assert_eq!(languages.len(), 16);
    let playlists: Vec<_> = fediverse.hosts().flat_map(|host| host.listed_playlists()).collect();
    let n_full = playlists.iter().filter(|playlist| playlist.elements.len() > 1).count();
    assert!(n_full >= 50 && n_full < playlists.len(), "{n_full} of {}", playlists.len());
    let uuids: BTreeSet<_> = playlists.iter().map(|playlist| playlist.uuid).collect();
    assert_eq!(uuids.len(), playlists.len());
    let channels: Vec<_> = fediverse.hosts().flat_map(|host| host.channels()).collect();
    let n_described = channels.iter().filter(|channel| channel.description.is_some()).count();
    let n_banners = channels.iter().filter(|channel| channel.has_banner).count();
    assert!(n_described > channels.len() / 2 && n_banners > channels.len() / 2, "{n_described} {n_banners}");
}

#[test]
fn a_remote_copy_of_a_playlist_agrees_with_its_origin() {
    let catalogue = Catalogue::new(1, "2026-01-01T12:00:00Z".parse().unwrap(), 3);
    let copies = catalogue.instance(0, 200).unwrap().playlists.into_iter().filter(|playlist| !playlist.is_local());
    let origins: Vec<_> = [1, 2].iter().map(|&host| catalogue.instance(host, 60).unwrap()).collect();
    let mut n_copies = 0;
    for copy in copies {
        let home = origins.iter().find(|it| it.spec.name == copy.origin.as_ref().unwrap().host).unwrap();
        let own = home.playlist(copy.uuid).unwrap();
        assert_eq!((&own.display_name, own.created_at), (&copy.display_name, copy.created_at));
        n_copies += 1;
    }
    assert_eq!(n_copies, 2);
}

//! Submitted hosts: few requests to each, and the proof that somebody runs one.

use allowlist::Host;
use allowlist::submission::{CheckName, CheckOutcome, ProofPlace};
use crawler::net::Client;
use crawler::probe::{MAX_REQUESTS, ProbeReport, Prober, TxtResolver};
use simulator::dns::NameServer;
use simulator::{Behaviour, Fediverse, Redirect, Routes};

use crate::world::{World, generated};

fn prober(fediverse: &Fediverse, dns: &NameServer) -> Prober {
    let world = World::of(fediverse);
    Prober::new(Client::new(world.config.network).unwrap(), TxtResolver::at(dns.address()))
}

fn outcome(report: &ProbeReport, name: CheckName) -> (CheckOutcome, &str) {
    let check = report.checks.iter().find(|check| check.name == name).unwrap();
    (check.outcome, &check.sentence)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_148_a_host_gets_four_requests_at_most_and_none_elsewhere() {
    let redirect = |to: &str, routes| Behaviour::Redirect(Redirect::To(to.to_owned())).on(routes);
    let hosts = [
        generated(0, 3),
        // NodeInfo that cannot be read sends the questions on, and the list gets none.
        generated(1, 3).behave(Behaviour::Status(404).on(Routes::Prefix("/nodeinfo/".to_owned()))),
        generated(2, 3).behave(redirect("/other", Routes::Everything)),
        generated(3, 3).behave(Behaviour::Redirect(Redirect::Chain(3)).on(Routes::Everything)),
    ];
    let fediverse = Fediverse::builder().hosts(hosts).start().await.unwrap();
    let dns = NameServer::start().await.unwrap();
    let prober = prober(&fediverse, &dns);
    let mut reports = Vec::new();
    for handle in fediverse.hosts() {
        let host: Host = handle.name().parse().unwrap();
        let report = prober.probe(&host).await;
        let n = u32::try_from(handle.exchanges().len()).unwrap();
        assert!(n <= MAX_REQUESTS && n == report.n_requests, "{host}: {n} requests, {} told", report.n_requests);
        assert_eq!(report.checks.len(), 9, "every check but that of names, in order");
        reports.push(report);
    }
    let by_requests: Vec<u32> = reports.iter().map(|report| report.n_requests).collect();
    assert_eq!(by_requests.iter().filter(|n| **n == 4).count(), 2, "{by_requests:?}");
    assert_eq!(by_requests.iter().filter(|n| **n == 1).count(), 2, "no redirect is followed: {by_requests:?}");
    assert!(dns.questions().is_empty());
    fediverse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_149_hosts_without_a_public_address_get_the_same_words_after_the_same_time() {
    let fediverse = Fediverse::builder().host(generated(0, 1)).start().await.unwrap();
    let dns = NameServer::start().await.unwrap();
    let mut network = World::of(&fediverse).config.network;
    network.limits.connect = std::time::Duration::from_millis(300);
    let inside = ["loopback.example", "lan.example", "meta.example", "six.example"];
    for (name, address) in inside.iter().zip(["127.0.0.1:1", "10.0.0.1:443", "169.254.169.254:443", "[::1]:443"]) {
        network.resolve.insert(name.parse().unwrap(), address.parse().unwrap());
    }
    let prober = Prober::new(Client::new(network).unwrap(), TxtResolver::at(dns.address()));
    let mut words = std::collections::BTreeSet::new();
    for name in inside {
        let begun = std::time::Instant::now();
        let report = prober.probe(&name.parse().unwrap()).await;
        let took = begun.elapsed();
        assert!(took >= std::time::Duration::from_millis(1300) && took < std::time::Duration::from_secs(4), "{took:?}");
        let (outcome, sentence) = outcome(&report, CheckName::Address);
        assert_eq!(outcome, CheckOutcome::Failed);
        let others: Vec<_> = report.checks.iter().filter(|check| check.name != CheckName::Name).cloned().collect();
        assert!(!format!("{others:?}").contains(name), "nothing tells them apart");
        words.insert((sentence.to_owned(), format!("{others:?}")));
    }
    assert_eq!(words.len(), 1, "{words:?}");
    fediverse.shutdown().await;
}

// case 152
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_is_found_in_each_of_three_places_with_three_requests_at_most() {
    let fediverse = Fediverse::builder().hosts((0..5).map(|nth| generated(nth, 1))).start().await.unwrap();
    let dns = NameServer::start().await.unwrap();
    let prober = prober(&fediverse, &dns);
    let token = "00112233445566778899aabbccddeeff";
    let other = "ffeeddccbbaa99887766554433221100";
    let handles: Vec<_> = fediverse.hosts().collect();
    let host = |nth: usize| handles[nth].name().parse::<Host>().unwrap();
    dns.add_txt(&format!("_vigie.{}", host(0)), &format!("vigie-verify={token}"));
    dns.add_txt(&format!("_vigie.{}", host(0)), "v=spf1 -all");
    handles[1].place_file("/.well-known/vigie.txt", &format!("# ours\r\n{token}\r\n"));
    handles[2].place_metadata("vigie", token);
    // The token of somebody else, and no token at all.
    dns.add_txt(&format!("_vigie.{}", host(3)), &format!("vigie-verify={other}"));
    handles[3].place_file("/.well-known/vigie.txt", other);
    handles[3].place_metadata("vigie", other);
    let expected = [Some(ProofPlace::Dns), Some(ProofPlace::File), Some(ProofPlace::Nodeinfo), None, None];
    for (nth, (place, n_requests)) in expected.into_iter().zip([0, 1, 3, 3, 3]).enumerate() {
        let report = prober.prove(&host(nth), token).await;
        assert_eq!((report.place, report.n_requests), (place, n_requests), "{nth}: {:?}", report.missing);
        assert_eq!(handles[nth].exchanges().len(), usize::try_from(n_requests).unwrap());
    }
    let report = prober.prove(&host(4), token).await;
    let said: Vec<&str> = report.missing.iter().map(|missing| missing.sentence.as_str()).collect();
    assert_eq!(
        said,
        [
            format!("There is no TXT record `_vigie.{}`.", host(4)).as_str(),
            "There is no file `/.well-known/vigie.txt`.",
            "The metadata of its NodeInfo have no key `vigie`.",
        ]
    );
    // A name server that is silent keeps nobody from the other ways.
    drop(dns);
    assert_eq!(prober.prove(&host(1), token).await.place, Some(ProofPlace::File));
    drop(handles);
    fediverse.shutdown().await;
}

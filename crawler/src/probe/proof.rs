//! Looking for the token that proves that somebody runs a host, in the three places where only they can put it.
//!
//! robots.txt is not asked here: nothing is crawled, its admin asked for this look, and a host that forbids everything must
//! be able to leave the index.

use std::time::Duration;

use allowlist::Host;
use allowlist::submission::{
    MissingProof, NODEINFO_KEY, PROOF_PATH, ProofPlace, TXT_KEY, TXT_LABEL, holds_token, is_txt_proof,
};
use serde_json::Value;

use super::Prober;
use crate::crawl::Task;
use crate::net::{Accept, Fetched, Limits, Outcome, Request};
use crate::peertube::parse_nodeinfo_links;

/// Requests to the host that one look may take: the file, and two for NodeInfo.
pub const MAX_REQUESTS: u32 = 3;

/// Most of the NodeInfo document that is read for it.
const MAX_NODEINFO_BYTES: usize = 256 << 10;

/// What came of looking for a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofReport {
    /// Where it was found first.
    pub place: Option<ProofPlace>,
    /// One sentence for each place that was looked at in vain.
    pub missing: Vec<MissingProof>,
    /// Requests that were sent to the host; name servers are not counted.
    pub n_requests: u32,
}

impl Prober {
    /// Looks for `token`: in the TXT record, then in the file, then in the metadata of NodeInfo; ends where it is found. At
    /// most three requests to the host.
    pub async fn prove(&self, host: &Host, token: &str) -> ProofReport {
        let mut report = ProofReport { place: None, missing: Vec::new(), n_requests: 0 };
        for place in ProofPlace::ALL {
            let found = match place {
                ProofPlace::Dns => self.prove_by_dns(host, token).await,
                ProofPlace::File => self.prove_by_file(host, token, &mut report.n_requests).await,
                ProofPlace::Nodeinfo => self.prove_by_nodeinfo(host, token, &mut report.n_requests).await,
            };
            match found {
                Ok(()) => {
                    report.place = Some(place);
                    return report;
                }
                Err(sentence) => report.missing.push(MissingProof { place, sentence }),
            }
        }
        report
    }

    async fn prove_by_dns(&self, host: &Host, token: &str) -> Result<(), String> {
        let name = format!("{TXT_LABEL}.{}", host.name());
        let records = self.dns.proofs_of(host).await.map_err(|error| {
            tracing::info!(instance.host = %host, "looking for a proof of {host}: {error}");
            format!("The TXT record `{name}` cannot be looked up now.")
        })?;
        match records.len() {
            _ if records.iter().any(|record| is_txt_proof(record, token)) => Ok(()),
            0 => Err(format!("There is no TXT record `{name}`.")),
            _ => Err(format!("The TXT record `{name}` does not say `{TXT_KEY}={token}`.")),
        }
    }

    async fn prove_by_file(&self, host: &Host, token: &str, n_requests: &mut u32) -> Result<(), String> {
        let fetched = self.look(host, PROOF_PATH, Accept::Text, n_requests).await?;
        match &fetched.outcome {
            Outcome::Ok(file) if holds_token(file, token) => Ok(()),
            Outcome::Ok(_) => Err(format!("`{PROOF_PATH}` does not hold the token in a line of its own.")),
            Outcome::NotFound | Outcome::Gone => Err(format!("There is no file `{PROOF_PATH}`.")),
            // PeerTube says so of paths that it does not know.
            Outcome::Unexpected if fetched.status == 406 => Err(format!("There is no file `{PROOF_PATH}`.")),
            _ => Err(format!("`{PROOF_PATH}` cannot be read (status {}).", fetched.status)),
        }
    }

    async fn prove_by_nodeinfo(&self, host: &Host, token: &str, n_requests: &mut u32) -> Result<(), String> {
        let unread = |fetched: &Fetched| format!("Its NodeInfo cannot be read (status {}).", fetched.status);
        let links = self.look(host, &Task::NodeinfoLinks.path(), Accept::Json, n_requests).await?;
        let Outcome::Ok(body) = &links.outcome else { return Err(unread(&links)) };
        let path = parse_nodeinfo_links(body, host).map_err(|error| {
            let text = error.to_string();
            format!("I{}.", text.strip_prefix('i').unwrap_or(&text))
        })?;
        let fetched = self.look(host, &path, Accept::Json, n_requests).await?;
        let Outcome::Ok(body) = &fetched.outcome else { return Err(unread(&fetched)) };
        let document: Option<Value> = Some(body)
            .filter(|body| body.len() <= MAX_NODEINFO_BYTES)
            .and_then(|body| serde_json::from_slice(body).ok());
        let said = document.as_ref().and_then(|document| document.get("metadata")?.get(NODEINFO_KEY)?.as_str());
        match said {
            Some(said) if said == token && !token.is_empty() => Ok(()),
            Some(_) => Err(format!("The key `{NODEINFO_KEY}` in the metadata of its NodeInfo is not the token.")),
            None => Err(format!("The metadata of its NodeInfo have no key `{NODEINFO_KEY}`.")),
        }
    }

    async fn look(&self, host: &Host, path: &str, accept: Accept, n_requests: &mut u32) -> Result<Fetched, String> {
        debug_assert!(*n_requests < MAX_REQUESTS, "one request too many");
        *n_requests += 1;
        let limits =
            Limits { wire_bytes: MAX_NODEINFO_BYTES, decoded_bytes: MAX_NODEINFO_BYTES, ..self.limits.clone() };
        let request = Request { host, path_and_query: path, accept, validators: None, pause: Duration::ZERO };
        self.client.ask_once(&request, None, &limits).await.map_err(|error| {
            // The words are the same whatever the reason: who it is for can look at the host, and nobody else should.
            tracing::info!(instance.host = %host, "looking for a proof of {host}: {error}");
            format!("`{}` gave no answer of use.", path.split('?').next().unwrap_or(path))
        })
    }
}

//! TXT records, which the system's resolver does not tell. Asked for proofs of ownership alone; addresses are looked up
//! elsewhere and never by what is read here.

use std::net::SocketAddr;
use std::time::Duration;

use allowlist::Host;
use allowlist::submission::TXT_LABEL;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

/// Longest wait for an answer of all name servers together.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Most records and bytes of one that are looked at.
const MAX_RECORDS: usize = 50;
const MAX_RECORD_BYTES: usize = 1024;

/// Looks TXT records up. Cheap to clone; keeps nothing, so that a record is found as soon as it is there.
#[derive(Clone, Debug, Default)]
pub struct TxtResolver {
    server: Option<SocketAddr>,
}

/// Why records could not be looked up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TxtError {
    /// This machine names no name server.
    #[error("looking up a TXT record: {0}")]
    NoServer(String),
    /// They do not answer, or with an error.
    #[error("looking up the TXT record of `{name}`: {reason}")]
    Failed {
        /// The name that was asked for.
        name: String,
        /// What happened.
        reason: String,
    },
}

impl TxtResolver {
    /// Asks the name servers of the system.
    pub fn system() -> Self {
        Self::default()
    }

    /// Asks this name server alone.
    pub fn at(server: SocketAddr) -> Self {
        Self { server: Some(server) }
    }

    /// The TXT records of `_vigie.` and the host, each as one text; none where there is no such name.
    ///
    /// # Errors
    /// [`TxtError`].
    pub async fn proofs_of(&self, host: &Host) -> Result<Vec<Vec<u8>>, TxtError> {
        // With its final dot the name is whole: no search domain of this machine is tried.
        let name = format!("{TXT_LABEL}.{}.", host.name());
        let failed = |reason: String| TxtError::Failed { name: name.clone(), reason };
        let resolver = self.resolver().map_err(|error| TxtError::NoServer(error.to_string()))?;
        let found = match tokio::time::timeout(TIMEOUT, resolver.txt_lookup(name.as_str())).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) if error.is_no_records_found() => return Ok(Vec::new()),
            Ok(Err(error)) => return Err(failed(error.to_string())),
            Err(_) => return Err(failed(format!("no answer within {} s", TIMEOUT.as_secs()))),
        };
        let records = found.answers().iter().filter_map(|record| match &record.data {
            RData::TXT(text) => {
                let bytes: Vec<u8> = text.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
                (bytes.len() <= MAX_RECORD_BYTES).then_some(bytes)
            }
            _ => None,
        });
        Ok(records.take(MAX_RECORDS).collect())
    }

    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let mut builder = match self.server {
            None => TokioResolver::builder_tokio()?,
            Some(server) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options: &mut ResolverOpts = builder.options_mut();
        options.timeout = Duration::from_secs(3);
        options.attempts = 2;
        options.cache_size = 0;
        builder.build()
    }
}

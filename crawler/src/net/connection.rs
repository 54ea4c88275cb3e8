//! Why there is no connection: the causes of an error of the HTTP client, searched for what can be named.

use std::error::Error;
use std::io;

use jiff::Timestamp;
use rustls::CertificateError;

use crate::failure::TlsFault;

/// A cause that can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionFault {
    /// Nothing listens at the address.
    Refused,
    /// No trusted encryption.
    Tls(TlsFault),
}

/// The first cause of `error` that can be named.
pub(super) fn fault(error: &(dyn Error + 'static)) -> Option<ConnectionFault> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(ConnectionFault::Tls(tls_fault(tls)));
        }
        next = error.source();
        if let Some(error) = error.downcast_ref::<io::Error>() {
            if error.kind() == io::ErrorKind::ConnectionRefused {
                return Some(ConnectionFault::Refused);
            }
            // What an I/O error wraps is not its source; the source of what it wraps is.
            next = error.get_ref().map(|inner| inner as &(dyn Error + 'static)).or(next);
        }
    }
    None
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    let rustls::Error::InvalidCertificate(error) = error else { return TlsFault::Protocol };
    let time = |seconds: u64| i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    match error {
        CertificateError::Expired => TlsFault::Expired { on: None },
        CertificateError::ExpiredContext { not_after, .. } => TlsFault::Expired { on: time(not_after.as_secs()) },
        CertificateError::NotValidYet => TlsFault::NotYetValid { from: None },
        CertificateError::NotValidYetContext { not_before, .. } => {
            TlsFault::NotYetValid { from: time(not_before.as_secs()) }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsFault::WrongName,
        // Many self-signed certificates call themselves an authority, which the verifier names before the issuer.
        CertificateError::UnknownIssuer => TlsFault::UnknownIssuer,
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => TlsFault::UnknownIssuer,
        CertificateError::Revoked => TlsFault::Revoked,
        _ => TlsFault::BadCertificate,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::pki_types::UnixTime;

    use super::*;

    fn fault_of(error: CertificateError) -> TlsFault {
        // As it comes out of a handshake: wrapped twice.
        let inner = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::InvalidCertificate(error));
        match fault(&io::Error::other(inner)) {
            Some(ConnectionFault::Tls(fault)) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn case_55_each_fault_of_a_certificate_is_named() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let on = Timestamp::from_second(1_000).ok();
        let expired = CertificateError::ExpiredContext { time: at(2_000), not_after: at(1_000) };
        assert_eq!(fault_of(expired), TlsFault::Expired { on });
        let early = CertificateError::NotValidYetContext { time: at(1), not_before: at(1_000) };
        assert_eq!(fault_of(early), TlsFault::NotYetValid { from: on });
        assert_eq!(fault_of(CertificateError::NotValidForName), TlsFault::WrongName);
        assert_eq!(fault_of(CertificateError::UnknownIssuer), TlsFault::UnknownIssuer);
        assert_eq!(fault_of(CertificateError::Revoked), TlsFault::Revoked);
        assert_eq!(fault_of(CertificateError::BadEncoding), TlsFault::BadCertificate);
        let old = rustls::Error::PeerIncompatible(rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13);
        assert_eq!(fault(&io::Error::other(old)), Some(ConnectionFault::Tls(TlsFault::Protocol)));
    }

    #[test]
    fn a_refused_connection_is_told_from_others() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(fault(&io::Error::other(refused)), Some(ConnectionFault::Refused));
        assert_eq!(fault(&io::Error::from(io::ErrorKind::ConnectionReset)), None);
    }
}

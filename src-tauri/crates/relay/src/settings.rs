//! Where the broker is, as a technician sets it.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use transport::Origin;

use crate::RelayError;

/// The broker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `mqtts://host:port`; without a port, 8883. Must be in `network.allow` too (C29).
    pub broker: Origin,
    /// A file of certificates (PEM). The broker's must come from one of these. The operating
    /// system's are not used: a broker in a hall has a certificate of the venue's own.
    pub ca: PathBuf,
}

impl Settings {
    /// Host and port, if the technician allows them.
    pub(crate) fn address(&self, allow: &[Origin]) -> Result<(&str, u16), RelayError> {
        if !allow.contains(&self.broker) {
            return Err(RelayError::NotAllowed);
        }
        let (host, port) = self.broker.mqtt().ok_or(RelayError::Protocol)?;
        if host.starts_with('[') { Err(RelayError::Address) } else { Ok((host, port)) }
    }

    /// TLS that trusts the configured certificates only.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, RelayError> {
        let pem = std::fs::read(&self.ca).map_err(RelayError::ReadCa)?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| RelayError::Ca)?;
            roots.add(certificate).map_err(|_| RelayError::Ca)?;
        }
        if roots.is_empty() {
            return Err(RelayError::Ca);
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| RelayError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }

    /// Whether the kiosk may connect there (C29). Reads and connects to nothing.
    pub fn check_broker(&self, allow: &[Origin]) -> Result<(), RelayError> {
        self.address(allow).map(drop)
    }

    /// Whether these settings can be used: the file of certificates is read, nothing is connected
    /// to.
    pub fn check(&self, allow: &[Origin]) -> Result<(), RelayError> {
        self.address(allow)?;
        self.tls().map(drop)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn settings(broker: &str) -> Settings {
        Settings { broker: broker.parse().unwrap(), ca: "/nowhere/ca.pem".into() }
    }

    #[test]
    fn c29_a_broker_outside_the_list_is_refused_before_anything_is_connected() {
        let broker = settings("mqtts://10.1.2.3");
        for allow in ["mqtts://10.1.2.3:8884", "https://10.1.2.3:8883", "mqtts://10.1.2.30"] {
            let refused = broker.address(&[allow.parse().unwrap()]);
            assert!(matches!(refused, Err(RelayError::NotAllowed)), "{allow}");
        }
        assert!(matches!(broker.address(&[]), Err(RelayError::NotAllowed)));
        let allow = ["mqtts://10.1.2.3:8883".parse().unwrap()];
        assert_eq!(broker.address(&allow).unwrap(), ("10.1.2.3", 8883));
    }

    #[test]
    fn what_is_no_broker_is_refused_with_the_name_of_its_setting() {
        for (broker, word) in
            [("https://broker.test", "mqtts://"), ("mqtts://[::1]", "relay.broker is a name")]
        {
            let settings = settings(broker);
            let error = settings.check(&[broker.parse().unwrap()]).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        let allow: [Origin; 1] = ["mqtts://broker.test".parse().unwrap()];
        let settings = Settings { broker: allow[0].clone(), ca: ca.clone() };
        assert!(matches!(settings.check(&allow), Err(RelayError::ReadCa(_))));
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!\n"] {
            std::fs::write(&ca, text).unwrap();
            assert!(matches!(settings.check(&allow), Err(RelayError::Ca)), "{text}");
        }
    }
}

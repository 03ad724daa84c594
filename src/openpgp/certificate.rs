//! A certificate: the public part of a key, with its user ids and self-signatures.

use std::time::SystemTime;

use sequoia_openpgp::packet::{Signature, UserID};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::{Serialize, SerializeInto};
use sequoia_openpgp::types::RevocationStatus;
use sequoia_openpgp::{Cert, Packet, anyhow, armor};

use super::key_error::{KeyError, KeySource};
use super::keyring::{self, KeyringError};
use super::select;

/// A certificate without secrets and without what others say of it: its keys and user ids, bound
/// by self-signatures, and revocations that its own key made.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    cert: Cert,
}

/// A certificate cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the certificate {fingerprint} cannot be written: {reason}")]
pub(crate) struct CertificateError {
    fingerprint: String,
    reason: String,
}

impl Certificate {
    /// The certificates that bytes hold, armored or binary: one, or several that follow one
    /// another. Secrets, and what others say of a certificate, are left out.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] where there is no certificate; `source` names the bytes.
    pub fn parse(source: &KeySource, bytes: &[u8]) -> Result<Vec<Self>, KeyringError> {
        keyring::parse(source, bytes)?
            .into_iter()
            .map(|cert| {
                minimal(cert, |_| true).map_err(|error| KeyringError::NoKey {
                    source_name: source.clone(),
                    reason: error.to_string(),
                })
            })
            .collect()
    }

    /// The public part of a key.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] where the library cannot write it.
    pub(super) fn of(cert: &Cert) -> Result<Self, CertificateError> {
        minimal(cert.clone(), |_| true).map_err(|error| cannot_write(cert, &error))
    }

    /// The library's type, for the rest of this room.
    pub(super) fn cert(&self) -> &Cert {
        &self.cert
    }

    /// The fingerprint of the primary key, in upper-case hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// The user ids as texts; one that is no UTF-8 is shown with replacement characters. What they
    /// say comes from whoever made the key.
    pub(crate) fn user_ids(&self) -> Vec<String> {
        let ids = self.cert.userids();
        ids.map(|id| String::from_utf8_lossy(id.userid().value()).into_owned()).collect()
    }

    /// The fingerprint of the key that would sign if its secret were here, in upper-case
    /// hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says why none can: it has expired, is revoked, or may not sign, for example.
    pub(crate) fn signer(&self, at: SystemTime) -> Result<String, KeyError> {
        let policy = StandardPolicy::new();
        let valid = select::check(&self.cert, &policy, at)?;
        select::signing_key(&valid, None, |key| Ok(key.fingerprint().to_hex()))
    }

    /// When one of its keys can no longer be used, as it is seen at a time: when it expires or when
    /// the certificate does, whichever is first. `None` where neither does.
    pub(crate) fn expiry_of(&self, fingerprint: &str, at: SystemTime) -> Option<SystemTime> {
        let policy = StandardPolicy::new();
        let relevant = [self.fingerprint(), fingerprint.to_owned()];
        let keys = self.cert.keys().with_policy(&policy, at);
        let keys = keys.filter(|key| relevant.contains(&key.key().fingerprint().to_hex()));
        keys.filter_map(|key| key.key_expiration_time()).min()
    }

    /// Whether a fingerprint stands for this certificate: as that of its primary key, or of a
    /// subkey that signs. Case and spaces do not matter.
    ///
    /// Anybody can add the public key of somebody else to a certificate, as a subkey. Only that of
    /// a subkey that signs has to agree, by a signature of its own (RFC 9580, section 5.2.1.9).
    pub(crate) fn is_named_by(&self, fingerprint: &str, at: SystemTime) -> bool {
        let wanted: String = fingerprint.chars().filter(|it| !it.is_whitespace()).collect();
        let is_it = |found: String| found.eq_ignore_ascii_case(&wanted);
        let policy = StandardPolicy::new();
        let mut signing = self.cert.keys().subkeys().with_policy(&policy, at).for_signing();
        is_it(self.fingerprint()) || signing.any(|key| is_it(key.key().fingerprint().to_hex()))
    }

    /// The certificate with only those of its user ids that hold an e-mail address; capitals of
    /// ASCII do not matter. `None` where no user id holds it, or where all that do are revoked.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] where the library cannot write it.
    pub(crate) fn for_address(
        &self,
        address: &str,
        at: SystemTime,
    ) -> Result<Option<Self>, CertificateError> {
        let policy = StandardPolicy::new();
        let holds_it = |id: &UserID| matches!(id.email(), Ok(Some(email)) if email.eq_ignore_ascii_case(address));
        let mut ids = self.cert.userids().filter(|id| holds_it(id.userid()));
        let is_there = ids
            .any(|id| !matches!(id.revocation_status(&policy, at), RevocationStatus::Revoked(_)));
        if !is_there {
            return Ok(None);
        }
        let stripped = minimal(self.cert.clone(), holds_it);
        stripped.map(Some).map_err(|error| cannot_write(&self.cert, &error))
    }

    /// The certificate in binary form (RFC 9580, section 10.1).
    ///
    /// # Errors
    ///
    /// [`CertificateError`] where the library cannot write it.
    pub(crate) fn binary(&self) -> Result<Vec<u8>, CertificateError> {
        self.cert.export_to_vec().map_err(|error| cannot_write(&self.cert, &error))
    }

    /// Certificates in one ASCII-armored block (RFC 9580, section 6), with their fingerprints and
    /// user ids as comments where there is only one. The result is empty if there is none.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] where the library cannot write them.
    pub(crate) fn armored(certificates: &[Self]) -> Result<Vec<u8>, CertificateError> {
        match certificates {
            [] => Ok(Vec::new()),
            [Self { cert }] => {
                cert.armored().export_to_vec().map_err(|error| cannot_write(cert, &error))
            }
            [Self { cert: first }, ..] => {
                let write = || -> anyhow::Result<Vec<u8>> {
                    let mut writer = armor::Writer::new(Vec::new(), armor::Kind::PublicKey)?;
                    for Self { cert } in certificates {
                        cert.export(&mut writer)?;
                    }
                    Ok(writer.finalize()?)
                };
                write().map_err(|error| cannot_write(first, &error))
            }
        }
    }
}

fn cannot_write(cert: &Cert, error: &anyhow::Error) -> CertificateError {
    CertificateError { fingerprint: cert.fingerprint().to_hex(), reason: error.to_string() }
}

/// What a certificate says of itself, with the user ids that are wanted. Signatures by others, and
/// user ids and subkeys that its own key did not sign, are left out, since anybody can add them; so
/// are pictures and what the library does not know.
fn minimal(cert: Cert, is_wanted: impl Fn(&UserID) -> bool) -> anyhow::Result<Certificate> {
    let cert = cert.strip_secret_key_material();
    let primary = cert.primary_key();
    let mut packets = vec![Packet::from(primary.key().clone())];
    packets.extend(own(primary.self_signatures(), primary.self_revocations()));
    for id in cert.userids().filter(|id| is_wanted(id.userid())) {
        let signatures = own(id.self_signatures(), id.self_revocations());
        add(&mut packets, id.userid().clone().into(), signatures);
    }
    for subkey in cert.keys().subkeys() {
        let signatures = own(subkey.self_signatures(), subkey.self_revocations());
        add(&mut packets, subkey.key().clone().into(), signatures);
    }
    Ok(Certificate { cert: Cert::from_packets(packets.into_iter())? })
}

fn own<'s>(
    signatures: impl Iterator<Item = &'s Signature>,
    revocations: impl Iterator<Item = &'s Signature>,
) -> Vec<Packet> {
    revocations.chain(signatures).cloned().map(Packet::from).collect()
}

/// Adds a part of a certificate that its key signed.
fn add(packets: &mut Vec<Packet>, part: Packet, signatures: Vec<Packet>) {
    if !signatures.is_empty() {
        packets.push(part);
        packets.extend(signatures);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sequoia_openpgp::cert::CertBuilder;
    use sequoia_openpgp::types::SignatureType;

    use super::*;

    const SOURCE: KeySource = KeySource::Environment;

    fn cert(ids: &[&str]) -> Cert {
        let mut builder = CertBuilder::new().add_signing_subkey();
        for id in ids {
            builder = builder.add_userid(*id);
        }
        builder.generate().unwrap().0
    }

    #[test]
    fn certificates_are_read_armored_binary_and_one_after_another() {
        let (a, b) = (cert(&["A"]), cert(&["B"]));
        let fingerprints = [a.fingerprint().to_hex(), b.fingerprint().to_hex()];
        let binary = [a.to_vec().unwrap(), b.to_vec().unwrap()].concat();
        let blocks = [a.armored().to_vec().unwrap(), b.armored().to_vec().unwrap()].concat();
        for bytes in [binary, blocks] {
            let read = Certificate::parse(&SOURCE, &bytes).unwrap();
            assert_eq!(read.iter().map(Certificate::fingerprint).collect::<Vec<_>>(), fingerprints);
            let armored = Certificate::armored(&read).unwrap();
            assert_eq!(Certificate::parse(&SOURCE, &armored).unwrap(), read);
        }
    }

    #[test]
    fn secrets_and_what_others_say_are_left_out() {
        let (ours, other) = (cert(&["A <a@example.org>"]), cert(&["B"]));
        let mut signer =
            other.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
        let id = ours.userids().next().unwrap().userid().clone();
        let foreign = id
            .certify(&mut signer, &ours, SignatureType::PositiveCertification, None, None)
            .unwrap();
        let (ours, _) = ours.insert_packets(foreign).unwrap();
        assert_eq!(ours.userids().next().unwrap().certifications().count(), 1);

        let read = Certificate::parse(&SOURCE, &ours.as_tsk().to_vec().unwrap()).unwrap();
        assert!(!read[0].cert.is_tsk());
        assert_eq!(read[0].cert.userids().next().unwrap().certifications().count(), 0);
        assert_eq!(read[0].cert.keys().count(), 2);
    }

    #[test]
    fn a_certificate_for_an_address_has_no_other_user_id() {
        let certificate =
            Certificate::of(&cert(&["A <a@example.org>", "B <b@example.org>", "a@example.org"]));
        let certificate = certificate.unwrap();
        let at = SystemTime::now() + Duration::from_secs(1);
        let found = certificate.for_address("A@Example.org", at).unwrap().unwrap();
        assert_eq!(found.user_ids(), ["A <a@example.org>", "a@example.org"]);
        assert!(certificate.for_address("c@example.org", at).unwrap().is_none());

        // Anybody can write a user id into a certificate; without a signature it says nothing.
        let (foreign, _) =
            certificate.cert.clone().insert_packets(UserID::from("c@example.org")).unwrap();
        assert_eq!(foreign.userids().count(), 4);
        assert_eq!(Certificate::of(&foreign).unwrap(), certificate);
    }
}

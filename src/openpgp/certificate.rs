//! A certificate: the public side of a key, with its user IDs and self-signatures.

use std::time::SystemTime;

use sequoia_openpgp::packet::{Signature, UserID};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::{Serialize, SerializeInto};
use sequoia_openpgp::{Cert, Packet, armor};

use super::select::is_revoked;
use super::{LibraryError, keyring, select};
use crate::failure::{Failure, Result};

/// The user ID of development keys.
pub(super) const DEVELOPMENT_ID: &str = "tfadir development key, not for publishing";

/// A certificate without secrets and without anything that its own key did not sign: its keys and
/// user IDs with their self-signatures and revocations.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    pub(super) cert: Cert,
}

impl Certificate {
    /// The certificates in some bytes, armored or binary. Several may follow one another; those of
    /// the same fingerprint are merged.
    ///
    /// # Errors
    ///
    /// If there is none. `source` is the name of the file or variable.
    pub fn parse(source: &str, bytes: &[u8]) -> Result<Vec<Self>> {
        Ok(keyring::parse(source, bytes)?
            .iter()
            .map(Self::of)
            .collect::<Result<_, _>>()?)
    }

    /// Certificates with those of the same fingerprint merged, so that no copy hides the revocation
    /// in another.
    pub(crate) fn merged(certificates: Vec<Self>) -> Result<Vec<Self>, LibraryError> {
        let certs = keyring::merged(
            certificates
                .into_iter()
                .map(|certificate| certificate.cert)
                .collect(),
        )?;
        Ok(certs.into_iter().map(|cert| Self { cert }).collect())
    }

    /// The public side of a key.
    pub(super) fn of(cert: &Cert) -> Result<Self, LibraryError> {
        minimal(cert, |_| true)
    }

    /// The fingerprint of the primary key, in upper-case hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// The user IDs. Bytes that are not UTF-8 are replaced. The creator of the key controls these
    /// texts.
    pub(crate) fn user_ids(&self) -> Vec<String> {
        let ids = self.cert.userids();
        ids.map(|id| String::from_utf8_lossy(id.userid().value()).into_owned())
            .collect()
    }

    /// Whether this is a development key, whose signatures mean nothing.
    pub(crate) fn is_development(&self) -> bool {
        self.user_ids().iter().any(|id| id == DEVELOPMENT_ID)
    }

    /// Refuses a certificate that GnuPG and most other clients cannot read.
    pub(crate) fn refuse_other_versions(&self) -> Result<(), Failure> {
        select::refuse_other_versions(&self.cert)
    }

    /// The fingerprint of the key that would sign if its secret were here, in upper-case
    /// hexadecimal digits.
    pub(crate) fn signer(&self, at: SystemTime) -> Result<String> {
        let policy = StandardPolicy::new();
        let valid = select::check(&self.cert, &policy, at)?;
        Ok(select::signing_key(&valid, None, |key| {
            Ok(key.fingerprint().to_hex())
        })?)
    }

    /// When a key expires, or its certificate if that is earlier. `None` if neither does.
    pub(crate) fn expiry_of(&self, fingerprint: &str, at: SystemTime) -> Option<SystemTime> {
        let policy = StandardPolicy::new();
        let relevant = [self.fingerprint(), fingerprint.to_owned()];
        self.cert
            .keys()
            .with_policy(&policy, at)
            .filter(|key| relevant.contains(&key.key().fingerprint().to_hex()))
            .filter_map(|key| key.key_expiration_time())
            .min()
    }

    /// Whether hexadecimal digits are the fingerprint of the primary key or of a signing subkey.
    ///
    /// Anyone can add someone else's public key to a certificate, as a subkey. Only a signing
    /// subkey has to confirm this, with its own signature (RFC 9580, section 5.2.1.9).
    pub(crate) fn is_named_by(&self, fingerprint: &str, at: SystemTime) -> bool {
        if self.fingerprint().eq_ignore_ascii_case(fingerprint) {
            return true;
        }
        let policy = StandardPolicy::new();
        let subkeys = self.cert.keys().subkeys().with_policy(&policy, at);
        for key in subkeys.for_signing() {
            if key
                .key()
                .fingerprint()
                .to_hex()
                .eq_ignore_ascii_case(fingerprint)
            {
                return true;
            }
        }
        false
    }

    /// The certificate with only those user IDs that contain an e-mail address; ASCII case does not
    /// matter. `None` if all of them are revoked or there is none.
    pub(crate) fn for_address(&self, address: &str, at: SystemTime) -> Result<Option<Self>> {
        let policy = StandardPolicy::new();
        for id in self.cert.userids() {
            if has_address(id.userid(), address) && !is_revoked(&id.revocation_status(&policy, at))
            {
                return Ok(Some(minimal(&self.cert, |id| has_address(id, address))?));
            }
        }
        Ok(None)
    }

    /// The binary form (RFC 9580, section 10.1).
    pub(crate) fn binary(&self) -> Result<Vec<u8>, LibraryError> {
        Ok(self.cert.export_to_vec()?)
    }

    /// Certificates in one ASCII-armored block (RFC 9580, section 6), or nothing if there are none.
    /// A single one has its fingerprint and user IDs as comments.
    pub(crate) fn armored(certificates: &[Self]) -> Result<Vec<u8>, LibraryError> {
        Ok(match certificates {
            [] => Vec::new(),
            [Self { cert }] => cert.armored().export_to_vec()?,
            _ => one_block(certificates)?,
        })
    }
}

fn one_block(certificates: &[Certificate]) -> anyhow::Result<Vec<u8>> {
    let mut writer = armor::Writer::new(Vec::new(), armor::Kind::PublicKey)?;
    for certificate in certificates {
        certificate.cert.export(&mut writer)?;
    }
    Ok(writer.finalize()?)
}

fn has_address(id: &UserID, address: &str) -> bool {
    matches!(id.email(), Ok(Some(email)) if email.eq_ignore_ascii_case(address))
}

/// The parts of a certificate that its own key signed, with the selected user IDs. Anyone can add
/// signatures by others and unsigned user IDs and subkeys, so these are left out; so are pictures
/// and packets that the library does not know.
fn minimal(cert: &Cert, is_wanted: impl Fn(&UserID) -> bool) -> Result<Certificate, LibraryError> {
    let public = cert.clone().strip_secret_key_material();
    let primary = public.primary_key();
    let mut packets = vec![Packet::from(primary.key().clone())];
    packets.extend(own(primary.self_signatures(), primary.self_revocations()));
    for id in public.userids() {
        let signatures = own(id.self_signatures(), id.self_revocations());
        if is_wanted(id.userid()) && !signatures.is_empty() {
            packets.push(id.userid().clone().into());
            packets.extend(signatures);
        }
    }
    for subkey in public.keys().subkeys() {
        let signatures = own(subkey.self_signatures(), subkey.self_revocations());
        if !signatures.is_empty() {
            packets.push(subkey.key().clone().into());
            packets.extend(signatures);
        }
    }
    Ok(Certificate {
        cert: Cert::from_packets(packets.into_iter())?,
    })
}

fn own<'s>(
    signatures: impl Iterator<Item = &'s Signature>,
    revocations: impl Iterator<Item = &'s Signature>,
) -> Vec<Packet> {
    revocations
        .chain(signatures)
        .cloned()
        .map(Packet::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sequoia_openpgp::cert::CertBuilder;
    use sequoia_openpgp::types::SignatureType;

    use super::*;

    const SOURCE: &str = "PGP_KEY";

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
            let read = Certificate::parse(SOURCE, &bytes).unwrap();
            assert_eq!(
                read.iter()
                    .map(Certificate::fingerprint)
                    .collect::<Vec<_>>(),
                fingerprints
            );
            let armored = Certificate::armored(&read).unwrap();
            assert_eq!(Certificate::parse(SOURCE, &armored).unwrap(), read);
        }
    }

    #[test]
    fn secrets_and_signatures_by_others_are_left_out() {
        let (ours, other) = (cert(&["A <a@example.org>"]), cert(&["B"]));
        let mut signer = other
            .primary_key()
            .key()
            .clone()
            .parts_into_secret()
            .unwrap()
            .into_keypair()
            .unwrap();
        let id = ours.userids().next().unwrap().userid().clone();
        let foreign = id
            .certify(
                &mut signer,
                &ours,
                SignatureType::PositiveCertification,
                None,
                None,
            )
            .unwrap();
        let (ours, _) = ours.insert_packets(foreign).unwrap();
        assert_eq!(ours.userids().next().unwrap().certifications().count(), 1);

        let read = Certificate::parse(SOURCE, &ours.as_tsk().to_vec().unwrap()).unwrap();
        assert!(!read[0].cert.is_tsk());
        assert_eq!(
            read[0]
                .cert
                .userids()
                .next()
                .unwrap()
                .certifications()
                .count(),
            0
        );
        assert_eq!(read[0].cert.keys().count(), 2);
    }

    #[test]
    fn a_certificate_for_an_address_has_no_other_user_id() {
        let certificate = Certificate::of(&cert(&[
            "A <a@example.org>",
            "B <b@example.org>",
            "a@example.org",
        ]));
        let certificate = certificate.unwrap();
        let at = SystemTime::now() + Duration::from_secs(1);
        let found = certificate
            .for_address("A@Example.org", at)
            .unwrap()
            .unwrap();
        assert_eq!(found.user_ids(), ["A <a@example.org>", "a@example.org"]);
        assert!(
            certificate
                .for_address("c@example.org", at)
                .unwrap()
                .is_none()
        );

        // Anyone can write a user ID into a certificate; without a signature it does not count.
        let (foreign, _) = certificate
            .cert
            .clone()
            .insert_packets(UserID::from("c@example.org"))
            .unwrap();
        assert_eq!(foreign.userids().count(), 4);
        assert_eq!(Certificate::of(&foreign).unwrap(), certificate);
    }
}

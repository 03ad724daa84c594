//! RSA signatures, four times as fast as by the library, which leaves the Chinese remainder theorem
//! unused (RFC 8017, section 5.1.2).

use openssl::bn::{BigNum, BigNumContext};
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::{Padding, Rsa};
use sequoia_openpgp::anyhow;
use sequoia_openpgp::crypto::mpi::{ProtectedMPI, SecretKeyMaterial, Signature};
use sequoia_openpgp::crypto::{KeyPair, Signer};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::HashAlgorithm;

/// An RSA key that is ready to sign. OpenSSL overwrites it when it is given back.
///
/// A fault while a signature is made this way could give the key away to whoever sees it; every
/// signature is verified before anything is published.
#[derive(Clone)]
pub(crate) struct RsaKey {
    public: Key<PublicParts, UnspecifiedRole>,
    private: PKey<Private>,
}

impl RsaKey {
    /// The same key as an unlocked one; `None` if that is not for RSA.
    ///
    /// # Errors
    ///
    /// Where OpenSSL does not take it.
    pub(crate) fn of(keypair: &KeyPair) -> anyhow::Result<Option<Self>> {
        let public = keypair.public();
        let sequoia_openpgp::crypto::mpi::PublicKey::RSA { e, n } = public.mpis() else {
            return Ok(None);
        };
        let private = keypair.secret().map(|secret| {
            let SecretKeyMaterial::RSA { d, p, q, .. } = secret else {
                return Ok(None);
            };
            let numbers = [BigNum::from_slice(n.value())?, BigNum::from_slice(e.value())?];
            private(numbers, [d, p, q]).map(Some)
        })?;
        Ok(private.map(|private| Self { public: public.clone(), private }))
    }
}

#[expect(clippy::many_single_char_names, reason = "so RFC 8017 calls them")]
fn private(
    [n, e]: [BigNum; 2],
    [d, p, q]: [&ProtectedMPI; 3],
) -> Result<PKey<Private>, ErrorStack> {
    let secret = |number: &ProtectedMPI| {
        let mut secret = BigNum::new_secure()?;
        secret.copy_from_slice(number.value())?;
        secret.set_const_time();
        Ok(secret)
    };
    let [d, p, q] = [secret(d)?, secret(p)?, secret(q)?];
    let mut context = BigNumContext::new_secure()?;
    // The exponent for one factor, and the inverse of the other.
    let mut exponent = |factor: &BigNum| {
        let mut less_one = BigNum::new_secure()?;
        less_one.checked_sub(factor, BigNum::from_u32(1)?.as_ref())?;
        less_one.set_const_time();
        let mut exponent = BigNum::new_secure()?;
        exponent.nnmod(&d, &less_one, &mut context)?;
        Ok::<_, ErrorStack>(exponent)
    };
    let [of_p, of_q] = [exponent(&p)?, exponent(&q)?];
    let mut inverse = BigNum::new_secure()?;
    inverse.mod_inverse(&q, &p, &mut context)?;
    PKey::from_rsa(Rsa::from_private_components(n, e, d, p, q, of_p, of_q, inverse)?)
}

impl Signer for RsaKey {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        &self.public
    }

    fn sign(&mut self, hash: HashAlgorithm, digest: &[u8]) -> anyhow::Result<Signature> {
        anyhow::ensure!(hash == HashAlgorithm::SHA512, "RSA keys sign with SHA-512 only");
        let mut context = PkeyCtx::new(&self.private)?;
        context.sign_init()?;
        context.set_rsa_padding(Padding::PKCS1)?;
        context.set_signature_md(Md::sha512())?;
        let mut signature = Vec::new();
        context.sign_to_vec(digest, &mut signature)?;
        Ok(Signature::RSA { s: signature.into() })
    }
}

#[cfg(test)]
mod tests {
    use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
    use sequoia_openpgp::packet::signature::SignatureBuilder;
    use sequoia_openpgp::types::SignatureType;

    use super::*;

    #[test]
    fn its_signatures_are_those_of_the_library() {
        let builder = CertBuilder::new().set_cipher_suite(CipherSuite::RSA2k);
        let (cert, _) = builder.generate().unwrap();
        let key = cert.primary_key().key().clone().parts_into_secret().unwrap();
        let mut keypair = key.into_keypair().unwrap();
        let mut rsa = RsaKey::of(&keypair).unwrap().unwrap();
        let digest = [7; 64];
        let ours = rsa.sign(HashAlgorithm::SHA512, &digest).unwrap();
        assert_eq!(ours, keypair.sign(HashAlgorithm::SHA512, &digest).unwrap());
        assert!(rsa.sign(HashAlgorithm::SHA1, &[7; 20]).is_err());

        let builder = SignatureBuilder::new(SignatureType::Binary);
        let builder = builder.set_hash_algo(HashAlgorithm::SHA512);
        let signature = builder.sign_message(&mut rsa, b"data").unwrap();
        signature.verify_message(cert.primary_key().key(), b"data").unwrap();
    }

    #[test]
    fn other_keys_are_left_to_the_library() {
        let (cert, _) = CertBuilder::new().generate().unwrap();
        let key = cert.primary_key().key().clone().parts_into_secret().unwrap();
        assert!(RsaKey::of(&key.into_keypair().unwrap()).unwrap().is_none());
    }
}

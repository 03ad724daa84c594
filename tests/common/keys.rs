//! Keys as the library makes them, for tests that need no gpg.

use std::time::{Duration, SystemTime};

use sequoia_openpgp::Profile;
use sequoia_openpgp::cert::{Cert, CertBuilder, CipherSuite};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::KeyFlags;

/// A key of version 4 whose primary key signs, without a user id. It says that it was made in
/// 2001, so that it can sign at any time that a test is set in.
pub fn builder() -> CertBuilder<'static> {
    CertBuilder::new()
        .set_profile(Profile::RFC4880)
        .unwrap()
        .set_cipher_suite(CipherSuite::Cv25519)
        .set_creation_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
}

/// The same with the address that the default settings name.
pub fn publisher() -> CertBuilder<'static> {
    builder().add_userid("Test <security@2fa.directory>")
}

/// The secret key, ASCII-armored.
pub fn secret(cert: &Cert) -> Vec<u8> {
    cert.as_tsk().armored().to_vec().unwrap()
}

/// The certificate, ASCII-armored.
pub fn public(cert: &Cert) -> Vec<u8> {
    cert.armored().to_vec().unwrap()
}

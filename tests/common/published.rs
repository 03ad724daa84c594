//! A signed build, and files that could replace its signatures.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::SystemTime;

use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::Literal;
use sequoia_openpgp::packet::one_pass_sig::OnePassSig3;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::{Serialize, SerializeInto};
use sequoia_openpgp::types::{CompressionAlgorithm, DataFormat, HashAlgorithm, SignatureType};

use crate::common::{Directory, Run, files};
use crate::keys::{keypair, public, publisher, secret};

/// A directory that was built and signed with its own key.
pub struct Published {
    pub directory: Directory,
    pub cert: Cert,
}

/// Built once. The files are not in a folder, because nothing would remove it.
static BUILT: LazyLock<(Cert, BTreeMap<String, Vec<u8>>)> = LazyLock::new(|| {
    let published = Published::by(publisher().generate().unwrap().0);
    let files = files(published.directory.path());
    (published.cert, files)
});

impl Published {
    /// A copy of one build that all tests share.
    pub fn new() -> Self {
        let (cert, files) = &*BUILT;
        Self {
            directory: Directory::with(files),
            cert: cert.clone(),
        }
    }

    pub fn by(cert: Cert) -> Self {
        let directory = Directory::new()
            .file("key.asc", secret(&cert))
            .file("cert.asc", public(&cert));
        directory
            .run(&["build", "--key", "key.asc", "--serial", "1000"])
            .ends_with(0);
        Self { directory, cert }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.dist().join(path)
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(path), bytes).unwrap();
    }

    pub fn verify(&self, args: &[&str]) -> Run {
        self.directory
            .run(&[&["verify", "--cert", "cert.asc"], args].concat())
    }

    pub fn keypair(&self) -> KeyPair {
        keypair(&self.cert)
    }
}

/// Signature files of various forms.
pub struct Forged {
    pub hash: HashAlgorithm,
    pub kind: SignatureType,
    pub at: SystemTime,
}

impl Forged {
    pub fn new() -> Self {
        let at = SystemTime::now();
        Self {
            hash: HashAlgorithm::SHA512,
            kind: SignatureType::Binary,
            at,
        }
    }

    pub fn signature(&self, published: &Published, data: &[u8]) -> Packet {
        let builder = SignatureBuilder::new(self.kind).set_hash_algo(self.hash);
        let builder = builder.set_signature_creation_time(self.at).unwrap();
        builder
            .sign_message(&mut published.keypair(), data)
            .unwrap()
            .into()
    }
}

pub fn bytes(packets: &[Packet]) -> Vec<u8> {
    packets
        .iter()
        .flat_map(|packet| packet.to_vec().unwrap())
        .collect()
}

pub fn literal(data: &[u8]) -> Packet {
    let mut literal = Literal::new(DataFormat::Binary);
    literal.set_body(data.to_vec());
    literal.into()
}

pub fn one_pass(signature: &Packet) -> Packet {
    let Packet::Signature(signature) = signature else {
        panic!("{signature:?}")
    };
    let mut one_pass = OnePassSig3::try_from(signature).unwrap();
    one_pass.set_last(true);
    sequoia_openpgp::packet::OnePassSig::from(one_pass).into()
}

pub fn compressed(bytes: &[u8], level: u32) -> Vec<u8> {
    use std::io::Write;
    let mut deflated =
        flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
    deflated.write_all(bytes).unwrap();
    let mut packet = sequoia_openpgp::packet::CompressedData::new(CompressionAlgorithm::Zip);
    packet.set_body(sequoia_openpgp::packet::Body::Unprocessed(
        deflated.finish().unwrap(),
    ));
    let mut bytes = Vec::new();
    Packet::from(packet).serialize(&mut bytes).unwrap();
    bytes
}

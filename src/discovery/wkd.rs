//! The Web Key Directory: where clients look for the key of an e-mail address
//! (draft-koch-openpgp-webkey-service).

use data_encoding::Specification;
use sequoia_openpgp::types::HashAlgorithm;

use super::address::Address;
use crate::artifact::{Artifact, MediaType};
use crate::openpgp::LibraryError;

const FOLDER: &str = ".well-known/openpgpkey";

const POLICY: &str = "# This Web Key Directory has no special policy.\n";

const KEY: &str = "The public key, in the Web Key Directory.";
const ABOUT_POLICY: &str = "The policy of the Web Key Directory.";

/// The files for the advanced method (the host `openpgpkey.` and the address's domain) and for the
/// direct method (the domain itself). `keys` are certificates in binary form.
pub(crate) fn artifacts(address: &Address, keys: &[u8]) -> Result<Vec<Artifact>, LibraryError> {
    let hash = hash(address)?;
    let folders = [format!("{FOLDER}/{}", address.domain), FOLDER.to_owned()];
    let of_folder = |folder: String| {
        let key = format!("{folder}/hu/{hash}");
        let policy = format!("{folder}/policy");
        [
            Artifact::new(key, MediaType::Binary, KEY, keys.to_vec()),
            Artifact::new(policy, MediaType::Text, ABOUT_POLICY, POLICY.into()),
        ]
    };
    Ok(folders.into_iter().flat_map(of_folder).collect())
}

/// The file name of an address: the SHA-1 of the part before the `@` in lower case, in z-base-32
/// (section 3.1 of the draft).
fn hash(address: &Address) -> sequoia_openpgp::Result<String> {
    let mut sha1 = HashAlgorithm::SHA1.context()?.for_digest();
    sha1.update(address.local.to_ascii_lowercase().as_bytes());
    let mut zbase32 = Specification::new();
    zbase32.symbols.push_str("ybndrfg8ejkmcpqxot1uwisza345h769");
    Ok(zbase32.encoding()?.encode(&sha1.into_digest()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_draft_has_its_paths() {
        let address = "Joe.Doe@Example.ORG".parse().unwrap();
        let artifacts = artifacts(&address, b"key").unwrap();
        let paths: Vec<&str> = artifacts
            .iter()
            .map(|artifact| artifact.path.as_str())
            .collect();
        assert_eq!(
            paths,
            [
                ".well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q",
                ".well-known/openpgpkey/example.org/policy",
                ".well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q",
                ".well-known/openpgpkey/policy",
            ]
        );
    }
}

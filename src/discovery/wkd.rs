//! The Web Key Directory: where clients look for the key of an e-mail address
//! (draft-koch-openpgp-webkey-service).

use data_encoding::Specification;
use sequoia_openpgp::types::HashAlgorithm;

use super::AnnounceError;
use super::address::Address;
use crate::artifact::{Artifact, MediaType};

const FOLDER: &str = ".well-known/openpgpkey";

const POLICY: &str = "# The policy of this Web Key Directory: there is nothing special about it.\n";

const KEY: &str = "The public key, in the Web Key Directory.";
const ABOUT_POLICY: &str = "The policy of the Web Key Directory.";

/// The directory's files: those of the advanced method, for `openpgpkey.` and the address's domain,
/// and those of the direct method, for the domain itself. `keys` are certificates in binary form.
pub(crate) fn artifacts(address: &Address, keys: &[u8]) -> Result<Vec<Artifact>, AnnounceError> {
    let hash = hash(address)?;
    let folders = [format!("{FOLDER}/{}", address.domain()), FOLDER.to_owned()];
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
fn hash(address: &Address) -> Result<String, AnnounceError> {
    let library = |error: String| AnnounceError::Library(error);
    let mut sha1 =
        HashAlgorithm::SHA1.context().map_err(|error| library(error.to_string()))?.for_digest();
    sha1.update(address.local().to_ascii_lowercase().as_bytes());
    let digest = sha1.into_digest().map_err(|error| library(error.to_string()))?;
    let mut zbase32 = Specification::new();
    zbase32.symbols.push_str("ybndrfg8ejkmcpqxot1uwisza345h769");
    let zbase32 = zbase32.encoding().map_err(|error| library(error.to_string()))?;
    Ok(zbase32.encode(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_draft_has_its_paths() {
        let address = "Joe.Doe@Example.ORG".parse().unwrap();
        let artifacts = artifacts(&address, b"key").unwrap();
        let paths: Vec<&str> = artifacts.iter().map(|it| it.path.as_str()).collect();
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

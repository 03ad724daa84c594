//! The report at the end of a build.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::build::assemble::Complete;
use crate::build::publish::Published;
use crate::failure::failure;
use crate::session::console::Console;
use crate::signing::signers::Signers;
use crate::text::{count, size};

/// A finished build.
pub(crate) struct Built {
    pub(crate) out: PathBuf,
    pub(crate) complete: Complete,
    pub(crate) published: Published,
    pub(crate) taken: Duration,
}

impl Built {
    /// Prints status lines, and for machine-readable output the object with these `findings`.
    pub(crate) fn report(&self, console: &Console, findings: &Value) {
        let Complete {
            artifacts, signers, ..
        } = &self.complete;
        console.structured(&self.to_json(findings));
        for artifact in artifacts {
            console.detail(
                "",
                &format!("{} ({})", artifact.path, size(artifact.bytes.len())),
            );
        }
        let keys = signers.keys.join(" and ");
        match (signers.here.is_empty(), keys.is_empty()) {
            (false, _) => {
                let signed = artifacts.iter().filter(|artifact| artifact.is_signed);
                let kept = match signed.count() - self.published.new {
                    0 => String::new(),
                    kept => format!("; {} kept their signatures", count(kept, "file", "files")),
                };
                console.status("Signed", &format!("by {keys}{kept}"));
            }
            (true, true) => console.status("Not signed", "(`--unsigned`)"),
            (true, false) => {
                console.status(
                    "Not signed",
                    &format!("yet: run `tfadir sign` with key {keys}"),
                );
            }
        }
        if let Some(source) = &signers.development {
            console.warn(&failure!(
                "signed with the development key in `{source}`: do not publish this build";
                help: "pass your key with --key or set PGP_KEY"
            ));
        }
        if self.published.is_kept {
            console.status(
                "Unchanged",
                "since the previous build; its manifest is kept",
            );
        }
        let files = count(artifacts.len(), "file", "files");
        let total = size(artifacts.iter().map(|artifact| artifact.bytes.len()).sum());
        let (out, seconds) = (self.out.display(), self.taken.as_secs_f64());
        console.status(
            "Built",
            &format!("{out}: {files}, {total}, in {seconds:.2} s"),
        );
    }

    fn to_json(&self, findings: &Value) -> Value {
        let files = self.complete.artifacts.iter().map(|artifact| {
            json!({
                "path": artifact.path,
                "size": artifact.bytes.len(),
                "media_type": artifact.media_type.name(),
                "count": artifact.count,
            })
        });
        let Signers {
            here,
            fingerprints,
            keys,
            development,
            ..
        } = &self.complete.signers;
        let signed = (!here.is_empty()).then(|| {
            json!({
                "certificates": fingerprints,
                "keys": keys,
                "new": self.published.new,
                "development": development.is_some(),
            })
        });
        json!({
            "out": self.out.to_string_lossy(),
            "entries": self.complete.entries,
            "review_errors": self.complete.review_errors,
            "signed": signed,
            "files": files.collect::<Vec<_>>(),
            "findings": findings,
            "seconds": self.taken.as_secs_f64(),
        })
    }
}

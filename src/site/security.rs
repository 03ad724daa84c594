//! `.well-known/security.txt` (RFC 9116).

use crate::artifact::{Artifact, MediaType};
use crate::directory::Directory;

/// The file, where the settings say what stands in it.
pub(crate) fn artifact(directory: &Directory) -> Option<Artifact> {
    let settings = &directory.settings;
    let security = settings.security.as_ref()?;
    let by_mail = || format!("mailto:{}", settings.publisher.email);
    let contact = security.contact.clone().unwrap_or_else(by_mail);
    let text = format!(
        "Contact: {contact}\nExpires: {}\nPreferred-Languages: en\n\
         Canonical: {}.well-known/security.txt\n",
        security.expires, settings.api
    );
    let about = "Where to report a weakness (RFC 9116).";
    Some(Artifact::new(".well-known/security.txt", MediaType::Text, about, text.into()))
}

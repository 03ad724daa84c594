//! The pages about the API, rendered from the schemas, the settings and `templates/`.

mod members;
mod page;

pub use page::{DocsError, Signing, artifacts};

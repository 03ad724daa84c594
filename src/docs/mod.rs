//! The pages about the API, rendered from the schemas, the settings and `templates/`.

mod members;
mod openapi;
mod page;
mod samples;

pub use page::{DocsError, Signing, artifacts};
pub use samples::{SAMPLES, Sample, Task};

//! From files to texts, from texts to documents with positions, from documents to entries.
//!
//! This room knows syntax. What is right or wrong beyond it is the business of [`crate::check`].

pub mod canonical;
pub mod document;
pub mod entry;
pub mod file;
pub mod json;
pub mod tree;

pub use document::{Document, Place};
pub use entry::{Domain, Entry, Method, Methods};
pub use file::{Content, Fault, Kind, Problem, SourceFile};
pub use json::{Json, Members, Parsed};
pub use tree::{LoadError, Tree};

//! From files to texts, from texts to documents with positions, from documents to entries.
//!
//! This module handles only syntax; [`crate::check`] checks the rest.

pub(crate) mod canonical;
pub(crate) mod document;
pub(crate) mod entry;
pub(crate) mod file;
pub(crate) mod json;
pub(crate) mod syntax;
pub(crate) mod title;
pub(crate) mod tree;

pub(crate) use document::{Document, Location};
pub(crate) use entry::{Domain, Entry, METHODS, URL_FIELDS};
pub(crate) use file::{Content, FileProblem, Kind, ParseError, SourceFile};
pub(crate) use json::Parsed;
pub(crate) use title::{FixTitle, Verb};
pub(crate) use tree::{OtherKindOfDirectory, Tree};

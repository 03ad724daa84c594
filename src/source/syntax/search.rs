//! The search for the fewest corrections that turn a text into an entry.
//!
//! A state is a place in the text and what the grammar expects there. From each state, the grammar
//! reads the next token as it is, or corrects it. The search always goes on from the state that
//! needed the fewest corrections, so the first state at the end of the text is the best repair.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ptr;

use super::Correcting;
use super::shape::Form;

/// The work after which the search gives up: one for each byte that it looks at, and
/// [`WORK_PER_STEP`] for each step.
const MAX_WORK: usize = 2_000_000;
const WORK_PER_STEP: usize = 64;

/// A state that is this many tokens behind another is given up, because mistakes show sooner.
const MAX_TOKENS_BEHIND: usize = 16;

/// What the grammar expects.
#[derive(Debug, Clone, Copy)]
pub(super) enum Phase<'s> {
    Value(&'s Form),
    /// The first item of an array, the first field of an object, or the end of either.
    First,
    /// An item or field after a comma.
    Next,
    /// The colon before a value.
    Colon(&'s Form),
    /// A comma, a closing bracket, or the end of the text.
    After,
    /// Nothing: this is the end.
    Done,
}

/// An array or object around a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'s> {
    /// The index of the frame around it; 0 is the text as a whole.
    pub(super) parent: usize,
    pub(super) depth: usize,
    pub(super) form: &'s Form,
    /// The bracket that closes it.
    pub(super) close: char,
    /// The bracket in the text that opens it, if there is one.
    pub(super) written: Option<char>,
    /// Where it opens.
    pub(super) opened: usize,
}

/// A place in the text and in the grammar.
#[derive(Debug, Clone, Copy)]
pub(super) struct SearchState<'s> {
    pub(super) at: usize,
    /// The end of the last token.
    pub(super) end: usize,
    pub(super) phase: Phase<'s>,
    /// The index of the innermost frame.
    pub(super) frame: usize,
    /// Whether everything so far has the form of an entry.
    pub(super) is_entry: bool,
    /// How many tokens were read.
    pub(super) tokens: usize,
    /// A hash of what they say.
    pub(super) meaning: u64,
}

impl<'s> SearchState<'s> {
    /// The state after a token that ends at `end`.
    pub(super) fn then(self, end: usize, phase: Phase<'s>) -> Self {
        Self {
            at: end,
            end,
            phase,
            tokens: self.tokens + 1,
            ..self
        }
    }

    /// The same state after a bracket, name or value, which matters for what the text says.
    pub(super) fn saying(self, content: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (self.meaning, content).hash(&mut hasher);
        let meaning = hasher.finish();
        Self { meaning, ..self }
    }

    /// The same state without the next bytes up to `at`, which say nothing.
    pub(super) fn skipping(self, at: usize) -> Self {
        Self { at, ..self }
    }
}

/// A way to go on from a state.
#[derive(Debug)]
pub(super) struct SearchStep<'s> {
    pub(super) state: SearchState<'s>,
    pub(super) cost: usize,
    pub(super) corrections: Vec<Correcting>,
}

/// The best repair of a text.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) corrections: Vec<Correcting>,
    /// Whether the result has the form of an entry, and no other repair is as short.
    pub(super) is_entry: bool,
}

/// A state that was reached.
struct ReachedState<'s> {
    state: SearchState<'s>,
    parent: Option<usize>,
    corrections: Vec<Correcting>,
    cost: usize,
    /// Whether the same corrections could have led here with another meaning.
    is_ambiguous: bool,
}

/// What makes two states the same.
type StateKey = (usize, u8, usize, usize);

pub(super) struct Search<'s> {
    pub(super) text: &'s str,
    pub(super) frames: Vec<Frame<'s>>,
    nodes: Vec<ReachedState<'s>>,
    /// The nodes that were not visited yet: the cheapest first, then the furthest.
    queue: BinaryHeap<Reverse<(usize, Reverse<usize>, usize)>>,
    visited: HashMap<StateKey, usize>,
    work: usize,
}

impl<'s> Search<'s> {
    pub(super) fn new(text: &'s str, form: &'s Form) -> Self {
        let outermost = Frame {
            parent: 0,
            depth: 0,
            form,
            close: '\0',
            written: None,
            opened: 0,
        };
        Self {
            text,
            frames: vec![outermost],
            nodes: Vec::new(),
            queue: BinaryHeap::new(),
            visited: HashMap::new(),
            work: 0,
        }
    }

    /// The best repair; `None` if there is none or it takes too much work to find.
    pub(super) fn run(mut self) -> Option<Found> {
        let start = SearchState {
            at: 0,
            end: 0,
            phase: Phase::Value(self.frames[0].form),
            frame: 0,
            is_entry: true,
            tokens: 0,
            meaning: 0,
        };
        self.push(start, None, 0, Vec::new());
        let mut furthest = (0, 0);
        let mut best: Option<usize> = None;
        while let Some(Reverse((cost, _, index))) = self.queue.pop() {
            if best.is_some_and(|best| cost > self.nodes[best].cost) || self.is_exhausted() {
                break;
            }
            let state = self.nodes[index].state;
            furthest = furthest.max((state.tokens, cost));
            // Other repairs at the same cost show whether the best one is the only one.
            if state.tokens + MAX_TOKENS_BEHIND < furthest.0 && cost > furthest.1 {
                continue;
            }
            if let Some(earlier) = self.visited.get(&key(&state)) {
                let earlier = &mut self.nodes[*earlier];
                let is_other = earlier.state.meaning != state.meaning;
                earlier.is_ambiguous |= earlier.cost == cost && is_other;
                continue;
            }
            self.visited.insert(key(&state), index);
            if matches!(state.phase, Phase::Done) {
                best = Some(index);
                continue;
            }
            for step in self.steps(state) {
                self.work(WORK_PER_STEP);
                self.push(step.state, Some(index), cost + step.cost, step.corrections);
            }
        }
        // Another repair may be as short.
        let is_exhausted = self.is_exhausted();
        let mut found = self.found(best?);
        found.is_entry &= !is_exhausted;
        Some(found)
    }

    /// Whether the search gives up.
    pub(super) fn is_exhausted(&self) -> bool {
        self.work > MAX_WORK
    }

    /// Counts bytes that were looked at.
    pub(super) fn work(&mut self, bytes: usize) {
        self.work += bytes;
    }

    /// Adds a frame, or finds the same one.
    pub(super) fn frame(&mut self, frame: Frame<'s>) -> usize {
        let is_same = |other: &Frame<'_>| {
            let is_form = ptr::eq(other.form, frame.form);
            is_form && (other.opened, other.close) == (frame.opened, frame.close)
        };
        // Only the newest ones can be the same.
        let recent = self.frames.len().saturating_sub(8).max(1);
        let same = (recent..self.frames.len()).find(|index| {
            let other = &self.frames[*index];
            is_same(other) && (other.parent, other.written) == (frame.parent, frame.written)
        });
        same.unwrap_or_else(|| {
            self.frames.push(frame);
            self.frames.len() - 1
        })
    }

    fn push(
        &mut self,
        state: SearchState<'s>,
        parent: Option<usize>,
        cost: usize,
        corrections: Vec<Correcting>,
    ) {
        let index = self.nodes.len();
        self.nodes.push(ReachedState {
            state,
            parent,
            corrections,
            cost,
            is_ambiguous: false,
        });
        self.queue
            .push(Reverse((cost, Reverse(state.tokens), index)));
    }

    /// The corrections on the way to a node.
    fn found(mut self, last: usize) -> Found {
        let mut is_entry = self.nodes[last].state.is_entry;
        let mut parts = Vec::new();
        let mut next = Some(last);
        while let Some(index) = next {
            let node = &mut self.nodes[index];
            is_entry &= !node.is_ambiguous;
            parts.push(std::mem::take(&mut node.corrections));
            next = node.parent;
        }
        let corrections = parts.into_iter().rev().flatten().collect();
        Found {
            corrections,
            is_entry,
        }
    }
}

fn key(state: &SearchState<'_>) -> StateKey {
    let (kind, form) = match state.phase {
        Phase::Value(form) => (0, ptr::from_ref(form).addr()),
        Phase::First => (1, 0),
        Phase::Next => (2, 0),
        Phase::Colon(form) => (3, ptr::from_ref(form).addr()),
        Phase::After => (4, 0),
        Phase::Done => (5, 0),
    };
    (state.at, kind, form, state.frame)
}

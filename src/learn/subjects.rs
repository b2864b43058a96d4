//! Kinds of message, told by their subjects: alike but for names, numbers and whatever else is no wording.
//!
//! Each learner of kinds asks something else of them: whether they offer days (`offers`), are letters (`letters`), or state
//! numbers that are no booking's (`nobodys`).

use super::Lexed;
use super::stars::vary;
use super::vocabulary::Vocabulary;
use crate::mapping::{Line, MessageKind, Pattern};
use crate::model::{Document, Standing};
use std::collections::BTreeMap;

/// Messages of the business with subjects that are alike.
pub(super) struct Kind<'l, 'd> {
    pub template: Pattern,
    /// By index, in order.
    pub at: Vec<usize>,
    /// The same messages.
    pub of: Vec<&'l Lexed<'d>>,
}

/// The kinds of which enough were seen to be letters at least, and whose subjects may have any name where they had several.
pub(super) fn kinds<'l, 'd>(documents: &[&'l Lexed<'d>], vocabulary: &Vocabulary) -> Vec<Kind<'l, 'd>> {
    let mut alike: BTreeMap<Pattern, Vec<usize>> = BTreeMap::new();
    for (at, lexed) in documents.iter().enumerate() {
        if lexed.document.object == "message"
            && lexed.document.standing == Standing::Business
            && let Some(template) = template(lexed, vocabulary)
        {
            alike.entry(template).or_default().push(at);
        }
    }
    let kind = |(template, at): (Pattern, Vec<usize>)| {
        let of: Vec<&Lexed<'_>> = at.iter().map(|at| documents[*at]).collect();
        let is_kind = template.weight() > 0
            && of.len() >= MessageKind::LETTERS as usize
            && vary(&template, of.iter().filter_map(|lexed| subject(lexed)));
        is_kind.then_some(Kind { template, at, of })
    };
    alike.into_iter().filter_map(kind).collect()
}

/// The subject as its kind words it.
pub(super) fn template(lexed: &Lexed<'_>, vocabulary: &Vocabulary) -> Option<Pattern> {
    let knows = |word: &str| vocabulary.knows(&lexed.document.object, word);
    Some(Pattern::mask(subject(lexed)?, &knows))
}

fn subject<'l>(lexed: &'l Lexed<'_>) -> Option<&'l Line> {
    let mut lines = lexed.lines.iter().enumerate();
    lines
        .find(|(index, _)| lexed.place(*index) == Document::SUBJECT)
        .map(|(_, (_, line))| &**line)
}

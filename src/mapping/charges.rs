//! Charges of a kind that was not seen, described as others were that carry something else beside it.

use super::{ChargeKind, Line, Pattern, Piece, Token};

/// What stands between a charge's description and its metadata, and between these.
const PART: Token = Token::Mark('|');

/// How many charges described like this one paid for a booking, of how many, whatever stands in their metadata.
pub(super) fn described_alike(kinds: &[ChargeKind], line: &Line) -> Option<(u32, u32)> {
    let description = line.tokens.iter().take_while(|(token, _)| *token != PART);
    let description = Line {
        tokens: description.cloned().collect(),
        ..Line::default()
    };
    if description.tokens.is_empty() {
        return None;
    }
    let is_alike = |kind: &&ChargeKind| {
        let pieces = kind.template.0.iter();
        let pieces = pieces.take_while(|piece| **piece != Piece::Is(PART));
        let pieces: Vec<Piece> = pieces.cloned().collect();
        // What stands for any words is alike to all.
        !pieces.contains(&Piece::Any) && Pattern(pieces).matches(&description)
    };
    let alike = kinds.iter().filter(is_alike);
    let (pays, of) = alike.fold((0, 0), |(pays, of), kind| (pays + kind.pays, of + kind.support));
    (of > 0).then_some((pays, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(template: &str, pays: u32) -> ChargeKind {
        let tokens = Line::cut(template).tokens.into_iter();
        ChargeKind {
            template: Pattern(tokens.map(|(token, _)| Piece::Is(token)).collect()),
            support: 2,
            pays,
            ..ChargeKind::default()
        }
    }

    #[test]
    fn what_is_described_alike_counts_whatever_stands_beside_it() {
        let kinds = [
            kind("Gift voucher | pos = shop", 0),
            kind("Deposit | kind = web", 2),
        ];
        let of = |text: &str| described_alike(&kinds, &Line::cut(text));
        assert_eq!(of("Gift voucher"), Some((0, 2)));
        assert_eq!(of("Gift voucher | till = 2"), Some((0, 2)));
        assert_eq!(of("Deposit"), Some((2, 2)));
        assert_eq!(of("Voucher"), None);
    }
}

//! Judges a row by the CHECK constraints of its table, before anything is written.
//!
//! In: a constraint as the schema writes it, and the row's values. Out: false only where it is sure that the
//! database would refuse; what is not understood is left to the database, as SQL leaves NULL.
//! Understood are comparisons, AND, OR, NOT, BETWEEN, IN, `= ANY (ARRAY[…])`, IS NULL, casts and the lengths of texts.

use chrono::{DateTime, Utc};

/// One value in a condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// NULL, or nothing that can be told.
    Unknown,
    Null,
    Text(String),
    Number(f64),
    Moment(DateTime<Utc>),
    Day(chrono::NaiveDate),
    Truth(bool),
}

/// Whether the condition is sure to be false.
pub(super) fn refuses(condition: &str, value: &dyn Fn(&str) -> Value) -> bool {
    let Some(tokens) = tokens(condition) else {
        return false;
    };
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        value,
    };
    let found = reader.any();
    reader.at == tokens.len() && found == Some(Value::Truth(false))
}

/// The name and the condition of a CHECK constraint as the schema writes it; None for one that is not a plain condition.
pub(in crate::export) fn read_check(check: &str) -> Option<(String, String)> {
    let check = copied(check)?;
    let at = check.to_ascii_uppercase().find("CHECK")?;
    let name: String = check[..at]
        .split_whitespace()
        .last()
        .map_or("of this column", |name| name.trim_matches(['"', '`']))
        .to_owned();
    let rest = check[at + "CHECK".len()..].trim_start();
    let mut depth = 0usize;
    let mut quoted = None;
    for (end, char) in rest.char_indices() {
        if let Some(sign) = quoted {
            if char == sign {
                quoted = None;
            }
            continue;
        }
        match char {
            '\'' | '"' | '`' => quoted = Some(char),
            '(' => depth += 1,
            ')' if depth == 1 => return Some((name, rest[1..end].to_owned())),
            ')' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// A condition of the schema that may stand in the file: nothing in it could be taken by a client program for its own.
pub(in crate::export) fn copied(condition: &str) -> Option<&str> {
    let odd = condition.contains(['\\', ';', '\n', '\r']) || condition.contains("--");
    (!odd).then_some(condition)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Name(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

const SIGNS: [&str; 15] = [
    "::", "<=", ">=", "<>", "!=", "<", ">", "=", "(", ")", ",", "[", "]", "-", "+",
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if matches!(first, '\'' | '"' | '`') {
            let (inside, after) = quoted(rest, first)?;
            tokens.push(if first == '\'' {
                Token::Text(inside)
            } else {
                Token::Name(inside)
            });
            rest = after;
        } else if first.is_ascii_digit() {
            let end = rest
                .find(|char: char| !char.is_ascii_digit() && char != '.')
                .unwrap_or(rest.len());
            tokens.push(Token::Number(rest[..end].parse().ok()?));
            rest = &rest[end..];
        } else if first.is_alphabetic() || first == '_' {
            let end = rest
                .find(|char: char| !char.is_alphanumeric() && char != '_')
                .unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            return None;
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

fn quoted(text: &str, sign: char) -> Option<(String, &str)> {
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char != sign {
            // A backslash means one thing in one dialect and another in the next.
            if char == '\\' {
                return None;
            }
            inside.push(char);
        } else if chars.next_if(|(_, next)| *next == sign).is_some() {
            inside.push(sign);
        } else {
            return Some((inside, &text[at + char.len_utf8()..]));
        }
    }
    None
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    value: &'a dyn Fn(&str) -> Value,
}

/// None: not understood.
type Found = Option<Value>;

impl Reader<'_> {
    fn is_word(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(known)) if *known == sign);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Found {
        let mut all = vec![self.every()?];
        while self.eat_word("OR") {
            all.push(self.every()?);
        }
        Some(join(all, true))
    }

    fn every(&mut self) -> Found {
        let mut all = vec![self.negated()?];
        while self.eat_word("AND") {
            all.push(self.negated()?);
        }
        Some(join(all, false))
    }

    fn negated(&mut self) -> Found {
        if self.eat_word("NOT") {
            return Some(match self.negated()? {
                Value::Truth(truth) => Value::Truth(!truth),
                _ => Value::Unknown,
            });
        }
        self.compared()
    }

    fn compared(&mut self) -> Found {
        let left = self.operand()?;
        if self.eat_word("IS") {
            let negated = self.eat_word("NOT");
            self.eat_word("NULL").then_some(())?;
            return Some(match left {
                Value::Unknown => Value::Unknown,
                left => Value::Truth((left == Value::Null) != negated),
            });
        }
        if self.eat_word("BETWEEN") {
            let low = self.operand()?;
            self.eat_word("AND").then_some(())?;
            let high = self.operand()?;
            return Some(join(
                vec![compare(&left, ">=", &low), compare(&left, "<=", &high)],
                false,
            ));
        }
        let negated = self.eat_word("NOT");
        if self.eat_word("IN") {
            let found = self.one_of(&left)?;
            return Some(match found {
                Value::Truth(truth) => Value::Truth(truth != negated),
                _ => Value::Unknown,
            });
        }
        if negated {
            return None;
        }
        for sign in ["<=", ">=", "<>", "!=", "<", ">", "="] {
            if self.eat(sign) {
                if sign == "=" && self.eat_word("ANY") {
                    return self.any_of(&left);
                }
                let right = self.operand()?;
                return Some(compare(&left, sign, &right));
            }
        }
        Some(left)
    }

    /// `(a, b)`
    fn one_of(&mut self, left: &Value) -> Found {
        self.eat("(").then_some(())?;
        let mut all = Vec::new();
        loop {
            let right = self.operand()?;
            all.push(compare(left, "=", &right));
            if !self.eat(",") {
                break;
            }
        }
        self.eat(")").then_some(())?;
        Some(join(all, true))
    }

    /// `(ARRAY['a'::text, 'b'::text])`, in one pair of brackets or two, cast or not.
    fn any_of(&mut self, left: &Value) -> Found {
        self.eat("(").then_some(())?;
        let inner = self.eat("(");
        self.eat_word("ARRAY").then_some(())?;
        self.eat("[").then_some(())?;
        let mut all = Vec::new();
        loop {
            let right = self.operand()?;
            all.push(compare(left, "=", &right));
            if !self.eat(",") {
                break;
            }
        }
        self.eat("]").then_some(())?;
        self.cast()?;
        if inner {
            self.eat(")").then_some(())?;
            self.cast()?;
        }
        self.eat(")").then_some(())?;
        Some(join(all, true))
    }

    fn operand(&mut self) -> Found {
        let found = match self.tokens.get(self.at)?.clone() {
            Token::Sign("(") => {
                self.at += 1;
                let inside = self.any()?;
                self.eat(")").then_some(())?;
                inside
            }
            Token::Sign("-") => {
                self.at += 1;
                match self.operand()? {
                    Value::Number(number) => Value::Number(-number),
                    _ => Value::Unknown,
                }
            }
            Token::Text(text) => {
                self.at += 1;
                Value::Text(text)
            }
            Token::Number(number) => {
                self.at += 1;
                Value::Number(number)
            }
            Token::Name(name) => {
                self.at += 1;
                (self.value)(&name)
            }
            Token::Word(word) => {
                self.at += 1;
                self.word(&word)?
            }
            Token::Sign(_) => return None,
        };
        self.cast()?;
        Some(found)
    }

    fn word(&mut self, word: &str) -> Found {
        let lower = word.to_ascii_lowercase();
        if self.eat("(") {
            let inside = self.operand()?;
            self.eat(")").then_some(())?;
            return Some(match (lower.as_str(), inside) {
                ("length" | "char_length" | "character_length", Value::Text(text)) => {
                    Value::Number(text.chars().count() as f64)
                }
                (_, Value::Null) => Value::Null,
                _ => Value::Unknown,
            });
        }
        Some(match lower.as_str() {
            "null" => Value::Null,
            "true" => Value::Truth(true),
            "false" => Value::Truth(false),
            "and" | "or" | "not" | "in" | "is" | "between" | "case" | "select" | "like" => return None,
            _ => (self.value)(word),
        })
    }

    /// Passes `::character varying(10)[]`: a value means the same in another type, or is not compared.
    fn cast(&mut self) -> Option<()> {
        while self.eat("::") {
            let Some(Token::Word(_) | Token::Name(_)) = self.tokens.get(self.at) else {
                return None;
            };
            self.at += 1;
            for more in ["varying", "precision", "with", "without", "time", "zone"] {
                self.eat_word(more);
            }
            if self.eat("(") {
                while !self.eat(")") {
                    self.tokens.get(self.at)?;
                    self.at += 1;
                }
            }
            if self.eat("[") {
                self.eat("]").then_some(())?;
            }
        }
        Some(())
    }
}

/// OR (`either`) or AND over three values.
fn join(mut all: Vec<Value>, either: bool) -> Value {
    if all.len() == 1 {
        return all.remove(0);
    }
    if all.contains(&Value::Truth(either)) {
        Value::Truth(either)
    } else if all.iter().all(|value| *value == Value::Truth(!either)) {
        Value::Truth(!either)
    } else {
        Value::Unknown
    }
}

fn compare(left: &Value, sign: &str, right: &Value) -> Value {
    use std::cmp::Ordering;
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Moment(a), Value::Moment(b)) => Some(a.cmp(b)),
        (Value::Day(a), Value::Day(b)) => Some(a.cmp(b)),
        (Value::Truth(a), Value::Truth(b)) => Some(a.cmp(b)),
        // What comes first is the collation's business, and whether two that differ in case alone are equal.
        (Value::Text(a), Value::Text(b)) => match sign {
            "=" | "<>" | "!=" if a == b => Some(Ordering::Equal),
            "=" | "<>" | "!=" if a.to_lowercase().trim_end() != b.to_lowercase().trim_end() => {
                Some(Ordering::Less)
            }
            _ => None,
        },
        _ => None,
    };
    let Some(order) = order else {
        return Value::Unknown;
    };
    Value::Truth(match sign {
        "=" => order == Ordering::Equal,
        "<>" | "!=" => order != Ordering::Equal,
        "<" => order == Ordering::Less,
        ">" => order == Ordering::Greater,
        "<=" => order != Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(condition: &str) -> bool {
        refuses(condition, &|name| match name {
            "fee" => Value::Number(12.5),
            "state" => Value::Text("open".to_owned()),
            "note" => Value::Null,
            "from" => Value::Day("2026-05-02".parse().expect("a day")),
            "until" => Value::Day("2026-05-01".parse().expect("a day")),
            _ => Value::Unknown,
        })
    }

    #[test]
    fn what_the_database_would_refuse_is_found() {
        for condition in [
            "until > \"from\"",
            "((until > \"from\"))",
            "(`fee` >= 0) AND (fee < 12.5)",
            "state IN ('gone', 'done')",
            "((state)::text = ANY ((ARRAY['gone'::character varying, 'done'::character varying])::text[]))",
            "(state = ANY (ARRAY['gone'::text, 'done'::text]))",
            "NOT (fee > 0)",
            "fee BETWEEN 20 AND 30",
            "note IS NOT NULL",
            "char_length(state) > 4",
            "fee <> 12.50",
            "fee > (- 1)::numeric AND until >= \"from\"",
        ] {
            assert!(refused(condition), "{condition}");
        }
    }

    #[test]
    fn what_holds_or_is_not_understood_is_left_to_the_database() {
        for condition in [
            "fee >= 0",
            "state IN ('open')",
            "state IN ('OPEN')",
            "note > 3",
            "other > 3 AND fee > 0",
            "fee > 100 OR other IS NULL",
            "state ~ '^x'",
            "state LIKE 'x%'",
            "fee > 100 AND (SELECT 1)",
            "lower(state) = 'gone'",
            "state = 'it\\'s'",
            "state < 'a'",
            "",
        ] {
            assert!(!refused(condition), "{condition}");
        }
    }

    #[test]
    fn a_check_gives_its_name_and_its_condition() {
        let read = |check: &str| read_check(check).map(|(name, condition)| format!("{name}: {condition}"));
        assert_eq!(
            read("CONSTRAINT ends_later CHECK ((ends_on > starts_on))").as_deref(),
            Some("ends_later: (ends_on > starts_on)")
        );
        assert_eq!(
            read("CHECK (`a` <> ')')").as_deref(),
            Some("of this column: `a` <> ')'")
        );
        assert_eq!(read("EXCLUDE USING gist (room WITH =)"), None);
        assert_eq!(read("CHECK (a > 0); \\! rm"), None);
        assert_eq!(read("CHECK (a > 0"), None);
    }
}

//! Reads columns and constraints, of CREATE TABLE and of ALTER TABLE.

use super::cursor::Cursor;
use super::token::{Lexeme, Token, lossy, split_commas};
use crate::model::{Column, Dialect, ForeignKey, Table, Unique};

/// What an ALTER TABLE adds.
pub(super) enum Addition {
    /// A new column, or an old one defined anew.
    Column(Column),
    Change(String, Change),
    Constraint(Constraint),
}

pub(super) enum Change {
    Default(String),
    NotNull,
    Generated,
}

pub(super) enum Constraint {
    PrimaryKey(Vec<String>),
    Unique(Unique),
    ForeignKey(ForeignKey),
    Check(String),
    NotNull(String),
}

impl Change {
    pub fn apply(self, column: &mut Column) {
        match self {
            Self::Default(expression) => set_default(column, expression),
            Self::NotNull => column.not_null = true,
            Self::Generated => column.generated_key = true,
        }
    }
}

impl Constraint {
    pub fn apply(self, table: &mut Table) {
        match self {
            Self::PrimaryKey(columns) => table.primary_key = columns,
            Self::Unique(unique) => table.uniques.push(unique),
            Self::ForeignKey(key) => table.foreign_keys.push(key),
            Self::Check(text) => table.checks.push(text),
            Self::NotNull(name) => {
                if let Some(column) = table.columns.iter_mut().find(|column| column.name == name) {
                    column.not_null = true;
                }
            }
        }
    }
}

/// Reads what stands between the brackets of CREATE TABLE. `full_name` qualifies a table's name.
pub(super) fn read(body: Cursor<'_>, dialect: Dialect, full_name: impl Fn(String) -> String + Copy) -> Table {
    let mut table = Table::default();
    for part in split_commas(body.rest()) {
        let cursor = body.over(part);
        if let Some(parsed) = constraint(cursor, dialect, full_name) {
            if let Some(constraint) = parsed {
                constraint.apply(&mut table);
            }
        } else if let Some((column, constraints)) = column(cursor, full_name) {
            table.columns.push(column);
            for constraint in constraints {
                constraint.apply(&mut table);
            }
        }
    }
    table
}

/// One action of ALTER TABLE.
pub(super) fn alteration(
    mut cursor: Cursor<'_>,
    dialect: Dialect,
    full_name: impl Fn(String) -> String + Copy,
) -> Option<Addition> {
    if cursor.eat("ADD") {
        if let Some(parsed) = constraint(cursor, dialect, full_name) {
            return parsed.map(Addition::Constraint);
        }
        cursor.eat("COLUMN");
        return column(cursor, full_name).map(|(column, _)| Addition::Column(column));
    }
    if cursor.eat("MODIFY") {
        cursor.eat("COLUMN");
        return column(cursor, full_name).map(|(column, _)| Addition::Column(column));
    }
    cursor.eat("ALTER").then_some(())?;
    cursor.eat("COLUMN");
    let name = cursor.name()?;
    let change = if cursor.eat_all("SET DEFAULT") {
        Change::Default(cursor.source(cursor.rest()).to_owned())
    } else if cursor.eat_all("SET NOT NULL") {
        Change::NotNull
    } else if cursor.eat_all("ADD GENERATED") {
        Change::Generated
    } else {
        return None;
    };
    Some(Addition::Change(name, change))
}

/// SQLite gives the value of a sole INTEGER PRIMARY KEY, unless the table has no rowid.
pub(super) fn mark_rowid_key(table: &mut Table, without_rowid: bool) {
    if let ([name], false) = (table.primary_key.as_slice(), without_rowid)
        && let Some(column) = table.columns.iter_mut().find(|column| column.name == *name)
    {
        column.generated_key |= column.sql_type == "integer";
    }
}

/// The columns or expressions of a unique key; None where it cannot be read.
pub(super) fn unique(name: String, body: Cursor<'_>, dialect: Dialect) -> Option<Unique> {
    if let Some(columns) = key_columns(body).filter(|_| !collates(body, dialect)) {
        return Some(Unique {
            name,
            columns,
            ..Unique::default()
        });
    }
    let parts: Vec<(String, Option<String>)> = split_commas(body.rest())
        .into_iter()
        .map(|part| expression(body.over(part), dialect))
        .collect::<Option<_>>()?;
    let columns: Option<Vec<String>> = parts.iter().map(|(_, column)| column.clone()).collect();
    Some(Unique {
        name,
        columns: columns.unwrap_or_default(),
        expressions: parts.into_iter().map(|(text, _)| text).collect(),
        only: None,
    })
}

/// SQLite alone lets an index compare in another way than its column does.
fn collates(body: Cursor<'_>, dialect: Dialect) -> bool {
    let mut ahead = body;
    dialect == Dialect::Sqlite && ahead.seek("COLLATE")
}

/// One part of a key as it is written, without its order; and the column whose case it folds, or that it is.
fn expression(mut cursor: Cursor<'_>, dialect: Dialect) -> Option<(String, Option<String>)> {
    let start = cursor;
    let name = (!cursor.is_symbol(b'(')).then(|| cursor.qualified_name());
    let column = match name {
        Some(name) if !cursor.is_symbol(b'(') => Some(name?),
        _ => {
            cursor.group()?;
            folded(start.over(cursor.since(&start)))
        }
    };
    if dialect == Dialect::Sqlite && cursor.eat("COLLATE") {
        cursor.name()?;
    }
    Some((cursor.source_since(&start).trim().to_owned(), column))
}

/// The column of `lower(code)`, `((code)::text)` and `lower((code)::text)`; None of any other expression.
fn folded(mut cursor: Cursor<'_>) -> Option<String> {
    let mut ahead = cursor;
    if ["LOWER", "UPPER"].iter().any(|call| ahead.eat(call)) && ahead.is_symbol(b'(') {
        cursor = ahead;
    }
    let column = match cursor.group() {
        Some(inside) => folded(cursor.over(inside))?,
        None => cursor.name()?,
    };
    if cursor.eat_symbol(b':') {
        cursor.eat_symbol(b':').then_some(())?;
        cursor.name().filter(|name| name == "text")?;
    }
    cursor.peek().is_none().then_some(column)
}

/// A constraint of the table, or None where the part is a column. The inner None is an index without
/// meaning for the rows.
#[expect(
    clippy::option_option,
    reason = "a part is a column, a constraint, or a mere index"
)]
fn constraint(
    mut cursor: Cursor<'_>,
    dialect: Dialect,
    full_name: impl Fn(String) -> String,
) -> Option<Option<Constraint>> {
    let start = cursor;
    let mut name = String::new();
    if cursor.eat("CONSTRAINT") {
        // MySQL may leave the name out.
        if !["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"]
            .iter()
            .any(|word| cursor.is(word))
        {
            name = cursor.name()?;
        }
    }
    if cursor.eat_all("PRIMARY KEY") {
        return Some(
            group(&mut cursor)
                .and_then(key_columns)
                .map(Constraint::PrimaryKey),
        );
    }
    if cursor.eat("UNIQUE") {
        let _ = cursor.eat("KEY") || cursor.eat("INDEX");
        if name.is_empty() && !cursor.is_symbol(b'(') && !cursor.is("NULLS") && !cursor.is("USING") {
            name = cursor.name()?;
        }
        return Some(
            group(&mut cursor)
                .and_then(|columns| unique(name, columns, dialect))
                .map(Constraint::Unique),
        );
    }
    if cursor.eat_all("FOREIGN KEY") {
        return Some(foreign_key(&mut cursor, full_name).map(Constraint::ForeignKey));
    }
    if cursor.is("CHECK") || cursor.is("EXCLUDE") && start.is("CONSTRAINT") {
        // With its name, which is what a person is told.
        return Some(Some(Constraint::Check(start.source(start.rest()).to_owned())));
    }
    if start.is("CONSTRAINT") {
        let column = cursor.eat_all("NOT NULL").then(|| cursor.name()).flatten();
        return Some(column.map(Constraint::NotNull));
    }
    let index = ["KEY", "INDEX", "FULLTEXT", "SPATIAL", "PERIOD"];
    // Elsewhere these are names like any other.
    let is_index = dialect == Dialect::Mysql && index.iter().any(|word| cursor.is(word));
    (is_index || cursor.is("LIKE")).then_some(None)
}

fn group<'a>(cursor: &mut Cursor<'a>) -> Option<Cursor<'a>> {
    while !cursor.is_symbol(b'(') {
        cursor.next()?;
    }
    let inside = cursor.group()?;
    Some(cursor.over(inside))
}

/// The columns of a key; None where one is an expression. MySQL's `name(10)` and orders are passed over.
fn key_columns(body: Cursor<'_>) -> Option<Vec<String>> {
    split_commas(body.rest())
        .into_iter()
        .map(|part| {
            let mut cursor = body.over(part);
            let name = cursor.name()?;
            let is_call = match cursor.group() {
                Some([length]) => !matches!(&length.token, Token::Word(word) if word.parse::<u32>().is_ok()),
                Some(_) => true,
                None => false,
            };
            let goes_on = cursor
                .peek()
                .is_some_and(|lexeme| matches!(lexeme.token, Token::Symbol(_)));
            (!is_call && !goes_on).then_some(name)
        })
        .collect()
}

/// `[name] (columns) REFERENCES table [(columns)]`, or from REFERENCES on.
fn foreign_key(cursor: &mut Cursor<'_>, full_name: impl Fn(String) -> String) -> Option<ForeignKey> {
    let columns = group(cursor).and_then(key_columns)?;
    cursor.eat("REFERENCES").then_some(())?;
    references(cursor, columns, full_name)
}

fn references(
    cursor: &mut Cursor<'_>,
    columns: Vec<String>,
    full_name: impl Fn(String) -> String,
) -> Option<ForeignKey> {
    let table = full_name(cursor.qualified_name()?);
    let referenced = match cursor.group() {
        Some(inside) => key_columns(cursor.over(inside))?,
        None => Vec::new(),
    };
    Some(ForeignKey {
        columns,
        table,
        referenced,
    })
}

/// Words with which a constraint of a column begins, and so its type and its default end.
const COLUMN_CONSTRAINTS: [&str; 18] = [
    "CONSTRAINT",
    "NOT",
    "NULL",
    "DEFAULT",
    "PRIMARY",
    "UNIQUE",
    "REFERENCES",
    "CHECK",
    "GENERATED",
    "AS",
    "COLLATE",
    "AUTO_INCREMENT",
    "AUTOINCREMENT",
    "COMMENT",
    "ON",
    "KEY",
    "INVISIBLE",
    "VISIBLE",
];

fn begins_constraint(cursor: Cursor<'_>) -> bool {
    let mut ahead = cursor;
    COLUMN_CONSTRAINTS.iter().any(|word| cursor.is(word)) || ahead.eat_all("CHARACTER SET")
}

/// A column, and the constraints of the table that stand in its definition.
fn column(mut cursor: Cursor<'_>, full_name: impl Fn(String) -> String) -> Option<(Column, Vec<Constraint>)> {
    let mut column = Column {
        name: cursor.name()?,
        ..Column::default()
    };
    let mut constraints = Vec::new();
    let type_start = cursor;
    while cursor.peek().is_some() && !begins_constraint(cursor) {
        cursor.skip_one();
    }
    column.sql_type = type_text(&cursor, cursor.since(&type_start));
    column.generated_key = column.sql_type.contains("serial");
    column.labels = enum_labels(type_start);
    let own = |name: &str| vec![name.to_owned()];
    while let Some(word) = cursor.peek() {
        let start = cursor;
        cursor.skip_one();
        let Token::Word(word) = &word.token else { continue };
        match word.to_ascii_uppercase().as_str() {
            "NOT" if cursor.eat("NULL") => column.not_null = true,
            "DEFAULT" => {
                let expression = cursor;
                cursor.skip_one();
                while cursor.peek().is_some() && !begins_constraint(cursor) {
                    cursor.skip_one();
                }
                set_default(&mut column, cursor.source_since(&expression).to_owned());
            }
            "PRIMARY" => {
                cursor.eat("KEY");
                constraints.push(Constraint::PrimaryKey(own(&column.name)));
            }
            "UNIQUE" => {
                constraints.push(Constraint::Unique(Unique {
                    columns: own(&column.name),
                    ..Unique::default()
                }));
            }
            "REFERENCES" => constraints
                .extend(references(&mut cursor, own(&column.name), &full_name).map(Constraint::ForeignKey)),
            "CHECK" => {
                cursor.group();
                constraints.push(Constraint::Check(cursor.source_since(&start).to_owned()));
            }
            "AUTO_INCREMENT" | "AUTOINCREMENT" | "IDENTITY" => column.generated_key = true,
            "AS" if cursor.is_symbol(b'(') || cursor.is("ROW") => {
                column.computed = true;
                let expression = cursor;
                column.expression = cursor
                    .group()
                    .map(|_| cursor.source_since(&expression).to_owned());
            }
            "COLLATE" if column.charset.is_none() => {
                column.charset = cursor.name().as_deref().and_then(charset_of_collation);
            }
            "CHARACTER" | "CHARSET" => {
                cursor.eat("SET");
                column.charset = cursor.name().map(|name| name.to_lowercase());
            }
            // `ON DELETE SET DEFAULT`
            "SET" => cursor.skip_one(),
            _ => {}
        }
    }
    Some((column, constraints))
}

/// MySQL's collations are named after their character set: `latin1_swedish_ci`.
fn charset_of_collation(collation: &str) -> Option<String> {
    let (charset, _) = collation.split_once('_')?;
    Some(charset.to_lowercase())
}

/// The character set of columns that name none: of `) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_bin`.
pub(super) fn mark_charset(table: &mut Table, mut options: Cursor<'_>) {
    let mut found = None;
    while options.peek().is_some() {
        if options.eat("CHARSET") || options.eat_all("CHARACTER SET") {
            options.eat_symbol(b'=');
            found = options.name().map(|name| name.to_lowercase());
        } else if options.eat("COLLATE") {
            options.eat_symbol(b'=');
            found = found.or(options.name().as_deref().and_then(charset_of_collation));
        } else {
            options.skip_one();
        }
    }
    for column in table.columns.iter_mut().filter(|column| column.charset.is_none()) {
        column.charset.clone_from(&found);
    }
}

fn set_default(column: &mut Column, expression: String) {
    column.generated_key |= expression.to_ascii_lowercase().contains("nextval(");
    column.default = Some(expression);
}

/// A type as declared, in lower case but for what is quoted.
fn type_text(cursor: &Cursor<'_>, lexemes: &[Lexeme]) -> String {
    let mut text = String::new();
    let mut end = None;
    for lexeme in lexemes {
        if end.is_some_and(|end| end < lexeme.start) {
            text.push(' ');
        }
        let source = cursor.source(std::slice::from_ref(lexeme));
        match lexeme.token {
            Token::Word(_) | Token::Symbol(_) => text += &source.to_lowercase(),
            Token::Name(_) | Token::Text(_) => text += source,
        }
        end = Some(lexeme.end);
    }
    text
}

/// The labels of MySQL's `enum('a','b')`.
fn enum_labels(mut cursor: Cursor<'_>) -> Vec<String> {
    if !cursor.eat("ENUM") {
        return Vec::new();
    }
    cursor
        .group()
        .unwrap_or_default()
        .iter()
        .filter_map(|lexeme| match &lexeme.token {
            Token::Text(label) => Some(lossy(label)),
            _ => None,
        })
        .collect()
}

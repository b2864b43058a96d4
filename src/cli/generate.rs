//! `rebook completions`, `man` and `schema`: made from the command line's and the answers' own definitions.

use super::failure::{Done, Failure};
use super::{reference, screen};
use crate::{config, mapping, wire};
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Completions {
    /// The shell that is to complete.
    shell: Shell,
}

#[derive(clap::Args)]
pub(super) struct Man {
    /// The folder to write to; made where it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn completions(arguments: &Completions) -> Result<Done, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut super::CommandLine::command(),
        "rebook",
        &mut script,
    );
    put(&script)
}

/// A page for the program and one for each command.
pub(super) fn man(arguments: &Man) -> Result<Done, Failure> {
    let folder = &arguments.out;
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, "make", &error))?;
    let mut command = super::CommandLine::command();
    command.build();
    let mut names = Vec::new();
    page(&command, "rebook", folder, &mut names)?;
    for sub in command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
    {
        page(sub, &format!("rebook-{}", sub.get_name()), folder, &mut names)?;
    }
    put((names.join("\n") + "\n").as_bytes())
}

fn page(command: &Command, name: &str, folder: &Path, names: &mut Vec<String>) -> Result<(), Failure> {
    let path = folder.join(format!("{name}.1"));
    let mut text = Vec::new();
    // A manual has its examples at the end.
    let examples = command.get_before_help().cloned().unwrap_or_default();
    let command = command.clone().display_name(name.to_owned()).after_help(examples);
    clap_mangen::Man::new(command)
        .title(name.to_uppercase())
        .render(&mut text)?;
    std::fs::write(&path, text).map_err(|error| Failure::file(&path, "write", &error))?;
    names.push(path.display().to_string());
    Ok(())
}

/// What a schema is of.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// What commands answer with --json.
    Answers,
    /// rebook.toml.
    Config,
    /// Mapping files.
    Mapping,
}

#[derive(clap::Args)]
pub(super) struct Schema {
    /// What it is of.
    #[arg(value_name = "FORMAT", default_value = "answers")]
    format: Format,
    /// As a page to read, in Markdown.
    #[arg(long)]
    markdown: bool,
}

/// The JSON Schema of every answer and of every file that a person may write.
pub(super) fn schema(arguments: &Schema) -> Result<Done, Failure> {
    let (schema, title) = match arguments.format {
        Format::Answers => (wire::schema(), "What commands answer with --json"),
        Format::Config => (config::schema(), "rebook.toml, key by key"),
        Format::Mapping => (mapping::schema(), "Mapping files, key by key"),
    };
    if arguments.markdown {
        return put(reference::page(&schema, title).as_bytes());
    }
    let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::from)?;
    put((text + "\n").as_bytes())
}

fn put(text: &[u8]) -> Result<Done, Failure> {
    let mut answer = screen::answer();
    answer.write_all(text)?;
    answer.flush()?;
    Ok(Done::All)
}

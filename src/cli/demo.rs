//! `rebook demo`: the whole way on a small made-up business, in a folder of its own.

use super::Global;
use super::failure::{Done, Failure};
use super::screen::Screen;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder to work in; it must not exist. Default: a new one among the system's temporary files.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn run(_arguments: &Arguments, _global: &Global, _screen: &mut Screen) -> Result<Done, Failure> {
    Err(Failure::new("the demo's sample has not landed yet", ""))
}

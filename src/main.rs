//! Parses, calls, prints the error, sets the exit code.

fn main() -> std::process::ExitCode {
    rebook::cli::main()
}

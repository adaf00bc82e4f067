//! Parses the command line and calls the library; no more.

use std::process::ExitCode;

fn main() -> ExitCode {
    waymark::cli::run()
}

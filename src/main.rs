//! The `vigie` command: arguments, configuration, wiring. What is done is done by the crates it wires.

mod admin;
mod allowed;
mod args;
mod commands;
mod config;
mod data;
mod delist;
mod directory;
mod erasure;
mod forgotten;
mod inclusion;
mod keep_out;
mod logging;
mod output;
mod page_target;
mod purge;
mod refresh;
mod rules;
mod rulings;
mod submissions;
mod suggestions;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Arguments, Command, Overrides};
use config::{Config, ConfigError};

/// Done.
const DONE: u8 = 0;
/// Failed while doing.
const FAILED: u8 = 1;
/// Not even begun: bad usage or configuration.
const BAD_USAGE: u8 = 2;

fn main() -> ExitCode {
    // clap prints usage errors itself and exits with 2.
    let arguments = Arguments::parse();
    if let Command::Completions { shell } = arguments.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "vigie", &mut script);
        output::text(&script);
        return ExitCode::from(if output::is_whole() { DONE } else { FAILED });
    }
    let mut config = match effective(&arguments.overrides) {
        Ok(config) => config,
        Err(error) => return end(BAD_USAGE, &error.into()),
    };
    // The demo tells what it does in its own words; its exceptions are meant.
    if matches!(arguments.command, Command::Demo { .. }) && config.log == Config::default().log {
        "error".clone_into(&mut config.log.level);
    }
    if let Err(error) = logging::start(&config) {
        return end(BAD_USAGE, &error);
    }
    match commands::run(arguments.command, config) {
        Ok(()) if output::is_whole() => ExitCode::from(DONE),
        Ok(()) => ExitCode::from(FAILED),
        Err(error) if error.is::<commands::Unusable>() => end(BAD_USAGE, &error),
        Err(error) => end(FAILED, &error),
    }
}

/// The configuration in force: file < environment < flags.
fn effective(overrides: &Overrides) -> Result<Config, ConfigError> {
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut config = config::load(overrides.config.as_deref(), variables)?;
    if let Some(data) = &overrides.data {
        config.data.clone_from(data);
    }
    if let Some(listen) = overrides.listen {
        config.listen = listen;
    }
    if let Some(listen) = overrides.admin {
        config.admin.listen = Some(listen);
    }
    if let Some(rules) = &overrides.rules {
        config.rules.file = Some(rules.clone());
    }
    Ok(config)
}

/// Prints the error and its causes on one line and gives the exit code.
fn end(code: u8, error: &anyhow::Error) -> ExitCode {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Most of our errors name their cause in their own text already.
        if !message.contains(&cause) {
            message.push_str(": ");
            message.push_str(&cause);
        }
    }
    eprintln!("vigie: {message}");
    ExitCode::from(code)
}

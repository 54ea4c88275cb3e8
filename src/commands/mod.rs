//! One file a command.

mod admin;
mod config;
mod crawl;
mod data;
mod demo;
mod doctor;
mod explain;
mod forget;
mod index;
mod instances;
pub mod moderation;
mod rules;
mod search;
mod serve;
pub mod service;
mod submissions;
pub mod up;

use crate::args::{Command, ConfigCommand, DataCommand};
use crate::config::Config;

/// A request that cannot be begun: the exit code is that of bad usage.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

/// Runs a command to its end.
///
/// # Errors
/// What the user should read; [`Unusable`] for bad usage or configuration.
pub fn run(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Demo { seed } => demo::run(config, seed),
        Command::Up => up::run(&config),
        Command::Crawl { once, host } => crawl::run(&config, once, &host),
        Command::Index { follow, rebuild, check } => index::run(&config, index::Mode::of(follow, rebuild, check)),
        Command::Serve { index } => serve::run(&config, index),
        Command::Search { words, kind, near, radius, when, count, json } => {
            search::run(&config, &search::Asked { words, kind, near, radius, when, count }, json)
        }
        Command::Instances(command) => instances::run(&config, command),
        Command::Forget { whom, yes } => forget::run(&config, &whom, yes),
        Command::Data(DataCommand::Export { whom }) => data::export(&config, &whom),
        Command::Rules(command) => rules::run(&config, command),
        Command::Submissions(command) => submissions::run(&config, command),
        Command::Admin(command) => admin::run(&config, command),
        Command::Moderation(command) => moderation::run(&config, command),
        Command::Doctor => doctor::run(&config),
        Command::Config(ConfigCommand::Show) => config::show(&config),
        Command::Config(ConfigCommand::Check) => config::check(&config),
        // Handled before the configuration is read.
        Command::Completions { .. } => Ok(()),
    }
}

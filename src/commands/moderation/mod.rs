//! `vigie moderation …`: what may be shown.

pub mod args;
mod blocklist;
mod decide;
mod list;
pub mod preview;
mod reports;
mod suggest;

use std::io::IsTerminal;

use allowlist::registry::OnlyOpen;

use crate::config::Config;
use crate::data::DataDir;

use args::{Moderation, Reports};
pub use decide::open as open_registry;

/// Runs `vigie moderation …`.
///
/// # Errors
/// What the user should read.
pub fn run(config: &Config, command: Moderation) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    match command {
        Moderation::Hide(asked) => decide::hide(&data, asked),
        Moderation::Downrank(asked) => decide::downrank(&data, asked),
        Moderation::Purge { decide: asked, yes } => decide::purge(config, &data, asked, yes),
        Moderation::Show { decide: asked, lift_purge } => decide::show(&data, &asked, lift_purge),
        Moderation::Preview { target, json } => preview::run(config, &data, &target, json),
        Moderation::List { json, all } => list::decisions(&data, json, all),
        Moderation::Log { json, count } => list::log(&data, json, count),
        Moderation::Export { csv } => blocklist::export(&data, csv),
        Moderation::Import { from, name, yes, accept_shrink, author } => {
            let asked = blocklist::Asked { from, name, is_confirmed: yes, accepts_shrink: accept_shrink };
            blocklist::import(config, &data, &asked, author.label())
        }
        Moderation::Reports { command: Some(Reports::Close(asked)), .. } => reports::close(&data, &asked),
        Moderation::Reports { command: None, json, all } => {
            reports::list(&data, json, if all { OnlyOpen::No } else { OnlyOpen::Yes })
        }
        Moderation::Suggest { json } => suggest::run(config, &data, json),
    }
}

/// Asks somebody at a terminal; says how to go on where nobody can be asked.
fn is_confirmed(question: &str) -> anyhow::Result<bool> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        eprintln!("vigie: nothing is changed; say --yes to do it");
        return Ok(false);
    }
    eprint!("vigie: {question} [y/N] ");
    let mut answer = String::new();
    stdin.read_line(&mut answer)?;
    let is_confirmed = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !is_confirmed {
        eprintln!("vigie: nothing is changed");
    }
    Ok(is_confirmed)
}

//! `vigie admin token …`: who may log in as a moderator.

use jiff::Timestamp;

use crate::args::{AdminCommand, TokenCommand};
use crate::commands::moderation::open_registry;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::{plain, say};

/// Runs `vigie admin …`.
///
/// # Errors
/// What the operator should read.
pub fn run(config: &Config, command: AdminCommand) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    let AdminCommand::Token(command) = command;
    let registry = open_registry(&data)?;
    let now = Timestamp::now();
    match command {
        TokenCommand::Add { label, read_only, author } => {
            let token = registry.add_token(&label, rand::random(), read_only, author.label(), now)?;
            eprintln!("vigie: this token is shown once and kept nowhere; it logs in as `{}`:", plain(label.trim()));
            say!("{token}");
        }
        TokenCommand::List { json } => {
            let tokens = registry.tokens()?;
            if json {
                say!("{}", serde_json::to_string_pretty(&tokens)?);
                return Ok(());
            }
            for token in &tokens {
                let may = if token.is_read_only { "reads" } else { "decides" };
                say!("{:<8}  {}  {}", may, token.created_at.strftime("%Y-%m-%d %H:%M"), plain(&token.label));
            }
            eprintln!("vigie: {} tokens are in force", tokens.len());
        }
        TokenCommand::Revoke { label, author } => {
            registry.revoke_token(&label, author.label(), now)?;
            eprintln!("vigie: the token `{}` is revoked, and whoever was logged in with it is out", plain(&label));
        }
    }
    Ok(())
}

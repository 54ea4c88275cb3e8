//! `vigie rules …`: what the index holds and shows, and why.

mod explain;
mod preview;

use allowlist::rules::{Rules, SHIPPED_NAMES, shipped};
use indexer::inclusion::Inclusion;

use crate::args::RulesCommand;
use crate::commands::Unusable;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;
use crate::rules;

/// Runs `vigie rules …`.
///
/// # Errors
/// What the user should read; [`Unusable`] for rules that cannot be used.
pub fn run(config: &Config, command: RulesCommand) -> anyhow::Result<()> {
    let data = DataDir::new(&config.data);
    match command {
        RulesCommand::Check { file } => check(config, &data, file.as_deref()),
        RulesCommand::Preview { file, json } => preview::run(config, &data, &file, json),
        RulesCommand::Explain { item, json } => explain::run(config, &data, &item, json),
        RulesCommand::Show { name } => show(name.as_deref()),
    }
}

fn check(config: &Config, data: &DataDir, name: Option<&str>) -> anyhow::Result<()> {
    let inclusion = match name {
        Some(name) => rules::load_named(config, data, name)?,
        None => rules::load(config, data)?,
    };
    for line in summary(&inclusion.rules) {
        say!("{line}");
    }
    eprintln!("vigie: {} can be used", if name.is_some() { "these rules" } else { "the rules in force" });
    Ok(())
}

/// What rules are made of, one line a layer.
fn summary(rules: &Rules) -> Vec<String> {
    if rules.layers.is_empty() {
        return vec!["no rules: everything is shown".to_owned()];
    }
    let mut lines = vec![format!("{} · digest {}", rules.name.as_deref().unwrap_or("(no name)"), rules.digest())];
    for layer in &rules.layers {
        let (included, excluded) = (layer.include.written().len(), layer.exclude.written().len());
        let nsfw = layer.nsfw.as_ref().map(|policy| format!(", nsfw {:?}", policy.value).to_lowercase());
        lines.push(format!(
            "{}: {included} values included, {excluded} excluded{} · sha256-{}",
            layer.file,
            nsfw.unwrap_or_default(),
            layer.digest
        ));
    }
    lines
}

fn show(name: Option<&str>) -> anyhow::Result<()> {
    let Some(name) = name else {
        for name in SHIPPED_NAMES {
            let description =
                Rules::parse("list", shipped(name).unwrap_or_default()).ok().and_then(|rules| rules.description);
            say!("{name:<14} {}", description.unwrap_or_default());
        }
        return Ok(());
    };
    let unknown = || Unusable(format!("`{name}` is no list that ships; there are {}", SHIPPED_NAMES.join(", ")));
    let text = shipped(name).ok_or_else(unknown)?;
    crate::output::text(text.as_bytes());
    Ok(())
}

/// The rules as JSON tells of them.
fn object(inclusion: &Inclusion) -> serde_json::Value {
    let rules = &inclusion.rules;
    let layers: Vec<_> =
        rules.layers.iter().map(|layer| serde_json::json!({ "file": &*layer.file, "digest": layer.digest })).collect();
    serde_json::json!({ "name": rules.name, "digest": rules.digest(), "layers": layers })
}

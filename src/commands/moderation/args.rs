//! The arguments of `vigie moderation`.

use allowlist::moderation::Target;
use allowlist::registry::Settlement;
use clap::{Args, Subcommand, ValueEnum};

use crate::page_target;

/// `vigie moderation …`
#[derive(Debug, Subcommand)]
pub enum Moderation {
    /// Show it no more; `show` takes it back.
    Hide(Decide),
    /// Let its relevance count a tenth; other orders, such as by date, stay as they are.
    Downrank(Decide),
    /// Hide it, remove what is stored of it and let it not come back. What was removed is not restored.
    Purge {
        #[command(flatten)]
        decide: Decide,
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Take back every decision on something, so that it is shown again.
    Show {
        #[command(flatten)]
        decide: Decide,
        /// Also take back a purge: from now on it may be crawled again.
        #[arg(long)]
        lift_purge: bool,
    },
    /// Say what hiding something would hide, without deciding anything.
    Preview {
        /// As for `hide`.
        #[arg(value_parser = page_target::parse)]
        target: Target,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the decisions in force, and the blocklists that they came from.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Also those that were taken back.
        #[arg(long)]
        all: bool,
    },
    /// Say who did what when, newest first.
    Log {
        /// Print one JSON object a line.
        #[arg(long)]
        json: bool,
        /// Lines to print.
        #[arg(long, default_value_t = 50, value_name = "NUMBER")]
        count: usize,
    },
    /// Print the decisions in force for other indexes, as JSON.
    Export {
        /// As CSV, with the columns target, action, reason, at and source.
        #[arg(long)]
        csv: bool,
    },
    /// Take over the decisions of a blocklist: CSV, a list of hosts, or the JSON of another Vigie.
    Import {
        /// A file, or an address that begins with https://.
        from: String,
        /// What to call the list; the same name again replaces what it said before [default: file name or address].
        #[arg(long)]
        name: Option<String>,
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
        /// Take the list although it lost more than half of what it said last time.
        #[arg(long)]
        accept_shrink: bool,
        #[command(flatten)]
        author: Author,
    },
    /// List what visitors reported, the most reported first.
    #[command(args_conflicts_with_subcommands = true)]
    Reports {
        #[command(subcommand)]
        command: Option<Reports>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Also those that were settled.
        #[arg(long)]
        all: bool,
    },
    /// Look for what a moderator may want to see: repeated titles, bare links, floods, look-alikes, new instances.
    Suggest {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `vigie moderation reports …`
#[derive(Debug, Subcommand)]
pub enum Reports {
    /// Settle a report; a decision settles every report of the same item.
    Close(SettleReport),
}

/// What becomes of a report.
#[derive(Debug, Args)]
pub struct SettleReport {
    /// Its number.
    pub id: u64,
    /// What is done about what it names.
    #[arg(long, value_enum)]
    pub decision: ReportDecision,
    /// Why; it is published with a decision.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub author: Author,
}

/// What is done about what a report names.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ReportDecision {
    /// Show it no more.
    Hide,
    /// Let its relevance count a tenth; other orders, such as by date, stay as they are.
    Downrank,
    /// Nothing.
    Dismiss,
}

impl From<ReportDecision> for Settlement {
    fn from(decision: ReportDecision) -> Self {
        match decision {
            ReportDecision::Hide => Self::Hide,
            ReportDecision::Downrank => Self::Downrank,
            ReportDecision::Dismiss => Self::Dismiss,
        }
    }
}

/// A decision.
#[derive(Debug, Args)]
pub struct Decide {
    /// instance:HOST, account:NAME@HOST, channel:NAME@HOST, group:NAME@HOST, item:KIND/HOST/ID, word:WORDS, or the address of a page.
    #[arg(value_parser = page_target::parse)]
    pub target: Target,
    /// Why, for the people concerned and for who looks later; it is part of what is published.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub author: Author,
}

/// Who decides.
#[derive(Debug, Args)]
pub struct Author {
    /// Who decides, for the audit log; never published.
    #[arg(long, env = "USER", default_value = "operator", hide_env_values = true, value_name = "LABEL")]
    author: String,
}

impl Author {
    /// The label.
    pub fn label(&self) -> &str {
        if self.author.trim().is_empty() { "operator" } else { &self.author }
    }
}

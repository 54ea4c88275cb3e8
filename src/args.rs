//! The command line. Its help is the first documentation people read.

use std::net::SocketAddr;
use std::path::PathBuf;

use allowlist::moderation::{Target, TargetError};
use allowlist::{Host, SourceKind};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// One search index for the public videos of PeerTube and the public events and groups of Mobilizon.
#[derive(Debug, Parser)]
#[command(name = "vigie", version, max_term_width = 110, arg_required_else_help = true, subcommand_required = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Settings that any command may override.
    #[command(flatten)]
    pub overrides: Overrides,
}

/// Flags that stand over the file and the environment.
#[derive(Debug, Args)]
pub struct Overrides {
    /// Configuration file (TOML); without one, defaults and VIGIE_SECTION__KEY variables hold.
    #[arg(short, long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory of everything that is kept [default: ./vigie-data].
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where pages and APIs are served [default: 127.0.0.1:8080].
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Also serve the pages of the moderators, at this address [off unless asked for; --admin alone: 127.0.0.1:8081].
    #[arg(
        long,
        global = true,
        value_name = "ADDR:PORT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "127.0.0.1:8081"
    )]
    pub admin: Option<SocketAddr>,
    /// Inclusion rules in the place of those of the configuration: a file, or a list that ships (`vigie rules show`).
    #[arg(long, global = true, value_name = "FILE|NAME")]
    pub rules: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try it: a simulated fediverse on this machine is crawled, indexed and served. Needs nothing.
    Demo {
        /// Another number makes another fediverse.
        #[arg(long, default_value_t = 1, value_name = "NUMBER")]
        seed: u64,
    },
    /// Crawl, index and serve in one process.
    Up,
    /// Visit the listed instances and write what they publish to the journal.
    Crawl {
        /// End when every instance was read once, instead of following them.
        #[arg(long)]
        once: bool,
        /// Visit only this instance, which must be listed; may be given several times.
        #[arg(long, value_name = "HOST")]
        host: Vec<Host>,
    },
    /// Bring the index up to date with the journal.
    Index {
        /// Stay and follow the journal.
        #[arg(long, conflicts_with_all = ["rebuild", "check"])]
        follow: bool,
        /// Build the index anew from the journal, beside the one that serves, and swap.
        #[arg(long, conflicts_with = "check")]
        rebuild: bool,
        /// Compare the index with the journal and change nothing.
        #[arg(long)]
        check: bool,
    },
    /// Serve a published index: pages and APIs. Opens neither journal nor crawler.
    Serve {
        /// Directory of the published index [default: `index` below --data].
        #[arg(long, value_name = "DIR")]
        index: Option<PathBuf>,
    },
    /// Search from the terminal.
    Search {
        /// What to look for; "" lists everything.
        words: String,
        /// What is searched.
        #[arg(long, value_enum, default_value_t = SearchKind::Videos)]
        kind: SearchKind,
        /// Only events and groups around a town, such as "Lyon", or around LAT,LON in degrees.
        #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
        near: Option<String>,
        /// Kilometres around the place [default: 25].
        #[arg(long, value_name = "KM", requires = "near", value_parser = radius)]
        radius: Option<f64>,
        /// Only events of these days: today, tonight, tomorrow, weekend, week, month, past, 2026-12-24 … [default: from now on].
        #[arg(long, value_name = "DAYS")]
        when: Option<String>,
        /// Hits to print.
        #[arg(long, default_value_t = 10, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=100))]
        count: u32,
        /// Print the answer of the API.
        #[arg(long)]
        json: bool,
    },
    /// Who may be visited.
    #[command(subcommand)]
    Instances(Instances),
    /// What the index holds and shows: inclusion rules.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// What visitors submitted to be taken in or out.
    #[command(subcommand)]
    Submissions(Submissions),
    /// Erase a person, channel, group or instance from everything that is stored here, and keep them out.
    Forget {
        /// Who.
        #[command(flatten)]
        whom: Whom,
        /// Do it; without, only say what would go. There is no way back.
        #[arg(long)]
        yes: bool,
    },
    /// What is stored about somebody.
    #[command(subcommand)]
    Data(DataCommand),
    /// What may be shown: hide, show, rank down or purge, and share blocklists.
    #[command(subcommand)]
    Moderation(crate::commands::moderation::args::Moderation),
    /// Who may log in as a moderator.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Look for faults in configuration, lists, journal, crawler state and index.
    Doctor,
    /// The configuration in force.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// `vigie instances …`
#[derive(Debug, Subcommand)]
pub enum Instances {
    /// List the instances in force, with what is known of them.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Add an instance to the operator's own list.
    Add {
        /// Its host name.
        host: Host,
        /// What it runs.
        #[arg(long, default_value = "peertube", value_name = "KIND")]
        kind: SourceKind,
        /// Something to remember it by.
        #[arg(long)]
        note: Option<String>,
        /// Seconds between two requests, where the default is too fast for it.
        #[arg(long, value_name = "SECONDS")]
        crawl_delay: Option<f64>,
        /// Add it although its name looks like that of another instance.
        #[arg(long)]
        accept_lookalike: bool,
    },
    /// Remove an instance: it is not visited any more and leaves the index, whatever else lists it.
    Remove {
        /// Its host name.
        host: Host,
    },
    /// Check instance lists without using them; without a file, the lists in force.
    Check {
        /// Instance lists (TOML).
        files: Vec<PathBuf>,
    },
    /// Say what happened last with an instance, what happens next, and why.
    Explain {
        /// Its host name.
        host: Host,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the lists in force as one list, with notes, delays and removals, for `import` or for somebody else.
    Export {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take over a list (a file), or read remote directories of instances (addresses); without arguments, those of the
    /// configuration.
    Import {
        /// A file that `export` wrote, whose entries go into the operator's own list; or the address of a directory, such
        /// as https://…/api/v1/instances/hosts, or of a list (.toml, .json), of which a local copy is kept.
        #[arg(value_name = "FILE|URL")]
        source: Option<String>,
        /// A short name for the local copy of an address.
        #[arg(long)]
        name: Option<String>,
        /// What its instances run.
        #[arg(long, default_value = "peertube", value_name = "KIND")]
        kind: SourceKind,
        /// Take the directory although it lost more than half of its instances since last time.
        #[arg(long)]
        accept_shrink: bool,
    },
}

/// Somebody, named in one of four ways.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whom {
    /// An account, with its channels and videos, or an organiser with their events.
    #[arg(long, value_name = "NAME@HOST")]
    pub account: Option<String>,
    /// A channel with its videos and playlists.
    #[arg(long, value_name = "NAME@HOST")]
    pub channel: Option<String>,
    /// A group with its events.
    #[arg(long, value_name = "NAME@HOST")]
    pub group: Option<String>,
    /// An instance with everything of it.
    #[arg(long, value_name = "HOST")]
    pub host: Option<Host>,
}

impl Whom {
    /// The same in the words of moderation.
    ///
    /// # Errors
    /// When a handle is none.
    pub fn target(&self) -> Result<Target, TargetError> {
        match self {
            Self { host: Some(host), .. } => Ok(Target::Instance(host.clone())),
            Self { account: Some(handle), .. } => format!("account:{handle}").parse(),
            Self { channel: Some(handle), .. } => format!("channel:{handle}").parse(),
            Self { group, .. } => format!("group:{}", group.as_deref().unwrap_or_default()).parse(),
        }
    }
}

/// `vigie data …`
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Print, as JSON, everything that is stored about somebody: records, crawler state, decisions, submissions.
    Export {
        /// Who.
        #[command(flatten)]
        whom: Whom,
    },
}

/// `vigie admin …`
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Tokens, with which moderators log in.
    #[command(subcommand)]
    Token(TokenCommand),
}

/// `vigie admin token …`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, once.
    Add {
        /// Whose it is: the author of what is decided with it, in the audit log.
        label: String,
        /// It decides nothing.
        #[arg(long)]
        read_only: bool,
        #[command(flatten)]
        author: crate::commands::moderation::args::Author,
    },
    /// List the tokens in force.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// End a token, and whatever it opened.
    Revoke {
        /// Whose it is.
        label: String,
        #[command(flatten)]
        author: crate::commands::moderation::args::Author,
    },
}

/// `vigie submissions …`
#[derive(Debug, Subcommand)]
pub enum Submissions {
    /// List what waits, what is proved first.
    List {
        /// Also what is settled.
        #[arg(long)]
        all: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take the instance in, or out where that was submitted.
    Approve {
        /// The submission.
        id: String,
        /// Who says so, for the audit log [default: $USER].
        #[arg(long)]
        author: Option<String>,
    },
    /// Say no.
    Reject {
        /// The submission.
        id: String,
        /// Why, for the people who submitted it.
        #[arg(long)]
        reason: String,
        /// Who says so, for the audit log [default: $USER].
        #[arg(long)]
        author: Option<String>,
    },
    /// Make the checks of a submission for an instance that nobody submitted.
    Check {
        /// Its host name.
        host: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `vigie rules …`
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Check rules and everything they extend, and fetch what they name by address; without a name, the rules in force.
    Check {
        /// A file, or a list that ships.
        #[arg(value_name = "FILE|NAME")]
        file: Option<String>,
    },
    /// Count what other rules would add and remove, with examples; nothing is changed.
    Preview {
        /// A file, or a list that ships.
        #[arg(value_name = "FILE|NAME")]
        file: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say why something is shown or not: which rule, which file and line.
    Explain {
        /// The address of its page, or its key such as video/tube.example/UUID.
        #[arg(value_name = "URL|KEY")]
        item: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a list that ships, to copy from; without a name, name them.
    Show {
        /// Its name.
        name: Option<String>,
    },
}

/// `vigie config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the configuration in force as TOML.
    Show,
    /// Check the configuration and the lists it names.
    Check,
}

/// What `vigie search` looks for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SearchKind {
    Videos,
    Channels,
    Playlists,
    Events,
    Groups,
}

fn radius(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|km: &f64| *km > 0.0 && km.is_finite())
        .ok_or_else(|| "a number of kilometres above 0".to_owned())
}

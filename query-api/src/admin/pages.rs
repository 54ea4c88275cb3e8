//! What moderators see. Names, texts and errors of hosts are text and nothing else: the templates escape them.

use std::collections::BTreeMap;
use std::sync::Arc;

use allowlist::moderation::Action;
use allowlist::registry::{AuditRow, DecisionRow, OnlyOpen, Scope, SourceRow};
use allowlist::report::Report;
use allowlist::submission::{CheckOutcome, Purpose, Submission};
use askama::Template;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::json;

use super::guard::{Asker, refuse};
use super::{Admin, Effect, Failed};
use crate::http::{LOGO_PATH, STYLE_PATH, json as json_answer};
use crate::pages::{is_plain_https, render, shortened};
use crate::search::Titled;

/// Lines of the audit log on its page.
const N_AUDIT: usize = 200;

/// Lines of the audit log on the first page.
const N_RECENT: usize = 10;

/// Reports and decisions on their pages.
const N_ROWS: usize = 200;

/// Longest title shown, in characters.
const MAX_TITLE_CHARS: usize = 160;

/// What every page shows.
pub(super) struct Frame<'a> {
    pub(super) index_name: &'a str,
    pub(super) style: &'static str,
    pub(super) logo: &'static str,
    /// The path of the page, to mark it among the others.
    pub(super) path: &'static str,
    /// Whose token it is; `None` outside.
    pub(super) label: Option<String>,
    pub(super) can_decide: bool,
    pub(super) form_key: String,
    pub(super) notice: Option<String>,
}

impl<'a> Frame<'a> {
    /// For the way in.
    pub fn outside(admin: &'a Admin) -> Self {
        Self {
            index_name: &admin.api.config.index_name,
            style: STYLE_PATH.as_str(),
            logo: LOGO_PATH.as_str(),
            path: "",
            label: None,
            can_decide: false,
            form_key: String::new(),
            notice: None,
        }
    }

    fn new(admin: &'a Admin, asker: &Asker, path: &'static str) -> Self {
        let (form_key, notice) = match asker {
            Asker::Person { form_key, secret, .. } => {
                (form_key.clone(), admin.sessions(|sessions| sessions.take_notice(secret)))
            }
            Asker::Program(_) => (String::new(), None),
        };
        let token = asker.token();
        Self {
            path,
            label: Some(token.label.clone()),
            can_decide: !token.is_read_only,
            form_key,
            notice,
            ..Self::outside(admin)
        }
    }

    /// The pages, each with its path.
    pub(super) fn sections(&self) -> [(&'static str, &'static str); 6] {
        [
            ("/", "Overview"),
            ("/reports", "Reports"),
            ("/submissions", "Submissions"),
            ("/decisions", "Decisions"),
            ("/decide", "Decide"),
            ("/audit", "Audit log"),
        ]
    }
}

#[derive(Template)]
#[template(path = "admin_problem.html")]
struct ProblemPage<'a> {
    frame: Frame<'a>,
    sentence: &'a str,
}

#[derive(Template)]
#[template(path = "admin_overview.html")]
struct OverviewPage<'a> {
    frame: Frame<'a>,
    n_reports: usize,
    n_submissions: usize,
    n_decisions: usize,
    audit: Vec<AuditLine>,
}

#[derive(Template)]
#[template(path = "admin_reports.html")]
struct ReportsPage<'a> {
    frame: Frame<'a>,
    reports: Vec<ReportItem>,
    n_more: usize,
}

#[derive(Template)]
#[template(path = "admin_submissions.html")]
struct SubmissionsPage<'a> {
    frame: Frame<'a>,
    submissions: Vec<SubmissionItem>,
}

#[derive(Template)]
#[template(path = "admin_decisions.html")]
struct DecisionsPage<'a> {
    frame: Frame<'a>,
    decisions: Vec<DecisionItem>,
    n_more: usize,
    sources: Vec<(String, u64)>,
}

#[derive(Template)]
#[template(path = "admin_decide.html")]
struct DecidePage<'a> {
    frame: Frame<'a>,
    /// As typed.
    typed: &'a str,
    refusal: Option<String>,
    /// As it is written down, once it was read.
    target: Option<String>,
    effects: Vec<Effect>,
    n_hidden: u64,
    decisions: Vec<DecisionItem>,
}

#[derive(Template)]
#[template(path = "admin_audit.html")]
struct AuditPage<'a> {
    frame: Frame<'a>,
    audit: Vec<AuditLine>,
}

struct ReportItem {
    id: u64,
    item: String,
    /// `None` where it is not shown any more.
    titled: Option<Titled>,
    reason: &'static str,
    n_reports: u64,
    first: String,
    last: String,
    /// When, what and how to reach them.
    comments: Vec<(String, String, String)>,
}

impl ReportItem {
    fn new(report: Report, titled: Option<Titled>) -> Self {
        let comments = report.comments.into_iter();
        Self {
            id: report.id,
            item: report.item,
            titled: titled.map(|titled| Titled { title: shortened(&titled.title, MAX_TITLE_CHARS), ..titled }),
            reason: report.reason.title(),
            n_reports: report.n_reports,
            first: moment(report.created_at),
            last: moment(report.last_at),
            comments: comments.map(|comment| (moment(comment.at), comment.text, comment.contact)).collect(),
        }
    }

    /// Its page on its own host, and no other address.
    fn href(&self) -> Option<&str> {
        let titled = self.titled.as_ref()?;
        is_plain_https(&titled.url, &titled.host).then_some(titled.url.as_str())
    }
}

struct SubmissionItem {
    id: String,
    host: String,
    /// As it is in the DNS, where that differs.
    name: String,
    is_removal: bool,
    is_proved: bool,
    state: &'static str,
    kind: &'static str,
    n_items: u64,
    created: String,
    /// What did not pass.
    checks: Vec<(&'static str, String)>,
}

impl SubmissionItem {
    fn new(submission: Submission) -> Self {
        let checks = submission.checks.into_iter().filter(|check| check.outcome != CheckOutcome::Passed);
        Self {
            host: submission.host.to_unicode(),
            name: submission.host.as_str().to_owned(),
            is_removal: submission.purpose == Purpose::Remove,
            is_proved: submission.proved_at.is_some(),
            state: submission.state.as_str(),
            kind: submission.kind.map_or("unknown software", allowlist::SourceKind::as_str),
            n_items: submission.n_items,
            created: moment(submission.created_at),
            checks: checks.map(|check| (check.name.title(), check.sentence)).collect(),
            id: submission.id,
        }
    }
}

struct DecisionItem {
    id: u64,
    action: &'static str,
    target: String,
    reason: String,
    by: String,
    at: String,
    can_show: bool,
}

impl DecisionItem {
    fn new(row: DecisionRow) -> Self {
        let decision = row.decision;
        Self {
            id: decision.id,
            action: decision.action.as_str(),
            target: decision.target.to_string(),
            reason: decision.reason,
            by: decision.source.map_or(row.author, |source| format!("the list {source}")),
            at: moment(decision.at),
            can_show: decision.action != Action::Purge,
        }
    }
}

struct AuditLine {
    id: u64,
    at: String,
    who: String,
    what: String,
    subject: String,
    before: String,
    after: String,
}

impl AuditLine {
    fn new(row: AuditRow) -> Self {
        let text = |value: Option<serde_json::Value>| value.map(|value| value.to_string()).unwrap_or_default();
        Self {
            id: row.id,
            at: moment(row.at),
            who: row.who,
            what: row.what,
            subject: row.subject,
            before: text(row.before),
            after: text(row.after),
        }
    }
}

/// `GET /`
pub(super) async fn show_overview(State(admin): State<Arc<Admin>>, Extension(asker): Extension<Asker>) -> Response {
    let gathered = admin.apart(|admin| {
        let n_submissions = admin.registry.submissions(OnlyOpen::Yes)?.len();
        let n_decisions = admin.registry.decisions_in_force()?.len();
        Ok((admin.registry.n_open_reports()?, n_submissions, n_decisions, admin.registry.audit(N_RECENT)?))
    });
    let (n_reports, n_submissions, n_decisions, audit) = match gathered.await {
        Ok(gathered) => gathered,
        Err(failed) => return refuse(&admin, &asker, &failed),
    };
    if asker.is_program() {
        return as_json(&json!({
            "openReports": n_reports,
            "openSubmissions": n_submissions,
            "decisionsInForce": n_decisions,
            "audit": audit,
        }));
    }
    let audit = audit.into_iter().map(AuditLine::new).collect();
    let frame = Frame::new(&admin, &asker, "/");
    render(StatusCode::OK, &OverviewPage { frame, n_reports, n_submissions, n_decisions, audit })
}

/// `GET /reports`
pub(super) async fn show_reports(State(admin): State<Arc<Admin>>, Extension(asker): Extension<Asker>) -> Response {
    let is_program = asker.is_program();
    let gathered = admin.apart(move |admin| {
        let mut reports = admin.registry.reports(OnlyOpen::Yes)?;
        let n_more = reports.len().saturating_sub(N_ROWS);
        if is_program {
            return Ok((reports, BTreeMap::new(), n_more));
        }
        reports.truncate(N_ROWS);
        let mut titles = BTreeMap::new();
        if let Ok(index) = admin.api.current() {
            for report in &reports {
                let titled = index.find_titled(&report.item).map_err(|error| Failed::broken(&error))?;
                titles.extend(titled.map(|titled| (report.item.clone(), titled)));
            }
        }
        Ok((reports, titles, n_more))
    });
    let (reports, titles, n_more) = match gathered.await {
        Ok(gathered) => gathered,
        Err(failed) => return refuse(&admin, &asker, &failed),
    };
    if is_program {
        return as_json(&json!({ "reports": reports }));
    }
    let reports = reports.into_iter().map(|report| {
        let titled = titles.get(&report.item).cloned();
        ReportItem::new(report, titled)
    });
    let frame = Frame::new(&admin, &asker, "/reports");
    render(StatusCode::OK, &ReportsPage { frame, reports: reports.collect(), n_more })
}

/// `GET /submissions`
pub(super) async fn show_submissions(State(admin): State<Arc<Admin>>, Extension(asker): Extension<Asker>) -> Response {
    let submissions = match admin.apart(|admin| Ok(admin.registry.submissions(OnlyOpen::Yes)?)).await {
        Ok(submissions) => submissions,
        Err(failed) => return refuse(&admin, &asker, &failed),
    };
    if asker.is_program() {
        // Without tokens: they are for those who submitted.
        let objects = submissions.iter().map(|one| crate::wire::SubmissionObject::new(one, String::new(), None));
        return as_json(&json!({ "submissions": objects.collect::<Vec<_>>() }));
    }
    let submissions = submissions.into_iter().map(SubmissionItem::new).collect();
    let frame = Frame::new(&admin, &asker, "/submissions");
    render(StatusCode::OK, &SubmissionsPage { frame, submissions })
}

/// `GET /decisions`
pub(super) async fn show_decisions(State(admin): State<Arc<Admin>>, Extension(asker): Extension<Asker>) -> Response {
    let gathered =
        admin.apart(|admin| Ok((admin.registry.decisions(Scope::InForce)?, admin.registry.sources()?))).await;
    let (mut rows, sources): (Vec<DecisionRow>, Vec<SourceRow>) = match gathered {
        Ok(gathered) => gathered,
        Err(failed) => return refuse(&admin, &asker, &failed),
    };
    if asker.is_program() {
        return as_json(&json!({ "decisions": rows, "sources": sources }));
    }
    // Lists have many rows, and they are told of as wholes.
    rows.retain(|row| row.decision.source.is_none());
    rows.reverse();
    let n_more = rows.len().saturating_sub(N_ROWS);
    rows.truncate(N_ROWS);
    let frame = Frame::new(&admin, &asker, "/decisions");
    let sources = sources.into_iter().map(|source| (source.name, source.n_rows)).collect();
    let decisions = rows.into_iter().map(DecisionItem::new).collect();
    render(StatusCode::OK, &DecisionsPage { frame, decisions, n_more, sources })
}

/// `GET /decide?target=…`: what a decision would hide, and the form that decides.
pub(super) async fn show_decide(
    State(admin): State<Arc<Admin>>,
    Extension(asker): Extension<Asker>,
    request: Request,
) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let typed = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "target");
    let typed = typed.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let mut page = DecidePage {
        frame: Frame::new(&admin, &asker, "/decide"),
        typed: &typed,
        refusal: None,
        target: None,
        effects: Vec::new(),
        n_hidden: 0,
        decisions: Vec::new(),
    };
    if typed.is_empty() && !asker.is_program() {
        return render(StatusCode::OK, &page);
    }
    let asked = typed.clone();
    // The page is asked for again where the wait is too long; a closed semaphore is none of ours.
    let _turn = admin.preview.acquire().await;
    let gathered = admin.apart(move |admin| {
        let wrong = |cause| Failed::new(StatusCode::BAD_REQUEST, cause);
        let target = (admin.doors.read_target)(&asked).map_err(wrong)?;
        let effects = (admin.doors.preview)(&target)
            .map_err(|cause| Failed::new(StatusCode::SERVICE_UNAVAILABLE, format!("No preview: {cause}")))?;
        Ok((admin.registry.decisions_on(&target)?, target, effects))
    });
    match gathered.await {
        Err(failed) if asker.is_program() => refuse(&admin, &asker, &failed),
        Err(failed) => {
            page.refusal = Some(failed.sentence);
            render(failed.status, &page)
        }
        Ok((decisions, target, effects)) if asker.is_program() => {
            as_json(&json!({ "target": target.to_string(), "kinds": effects, "decisions": decisions }))
        }
        Ok((decisions, target, effects)) => {
            page.target = Some(target.to_string());
            page.n_hidden = effects.iter().map(|effect| effect.n_hidden).sum();
            page.effects = effects.into_iter().filter(|effect| effect.n_hidden > 0).collect();
            page.decisions = decisions.into_iter().map(DecisionItem::new).collect();
            render(StatusCode::OK, &page)
        }
    }
}

/// `GET /audit`
pub(super) async fn show_audit(State(admin): State<Arc<Admin>>, Extension(asker): Extension<Asker>) -> Response {
    let audit = match admin.apart(|admin| Ok(admin.registry.audit(N_AUDIT)?)).await {
        Ok(audit) => audit,
        Err(failed) => return refuse(&admin, &asker, &failed),
    };
    if asker.is_program() {
        return as_json(&json!({ "audit": audit }));
    }
    let audit = audit.into_iter().map(AuditLine::new).collect();
    render(StatusCode::OK, &AuditPage { frame: Frame::new(&admin, &asker, "/audit"), audit })
}

/// What was not done, for people.
pub(super) fn problem_page(admin: &Admin, asker: &Asker, failed: &Failed) -> Response {
    let page = ProblemPage { frame: Frame::new(admin, asker, ""), sentence: &failed.sentence };
    render(failed.status, &page)
}

/// To a path of ours that no visitor wrote.
pub(super) fn to(path: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(path));
    response
}

/// For programs.
pub(super) fn as_json(value: &serde_json::Value) -> Response {
    json_answer(StatusCode::OK, value.to_string().into_bytes())
}

fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

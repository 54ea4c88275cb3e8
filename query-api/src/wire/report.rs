use allowlist::report::Report;
use serde::Serialize;
use utoipa::ToSchema;

/// What a report is made of; as JSON or as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field")]
pub(crate) struct ReportParams {
    /// The key of what is reported: `video`, `channel`, `playlist`, `event` or `group`, the host, and the UUID, name or id
    /// there, parted by slashes.
    #[schema(example = "video/tube.example/9c9de5e8-0a1e-484a-b099-e80766180a6d")]
    item: String,
    /// `spam`, `illegal`, `adult-not-marked`, `harassment`, `wrong-category`, `privacy` or `other`.
    reason: String,
    /// What the moderators should know.
    #[schema(max_length = 1000)]
    comment: Option<String>,
    /// How they can reach you.
    #[schema(max_length = 200)]
    contact: Option<String>,
}

/// A report that was taken. What others reported is nobody's business but the moderators'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportObject {
    /// Its number, for questions about it.
    pub id: u64,
    /// What is reported.
    pub item: String,
    /// Why.
    pub reason: &'static str,
}

impl ReportObject {
    /// What is told of a report.
    pub fn new(report: &Report) -> Self {
        Self { id: report.id, item: report.item.clone(), reason: report.reason.as_str() }
    }
}

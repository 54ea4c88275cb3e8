use serde::Serialize;
use utoipa::ToSchema;

use super::RulesObject;

/// `GET /api/v1/config`: what this index says of itself.
///
/// The keys are those of the search-index, and `inclusionRules`. There is no `instance` and no `serverVersion`: one client
/// tells an index from an instance by their absence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndexConfig {
    /// Name of this index.
    pub search_instance_name: String,
    /// Absolute URL of its logo, or empty.
    pub search_instance_name_image: String,
    /// Absolute URL of a picture for its search page, or empty.
    pub search_instance_search_image: String,
    /// Absolute URL of the legal notices, or empty.
    pub legal_notices_url: String,
    /// Instances with at least one video in the generation that answers.
    pub indexed_hosts_count: usize,
    /// Absolute URL of the list of instances, or empty.
    pub indexed_instances_url: String,
    /// The rules in force and what they hide; null before the first generation.
    pub inclusion_rules: Option<RulesObject>,
}

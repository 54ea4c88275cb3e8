//! GraphQL as a Mobilizon host executes it.

pub(super) mod arguments;
pub(super) mod execute;
mod facts;
pub(super) mod schema;
mod validate;

use async_graphql_parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql_parser::{Pos, parse_query};
use serde_json::{Map, Value, json};

pub use schema::Schema;

use super::host::MobilizonHost;

/// One error of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphqlError {
    /// What is wrong.
    pub message: String,
    /// Mobilizon's code of it, such as `event_not_found`.
    pub code: Option<&'static str>,
    /// The HTTP status it would have.
    pub status_code: Option<u16>,
    pub(crate) at: Option<Pos>,
    pub(crate) path: Vec<Value>,
}

impl GraphqlError {
    pub(crate) fn at(message: String, at: Pos) -> Self {
        Self { message, code: None, status_code: None, at: Some(at), path: Vec::new() }
    }

    pub(crate) fn coded(message: &str, code: &'static str, status_code: u16) -> Self {
        Self {
            message: message.to_owned(),
            code: Some(code),
            status_code: Some(status_code),
            at: None,
            path: Vec::new(),
        }
    }

    /// The error as it is written in an answer.
    pub(crate) fn json(&self) -> Value {
        let mut error = Map::new();
        error.insert("message".to_owned(), self.message.as_str().into());
        if let Some(at) = self.at {
            error.insert("locations".to_owned(), json!([{ "line": at.line, "column": at.column }]));
        }
        if let (Some(code), Some(status)) = (self.code, self.status_code) {
            error.insert("code".to_owned(), code.into());
            error.insert("status_code".to_owned(), status.into());
            error.insert("field".to_owned(), Value::Null);
        }
        if !self.path.is_empty() {
            error.insert("path".to_owned(), self.path.clone().into());
        }
        error.into()
    }
}

/// What becomes of one operation.
pub(super) enum Outcome {
    /// It cannot be read: a status of 400.
    Unreadable(String),
    /// It was read, and is not valid.
    Invalid(Vec<GraphqlError>),
    /// It was executed; some fields may have failed.
    Done { data: Value, errors: Vec<GraphqlError> },
    /// The host falls over it: a status of 500.
    Crash,
}

/// Reads, validates and executes one operation.
///
/// - `now`: in Unix milliseconds, the lower bound of searches that give none.
pub(super) fn run(
    host: &MobilizonHost,
    schemas: &[&Schema],
    query: &str,
    variables: &Map<String, Value>,
    operation_name: Option<&str>,
    now_ms: i64,
) -> Outcome {
    let document = match parse_query(query) {
        Ok(document) => document,
        Err(error) => return Outcome::Unreadable(format!("syntax error: {error}")),
    };
    let Some(operation) = choose(&document, operation_name) else {
        let error = GraphqlError::at(
            "Must provide a valid operation name if query contains multiple operations.".to_owned(),
            Pos::default(),
        );
        return Outcome::Invalid(vec![error]);
    };
    if operation.ty != OperationType::Query {
        let error = GraphqlError::coded("You need to be logged in", "unauthenticated", 401);
        return Outcome::Invalid(vec![error]);
    }
    for schema in schemas {
        let errors = validate::validate(schema, &document, operation);
        if !errors.is_empty() {
            return Outcome::Invalid(errors);
        }
    }
    let complexity = validate::complexity(&document, &operation.selection_set.node);
    let maximum = host.version.max_complexity();
    if complexity > maximum {
        let name = operation_name.map(|name| format!(" {name}")).unwrap_or_default();
        let message = format!("Operation{name} is too complex: complexity is {complexity} and maximum is {maximum}");
        return Outcome::Invalid(vec![GraphqlError::at(message, operation.selection_set.pos)]);
    }
    let schema = match schemas.first() {
        Some(schema) => schema,
        None => return Outcome::Crash,
    };
    let variables = match arguments::coerce_variables(schema, operation, variables) {
        Ok(variables) => variables,
        Err(errors) => return Outcome::Invalid(errors),
    };
    execute::execute(host, schema, &document, operation, &variables, now_ms)
}

/// The number of fields an operation selects, and what a schema says against it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Fields selected after fragments were put in.
    pub complexity: usize,
    /// Empty for a valid query.
    pub errors: Vec<String>,
}

/// Judges a query against a schema, without a host.
///
/// # Errors
/// The parser's message when the text is no GraphQL.
pub fn judge(schema: &Schema, query: &str) -> Result<Verdict, String> {
    let document = parse_query(query).map_err(|error| error.to_string())?;
    let Some(operation) = choose(&document, None) else { return Err("more than one operation".to_owned()) };
    let errors = validate::validate(schema, &document, operation).into_iter().map(|error| error.message).collect();
    Ok(Verdict { complexity: validate::complexity(&document, &operation.selection_set.node), errors })
}

fn choose<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name.filter(|name| !name.is_empty())) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|found| &found.node),
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.values();
            all.next().filter(|_| all.next().is_none()).map(|found| &found.node)
        }
    }
}

//! `/api`: GraphQL over HTTP.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::graphql::{self, Outcome, Schema};
use super::host::MobilizonHost;
use crate::answer::Answer;
use crate::request::Request;

const JSON: &str = "application/json; charset=utf-8";

/// One operation as it is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    variables: Option<Value>,
    #[serde(default)]
    operation_name: Option<String>,
}

/// Answers POST and GET; other methods are 405. Messages about queries that are not valid go to `refused`, too.
pub(super) fn answer(
    host: &MobilizonHost,
    schemas: &[&Schema],
    request: &Request,
    now_ms: i64,
    refused: &mut Vec<String>,
) -> Answer {
    let kind = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let answer = match request.method.as_str() {
        "GET" | "HEAD" => {
            let text = |name| request.parameter(name).map(str::to_owned);
            let variables = text("variables").map(|text| serde_json::from_str(&text));
            match variables.transpose() {
                Ok(variables) => {
                    let operation =
                        Operation { query: text("query"), variables, operation_name: text("operationName") };
                    one(host, schemas, operation, now_ms, refused)
                }
                Err(_) => bad("The variables values could not be decoded"),
            }
        }
        "POST" if kind.starts_with("application/graphql") => {
            let query = String::from_utf8_lossy(&request.body).into_owned();
            one(host, schemas, Operation { query: Some(query), ..Operation::default() }, now_ms, refused)
        }
        "POST" if kind.starts_with("application/json") => match serde_json::from_slice::<Value>(&request.body) {
            Ok(Value::Array(batch)) => many(host, schemas, batch, now_ms, refused),
            Ok(body) => match serde_json::from_value(body) {
                Ok(operation) => one(host, schemas, operation, now_ms, refused),
                Err(_) => bad("The body is no operation"),
            },
            Err(_) => bad("The body could not be decoded"),
        },
        "POST" => bad("No query document supplied"),
        _ => Answer::new(405, "text/plain; charset=utf-8", "Only GET and POST are supported"),
    };
    answer.with("Cache-Control", "max-age=0, private, must-revalidate")
}

fn bad(message: &str) -> Answer {
    Answer::json(400, JSON, &json!({ "errors": [{ "message": message }] }))
}

fn one(
    host: &MobilizonHost,
    schemas: &[&Schema],
    operation: Operation,
    now_ms: i64,
    refused: &mut Vec<String>,
) -> Answer {
    let (status, body) = run(host, schemas, operation, now_ms, refused);
    Answer::json(status, JSON, &body)
}

/// A batch is an array of answers in the order of the operations; it fails as a whole when one cannot be read.
fn many(
    host: &MobilizonHost,
    schemas: &[&Schema],
    batch: Vec<Value>,
    now_ms: i64,
    refused: &mut Vec<String>,
) -> Answer {
    let mut answers = Vec::with_capacity(batch.len());
    for item in batch {
        let Ok(operation) = serde_json::from_value(item) else { return bad("The body is no operation") };
        match run(host, schemas, operation, now_ms, refused) {
            (200, body) => answers.push(body),
            (status, body) => return Answer::json(status, JSON, &body),
        }
    }
    Answer::json(200, JSON, &answers)
}

fn run(
    host: &MobilizonHost,
    schemas: &[&Schema],
    operation: Operation,
    now_ms: i64,
    refused: &mut Vec<String>,
) -> (u16, Value) {
    let error = |message: &str| json!({ "errors": [{ "message": message }] });
    let Some(query) = operation.query.filter(|query| !query.trim().is_empty()) else {
        return (400, error("No query document supplied"));
    };
    let variables = match operation.variables {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(variables)) => variables,
        // Some clients send them as a text.
        Some(Value::String(text)) => match serde_json::from_str(&text) {
            Ok(variables) => variables,
            Err(_) => return (400, error("The variables values could not be decoded")),
        },
        Some(_) => return (400, error("The variables values could not be decoded")),
    };
    let written =
        |errors: &[graphql::GraphqlError]| -> Value { errors.iter().map(graphql::GraphqlError::json).collect() };
    match graphql::run(host, schemas, &query, &variables, operation.operation_name.as_deref(), now_ms) {
        Outcome::Unreadable(message) => {
            let answer = error(&message);
            refused.push(message);
            (400, answer)
        }
        Outcome::Invalid(errors) => {
            refused.extend(errors.iter().map(|error| error.message.clone()));
            (host.status_of_invalid_queries, json!({ "errors": written(&errors) }))
        }
        Outcome::Done { data, errors } if errors.is_empty() => (200, json!({ "data": data })),
        Outcome::Done { data, errors } => (200, json!({ "data": data, "errors": written(&errors) })),
        Outcome::Crash => (500, error("Internal server error")),
    }
}

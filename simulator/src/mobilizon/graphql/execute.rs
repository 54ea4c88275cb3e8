//! Picks what a query selects out of what the resolvers say.

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql_value::Value as Literal;
use serde_json::{Map, Value};

use super::arguments::Arguments;
use super::schema::Schema;
use super::{GraphqlError, Outcome};
use crate::mobilizon::host::MobilizonHost;
use crate::mobilizon::resolve::{self, Refusal};

/// What one execution needs.
struct Execution<'a> {
    host: &'a MobilizonHost,
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    variables: &'a Map<String, Value>,
    now_ms: i64,
    errors: Vec<GraphqlError>,
    path: Vec<Value>,
    crashed: bool,
}

/// Executes an operation that was validated.
pub(super) fn execute(
    host: &MobilizonHost,
    schema: &Schema,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Map<String, Value>,
    now_ms: i64,
) -> Outcome {
    let mut execution =
        Execution { host, schema, document, variables, now_ms, errors: Vec::new(), path: Vec::new(), crashed: false };
    let root = Map::new();
    let mut data = Map::new();
    execution.select(&operation.selection_set.node, "Query", &root, &mut data);
    if execution.crashed {
        return Outcome::Crash;
    }
    Outcome::Done { data: Value::Object(data), errors: execution.errors }
}

impl Execution<'_> {
    /// Adds the selected fields of an object of a concrete type to `into`.
    fn select(&mut self, set: &SelectionSet, of: &str, object: &Map<String, Value>, into: &mut Map<String, Value>) {
        for item in &set.items {
            if !self.is_included(item.node.directives()) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => self.field(&field.node, of, object, into),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|found| found.node.on.node.as_str());
                    if condition.is_none_or(|condition| self.schema.is_a(of, condition)) {
                        self.select(&fragment.node.selection_set.node, of, object, into);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let document = self.document;
                    if let Some(found) = document.fragments.get(&spread.node.fragment_name.node)
                        && self.schema.is_a(of, found.node.type_condition.node.on.node.as_str())
                    {
                        self.select(&found.node.selection_set.node, of, object, into);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &Field, of: &str, object: &Map<String, Value>, into: &mut Map<String, Value>) {
        let name = field.name.node.as_str();
        let key = field.response_key().node.to_string();
        if name == "__typename" {
            let shown = if of == "Query" { "RootQueryType" } else { of };
            into.insert(key, shown.into());
            return;
        }
        self.path.push(key.as_str().into());
        let value = self.value(field, of, name, object);
        let named = self.schema.objects.get(of).and_then(|known| known.fields.get(name)?.named.as_deref());
        let selected = &field.selection_set.node;
        let value = if selected.items.is_empty() {
            value
        } else {
            let before = into.remove(&key);
            self.complete(value, named.unwrap_or_default(), selected, before)
        };
        into.insert(key, value);
        self.path.pop();
    }

    /// The whole value of a field, before selection.
    fn value(&mut self, field: &Field, of: &str, name: &str, object: &Map<String, Value>) -> Value {
        let resolved = if of == "Query" || of == "Group" && name == "organizedEvents" {
            let arguments = Arguments::of(field, self.variables);
            match of {
                "Query" => resolve::root(self.host, name, &arguments, self.now_ms),
                _ => {
                    let group = object.get("preferredUsername").and_then(Value::as_str).unwrap_or_default();
                    resolve::organized_events(self.host, group, &arguments)
                }
            }
        } else if of == "EventMetadata" && object.get(name).is_some_and(|value| value == "FLOAT") {
            // Numbers with a fraction are kept, and their type is missing from the enumeration.
            Err(Refusal::Error(GraphqlError {
                message: "Value \"float\" is not in the enumeration".to_owned(),
                code: Some("internal_server_error"),
                status_code: Some(500),
                at: None,
                path: Vec::new(),
            }))
        } else {
            return object.get(name).cloned().unwrap_or_default();
        };
        match resolved {
            Ok(value) => value,
            Err(Refusal::Error(mut error)) => {
                error.at = Some(field.name.pos);
                error.path = self.path.clone();
                self.errors.push(error);
                Value::Null
            }
            Err(Refusal::Crash) => {
                self.crashed = true;
                Value::Null
            }
        }
    }

    /// Selects from an object or from each object of a list. `before` is what an earlier selection under the same key
    /// gave.
    fn complete(&mut self, value: Value, named: &str, selected: &SelectionSet, before: Option<Value>) -> Value {
        match value {
            Value::Array(items) => {
                let mut earlier = match before {
                    Some(Value::Array(items)) => items,
                    _ => Vec::new(),
                }
                .into_iter();
                let mut all = Vec::with_capacity(items.len());
                for (nth, item) in items.into_iter().enumerate() {
                    self.path.push(nth.into());
                    all.push(self.complete(item, named, selected, earlier.next()));
                    self.path.pop();
                }
                all.into()
            }
            Value::Object(object) => {
                let concrete = object.get("__typename").and_then(Value::as_str).unwrap_or(named).to_owned();
                let mut into = match before {
                    Some(Value::Object(before)) => before,
                    _ => Map::new(),
                };
                self.select(selected, &concrete, &object, &mut into);
                into.into()
            }
            other => other,
        }
    }

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let condition = directive.node.get_argument("if").map(|value| match &value.node {
                Literal::Variable(name) => self.variables.get(name.as_str()).and_then(Value::as_bool),
                Literal::Boolean(value) => Some(*value),
                _ => None,
            });
            match directive.node.name.node.as_str() {
                "skip" => condition != Some(Some(true)),
                "include" => condition != Some(Some(false)),
                _ => true,
            }
        })
    }
}

//! Values of variables and arguments. A variable that is left out is an argument that is left out; null is null.

use async_graphql_parser::Pos;
use async_graphql_parser::types::{BaseType, Field, OperationDefinition, Type};
use async_graphql_value::Value as Literal;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::GraphqlError;
use super::schema::Schema;

/// The arguments of one field: absent, null, or a value.
pub(in crate::mobilizon) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Reads the arguments of a field that was validated.
    pub fn of(field: &Field, variables: &Map<String, Value>) -> Self {
        let given = field
            .arguments
            .iter()
            .filter_map(|(name, value)| Some((name.node.to_string(), literal(&value.node, variables)?)));
        Self(given.collect())
    }

    /// `None` when it is absent; null is a value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text that is there and not null.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// A whole number that is there and not null.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    /// The texts of a list; empty when it is absent or null.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one],
            _ => Vec::new(),
        }
    }

    /// A time that is there and not null.
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name)?.parse().ok()
    }
}

fn literal(value: &Literal, variables: &Map<String, Value>) -> Option<Value> {
    match value {
        Literal::Variable(name) => variables.get(name.as_str()).cloned(),
        Literal::List(items) => Some(items.iter().filter_map(|item| literal(item, variables)).collect()),
        other => other.clone().into_json().ok(),
    }
}

/// Checks the values of the variables an operation declares and fills in their defaults. Others are dropped.
pub(super) fn coerce_variables(
    schema: &Schema,
    operation: &OperationDefinition,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<GraphqlError>> {
    let (mut known, mut errors) = (Map::new(), Vec::new());
    for definition in &operation.variable_definitions {
        let name = definition.node.name.node.as_str();
        let ty = &definition.node.var_type.node;
        match given.get(name) {
            Some(value) if accepts(schema, ty, value) => {
                known.insert(name.to_owned(), value.clone());
            }
            Some(_) => errors.push(invalid(name, definition.pos)),
            None => {
                let default = definition.node.default_value.as_ref().map(|value| value.node.clone().into_json());
                match default {
                    Some(Ok(value)) => {
                        known.insert(name.to_owned(), value);
                    }
                    _ if !ty.nullable => {
                        let message = format!("Variable \"{name}\": Expected non-null, found null.");
                        errors.push(GraphqlError::at(message, definition.pos));
                    }
                    _ => {}
                }
            }
        }
    }
    if errors.is_empty() { Ok(known) } else { Err(errors) }
}

fn invalid(name: &str, at: Pos) -> GraphqlError {
    GraphqlError::at(format!("Variable \"{name}\" has an invalid value."), at)
}

/// Whether a JSON value is one of a type.
pub(super) fn accepts(schema: &Schema, ty: &Type, value: &Value) -> bool {
    if value.is_null() {
        return ty.nullable;
    }
    match &ty.base {
        BaseType::List(item) => match value {
            Value::Array(items) => items.iter().all(|value| accepts(schema, item, value)),
            one => accepts(schema, item, one),
        },
        BaseType::Named(name) => match (name.as_str(), value) {
            ("Int", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            ("Float", Value::Number(_)) | ("Boolean", Value::Bool(_)) => true,
            ("ID", Value::Number(_) | Value::String(_)) => true,
            ("DateTime", Value::String(text)) => text.parse::<Timestamp>().is_ok(),
            ("UUID", Value::String(text)) => text.parse::<uuid::Uuid>().is_ok(),
            ("String" | "Point" | "Timezone", Value::String(_)) => true,
            (name, Value::String(text)) => schema.enums.get(name).is_some_and(|values| values.contains(text)),
            _ => false,
        },
    }
}

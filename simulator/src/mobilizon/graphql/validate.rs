//! Whether a schema knows what a query selects, with the messages a Mobilizon host answers.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql_parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::Value as Literal;
use serde_json::Value;

use super::GraphqlError;
use super::arguments::accepts;
use super::schema::{Schema, named, shown};

/// Fragments in fragments deeper than this are taken for a circle.
const MAX_DEPTH: usize = 32;

/// Says what is wrong with an operation.
pub(super) fn validate(
    schema: &Schema,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Vec<GraphqlError> {
    let mut walk = Walk { schema, document, variables: BTreeMap::new(), used: BTreeSet::new(), errors: Vec::new() };
    for definition in &operation.variable_definitions {
        let name = definition.node.name.node.as_str();
        let ty = &definition.node.var_type.node;
        let of = named(ty);
        if !schema.scalars.contains(of) && !schema.enums.contains_key(of) {
            walk.say(format!("Unknown type \"{of}\"."), definition.pos);
        }
        walk.variables.insert(name, (ty, definition.node.default_value.is_some()));
    }
    walk.selection(&operation.selection_set.node, "Query", 0);
    for definition in &operation.variable_definitions {
        let name = definition.node.name.node.as_str();
        if !walk.used.contains(name) {
            walk.say(format!("Variable \"{name}\" is never used."), definition.pos);
        }
    }
    walk.errors
}

struct Walk<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    variables: BTreeMap<&'a str, (&'a Type, bool)>,
    used: BTreeSet<String>,
    errors: Vec<GraphqlError>,
}

impl<'a> Walk<'a> {
    fn say(&mut self, message: String, at: Pos) {
        self.errors.push(GraphqlError::at(message, at));
    }

    fn selection(&mut self, set: &'a SelectionSet, of: &str, depth: usize) {
        for item in &set.items {
            for directive in item.node.directives() {
                let name = directive.node.name.node.as_str();
                if !matches!(name, "include" | "skip") {
                    self.say(format!("Unknown directive \"{name}\"."), directive.pos);
                }
                for (_, value) in &directive.node.arguments {
                    self.uses(&value.node, None, value.pos);
                }
            }
            match &item.node {
                Selection::Field(field) => self.field(field, of, depth),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|found| found.node.on.node.as_str());
                    self.fragment(condition.unwrap_or(of), of, &fragment.node.selection_set.node, item.pos, depth);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    match self.document.fragments.get(name) {
                        Some(_) if depth > MAX_DEPTH => {
                            self.say(format!("Cannot spread fragment \"{name}\" within itself."), item.pos);
                        }
                        Some(found) => {
                            let condition = found.node.type_condition.node.on.node.as_str();
                            self.fragment(condition, of, &found.node.selection_set.node, item.pos, depth);
                        }
                        None => self.say(format!("Unknown fragment \"{name}\"."), item.pos),
                    }
                }
            }
        }
    }

    fn fragment(&mut self, condition: &str, of: &str, set: &'a SelectionSet, at: Pos, depth: usize) {
        if !self.schema.objects.contains_key(condition) {
            self.say(format!("Unknown type \"{condition}\"."), at);
        } else if !self.schema.may_meet(condition, of) {
            let message = format!(
                "Fragment cannot be spread here as objects of type \"{}\" can never be of type \"{condition}\".",
                shown(of)
            );
            self.say(message, at);
        } else {
            self.selection(set, condition, depth + 1);
        }
    }

    fn field(&mut self, field: &'a Positioned<Field>, of: &str, depth: usize) {
        let (name, at) = (field.node.name.node.as_str(), field.pos);
        let selected = &field.node.selection_set.node;
        if name == "__typename" {
            return;
        }
        let schema = self.schema;
        let Some(known) = schema.objects.get(of).and_then(|object| object.fields.get(name)) else {
            return self.say(format!("Cannot query field \"{name}\" on type \"{}\".", shown(of)), at);
        };
        for (argument, value) in &field.node.arguments {
            let argument_name = argument.node.as_str();
            match known.arguments.get(argument_name) {
                Some(def) => {
                    if !self.uses(&value.node, Some(&def.ty), value.pos) {
                        let message = format!("Argument \"{argument_name}\" has invalid value {}.", value.node);
                        self.say(message, value.pos);
                    }
                }
                None => {
                    let message =
                        format!("Unknown argument \"{argument_name}\" on field \"{name}\" of type \"{}\".", shown(of));
                    self.say(message, argument.pos);
                }
            }
        }
        for (argument_name, def) in &known.arguments {
            if !def.ty.nullable && !def.has_default && field.node.get_argument(argument_name).is_none() {
                let message = format!("In argument \"{argument_name}\": Expected type \"{}\", found null.", def.ty);
                self.say(message, at);
            }
        }
        let object = known.named.as_deref().filter(|named| schema.objects.contains_key(*named));
        match (object, selected.items.is_empty()) {
            (Some(of), false) if depth <= MAX_DEPTH => self.selection(selected, of, depth + 1),
            (Some(of), true) => {
                let message = format!("Field \"{name}\" of type \"{of}\" must have a selection of subfields.");
                self.say(message, at);
            }
            (None, false) => {
                let message = format!("Field \"{name}\" must not have a selection since its type has no subfields.");
                self.say(message, at);
            }
            _ => {}
        }
    }

    /// Notes the variables in a value; returns whether the value fits a type.
    fn uses(&mut self, value: &Literal, wanted: Option<&Type>, at: Pos) -> bool {
        match value {
            Literal::Variable(name) => {
                self.used.insert(name.to_string());
                match (self.variables.get(name.as_str()), wanted) {
                    (None, _) => {
                        self.say(format!("Variable \"{name}\" is not defined."), at);
                        true
                    }
                    (Some((ty, has_default)), Some(wanted)) => fits(ty, *has_default, wanted),
                    (Some(_), None) => true,
                }
            }
            Literal::List(items) => {
                let item = wanted.and_then(|ty| match &ty.base {
                    async_graphql_parser::types::BaseType::List(item) => Some(&**item),
                    async_graphql_parser::types::BaseType::Named(_) => None,
                });
                let mut all = wanted.is_none() || item.is_some();
                for value in items {
                    all &= self.uses(value, item, at);
                }
                all
            }
            Literal::Enum(name) => {
                // An enumeration's value is no text, and a text is none.
                wanted.is_none_or(|ty| {
                    self.schema.enums.get(named(ty)).is_some_and(|found| found.contains(name.as_str()))
                })
            }
            Literal::String(_) => {
                wanted.is_none_or(|ty| !self.schema.enums.contains_key(named(ty)) && self.accepts(value, ty))
            }
            other => wanted.is_none_or(|ty| self.accepts(other, ty)),
        }
    }

    fn accepts(&self, value: &Literal, ty: &Type) -> bool {
        let json: Value = value.clone().into_json().unwrap_or_default();
        accepts(self.schema, ty, &json)
    }
}

/// Whether a variable may stand where a type is wanted.
fn fits(variable: &Type, has_default: bool, wanted: &Type) -> bool {
    use async_graphql_parser::types::BaseType;
    if variable.nullable && !has_default && !wanted.nullable {
        return false;
    }
    match (&variable.base, &wanted.base) {
        (BaseType::Named(one), BaseType::Named(other)) => one == other,
        (BaseType::List(one), BaseType::List(other)) => fits(one, false, other),
        (BaseType::Named(_), BaseType::List(item)) => fits(variable, has_default, item),
        (BaseType::List(_), BaseType::Named(_)) => false,
    }
}

/// The number of fields selected, after fragments were put in: what Mobilizon limits.
pub(super) fn complexity(document: &ExecutableDocument, set: &SelectionSet) -> usize {
    count(document, set, 0)
}

fn count(document: &ExecutableDocument, set: &SelectionSet, depth: usize) -> usize {
    if depth > MAX_DEPTH {
        return 0;
    }
    let each = set.items.iter().map(|item| match &item.node {
        Selection::Field(field) => 1 + count(document, &field.node.selection_set.node, depth + 1),
        Selection::InlineFragment(fragment) => count(document, &fragment.node.selection_set.node, depth + 1),
        Selection::FragmentSpread(spread) => document
            .fragments
            .get(&spread.node.fragment_name.node)
            .map_or(0, |found| count(document, &found.node.selection_set.node, depth + 1)),
    });
    each.fold(0, usize::saturating_add)
}

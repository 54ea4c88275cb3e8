//! What a version's schema knows: types, fields, arguments and values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use async_graphql_parser::Positioned;
use async_graphql_parser::parse_schema;
use async_graphql_parser::types::{FieldDefinition, Type, TypeKind, TypeSystemDefinition};

use super::facts;
use crate::mobilizon::version::MobilizonVersion;

/// The name of the root type in messages.
const ROOT: &str = "RootQueryType";

/// A schema, as far as validation needs it.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub(super) objects: BTreeMap<String, ObjectDef>,
    pub(super) enums: BTreeMap<String, BTreeSet<String>>,
    pub(super) scalars: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct ObjectDef {
    pub fields: BTreeMap<String, FieldDef>,
    /// The interfaces it is one of.
    pub implements: BTreeSet<String>,
    pub is_interface: bool,
}

#[derive(Clone, Debug)]
pub(super) struct FieldDef {
    /// The name of its type, without list and null marks; `None` for a leaf whose type is not known.
    pub named: Option<String>,
    pub arguments: BTreeMap<String, ArgumentDef>,
}

#[derive(Clone, Debug)]
pub(super) struct ArgumentDef {
    pub ty: Type,
    pub has_default: bool,
}

impl Schema {
    /// What the facts say of a version. Made once.
    pub fn of(version: MobilizonVersion) -> &'static Self {
        static SCHEMAS: OnceLock<Vec<(MobilizonVersion, Schema)>> = OnceLock::new();
        static NONE: OnceLock<Schema> = OnceLock::new();
        SCHEMAS
            .get_or_init(|| {
                MobilizonVersion::ALL.into_iter().map(|version| (version, facts::schema(version))).collect()
            })
            .iter()
            .find(|(of, _)| *of == version)
            .map_or_else(|| NONE.get_or_init(Self::default), |(_, schema)| schema)
    }

    /// Reads the schema of a version from a folder of files named `public-schema-<version>.graphql`; `None` when there is
    /// no such file.
    ///
    /// # Errors
    /// The parser's message.
    pub fn from_folder(folder: &std::path::Path, version: MobilizonVersion) -> Option<Result<Self, String>> {
        let path = folder.join(format!("public-schema-{}.graphql", version.number()));
        Some(Self::from_sdl(&std::fs::read_to_string(path).ok()?))
    }

    /// Reads a schema in SDL.
    ///
    /// # Errors
    /// The parser's message.
    pub fn from_sdl(text: &str) -> Result<Self, String> {
        let document = parse_schema(text).map_err(|error| error.to_string())?;
        let mut schema = Self::default();
        schema.scalars.extend(BUILT_IN_SCALARS.map(str::to_owned));
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            match definition.node.kind {
                TypeKind::Scalar => {
                    schema.scalars.insert(name);
                }
                TypeKind::Object(object) => {
                    let implements = object.implements.iter().map(|name| name.node.to_string()).collect();
                    let fields = object.fields.iter().map(field).collect();
                    schema.objects.insert(name, ObjectDef { fields, implements, is_interface: false });
                }
                TypeKind::Interface(interface) => {
                    let fields = interface.fields.iter().map(field).collect();
                    schema.objects.insert(name, ObjectDef { fields, implements: BTreeSet::new(), is_interface: true });
                }
                TypeKind::Enum(values) => {
                    let values = values.values.iter().map(|value| value.node.value.node.to_string()).collect();
                    schema.enums.insert(name, values);
                }
                TypeKind::Union(_) | TypeKind::InputObject(_) => {}
            }
        }
        Ok(schema)
    }

    /// Whether an object of one type can be of the other.
    pub(super) fn may_meet(&self, one: &str, other: &str) -> bool {
        let is_one_of = |object: &str, of: &str| {
            object == of || self.objects.get(object).is_some_and(|found| found.implements.contains(of))
        };
        is_one_of(one, other)
            || is_one_of(other, one)
            || self.objects.iter().any(|(name, _)| is_one_of(name, one) && is_one_of(name, other))
    }

    /// Whether an object of a concrete type is of a type or interface.
    pub(super) fn is_a(&self, object: &str, of: &str) -> bool {
        object == of || self.objects.get(object).is_some_and(|found| found.implements.contains(of))
    }
}

pub(super) const BUILT_IN_SCALARS: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// The name a type has in messages.
pub(super) fn shown(name: &str) -> &str {
    if name == "Query" { ROOT } else { name }
}

fn field(definition: &Positioned<FieldDefinition>) -> (String, FieldDef) {
    let definition = &definition.node;
    let arguments = definition
        .arguments
        .iter()
        .map(|argument| {
            let argument = &argument.node;
            let known = ArgumentDef { ty: argument.ty.node.clone(), has_default: argument.default_value.is_some() };
            (argument.name.node.to_string(), known)
        })
        .collect();
    let named = Some(named(&definition.ty.node).to_owned());
    (definition.name.node.to_string(), FieldDef { named, arguments })
}

/// The name of a type without list and null marks.
pub(super) fn named(ty: &Type) -> &str {
    match &ty.base {
        async_graphql_parser::types::BaseType::Named(name) => name.as_str(),
        async_graphql_parser::types::BaseType::List(item) => named(item),
    }
}

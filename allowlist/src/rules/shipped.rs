//! The rules that ship with the program, to be named in `extends` and to be copied from.

use super::{Loaded, Reference};

/// Names of the shipped lists, as `extends` and `--rules` take them.
pub const NAMES: [&str; 6] = ["default", "no-adult", "video-games", "french-events", "brittany", "education"];

/// What stands before the names of shipped files in places.
const SCHEME: &str = "shipped:";

/// Every shipped file by its name.
const FILES: [(&str, &str); 7] = [
    ("default.toml", include_str!("../../lists/themes/default.toml")),
    ("no-adult.toml", include_str!("../../lists/themes/no-adult.toml")),
    ("video-games.toml", include_str!("../../lists/themes/video-games.toml")),
    ("french-events.toml", include_str!("../../lists/themes/french-events.toml")),
    ("brittany.toml", include_str!("../../lists/themes/brittany.toml")),
    ("education.toml", include_str!("../../lists/themes/education.toml")),
    ("brittany.geojson", include_str!("../../lists/themes/brittany.geojson")),
];

/// The text of a shipped list.
pub fn shipped(name: &str) -> Option<&'static str> {
    file(&format!("{name}.toml"))
}

/// Reads what ships: a list by its name, and the files that shipped lists name beside them. `None` for anything else, which is
/// the business of whoever can read files.
///
/// - `from`: the file that names it, as in [`Loaded::file`].
pub fn load_shipped(reference: &Reference, from: &str) -> Option<Result<Loaded, String>> {
    let name = match reference {
        Reference::Shipped(name) => format!("{name}.toml"),
        Reference::File(name) if from.starts_with(SCHEME) => name.clone(),
        Reference::File(_) | Reference::Url { .. } => return None,
    };
    let text = file(&name).ok_or_else(|| format!("`{name}` does not ship with this version"));
    Some(text.map(|text| Loaded { file: format!("{SCHEME}{name}"), text: text.to_owned() }))
}

fn file(name: &str) -> Option<&'static str> {
    FILES.into_iter().find(|(file, _)| *file == name).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::super::Rules;
    use super::*;

    #[test]
    fn every_shipped_list_can_be_used_says_what_it_is_and_fits_a_screen() {
        for name in NAMES {
            let text = shipped(name).unwrap();
            assert!(text.lines().count() < 40, "{name}");
            assert!(text.starts_with("# "), "{name}");
            let rules = Rules::load(&Reference::Shipped(name.to_owned()), &mut |reference, from| {
                load_shipped(reference, from).unwrap_or_else(|| Err("it names a file that does not ship".to_owned()))
            });
            let rules = rules.unwrap();
            assert!(rules.name.is_some() && rules.description.is_some(), "{name}");
            let last = rules.layers.last().unwrap();
            assert_eq!(&*last.file, format!("{SCHEME}{name}.toml"));
        }
    }
}

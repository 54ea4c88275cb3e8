//! Who was forgotten, by a keyed hash, and who is being forgotten right now, by name, in files that only the operator reads.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use allowlist::forgotten::{ForgetKey, Forgotten, N_BYTES};
use allowlist::moderation::Target;
use allowlist::registry::Registry;
use anyhow::{Context, bail};
use rand::RngCore;

use crate::data::DataDir;

/// The key of this index; `None` where nobody was ever forgotten.
///
/// # Errors
/// When it cannot be read, or is no key.
pub fn key(data: &DataDir) -> anyhow::Result<Option<ForgetKey>> {
    let path = data.forget_key();
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("reading the key `{}`", path.display())),
    };
    let Ok(key) = <[u8; N_BYTES]>::try_from(bytes.as_slice()) else {
        bail!(
            "reading the key `{}`: it has {} bytes, not {N_BYTES}; restore it from a backup",
            path.display(),
            bytes.len()
        );
    };
    Ok(Some(ForgetKey::new(key)))
}

/// Files with secrets that others than their owner can read, each with the way out.
pub fn exposed(data: &DataDir) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt;
    let is_exposed = |path: &Path| std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    [data.forget_key(), data.forget_pending(), data.registry()]
        .iter()
        .filter(|path| is_exposed(path))
        .map(|path| format!("`{0}` can be read by others than its owner: chmod 600 {0}", path.display()))
        .collect()
}

/// The key, made where it is missing. Without it those who were forgotten could come back, so it belongs in backups.
///
/// # Errors
/// When it cannot be read or written.
pub fn key_or_new(data: &DataDir) -> anyhow::Result<ForgetKey> {
    if let Some(key) = key(data)? {
        return Ok(key);
    }
    let mut bytes = [0; N_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    write_private(&data.forget_key(), &bytes)?;
    Ok(ForgetKey::new(bytes))
}

/// Everything that was forgotten; `None` where nothing ever was.
///
/// # Errors
/// When key or registry cannot be read, and when hashes are there without their key.
pub fn load(data: &DataDir, registry: &Registry) -> anyhow::Result<Option<Forgotten>> {
    let hashes = registry.forgotten()?;
    match key(data)? {
        Some(key) => Ok(Some(Forgotten::new(key, hashes))),
        None if hashes.is_empty() => Ok(None),
        None => bail!(
            "the key `{}` is missing, so those who were forgotten cannot be kept out; restore it from a backup",
            data.forget_key().display()
        ),
    }
}

/// The same where the registry may not exist, which is not made.
///
/// # Errors
/// As [`load`].
pub fn load_if_any(data: &DataDir) -> anyhow::Result<Option<Forgotten>> {
    if !data.forget_key().exists() || !data.registry().exists() {
        return Ok(None);
    }
    load(data, &Registry::open(&data.registry())?)
}

/// Whether somebody is to be forgotten.
pub fn has_pending(data: &DataDir) -> bool {
    data.forget_pending().exists()
}

/// Who is to be forgotten.
///
/// # Errors
/// When the file cannot be read or names something else.
pub fn pending(data: &DataDir) -> anyhow::Result<Vec<Target>> {
    let path = data.forget_pending();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("reading `{}`", path.display())),
    };
    let targets = text.lines().filter(|line| !line.is_empty()).map(str::parse);
    targets.collect::<Result<_, _>>().with_context(|| format!("reading `{}`", path.display()))
}

/// Notes that somebody is to be forgotten.
///
/// # Errors
/// When it cannot be written.
pub fn add_pending(data: &DataDir, target: &Target) -> anyhow::Result<()> {
    let mut targets = pending(data)?;
    if !targets.contains(target) {
        targets.push(target.clone());
    }
    write_pending(data, &targets)
}

/// Notes that it was done; the name goes with the note.
///
/// # Errors
/// When it cannot be written.
pub fn drop_pending(data: &DataDir, target: &Target) -> anyhow::Result<()> {
    let mut targets = pending(data)?;
    targets.retain(|other| other != target);
    write_pending(data, &targets)
}

fn write_pending(data: &DataDir, targets: &[Target]) -> anyhow::Result<()> {
    let path = data.forget_pending();
    if targets.is_empty() {
        return match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("removing `{}`", path.display()))
            }
            _ => Ok(()),
        };
    }
    let text: String = targets.iter().map(|target| format!("{target}\n")).collect();
    write_private(&path, text.as_bytes())
}

/// Replaces a file that its owner alone may read.
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let writing = || format!("writing `{}`", path.display());
    let new = path.with_extension("new");
    // What a killed process left must not lend its rights.
    drop(std::fs::remove_file(&new));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).with_context(writing)?;
    file.write_all(bytes).with_context(writing)?;
    file.sync_all().with_context(writing)?;
    std::fs::rename(&new, path).with_context(writing)
}

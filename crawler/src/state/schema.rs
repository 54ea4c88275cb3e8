//! The tables of the state file and their history. A new file goes through every version, so that the way forward of
//! an old one is walked by each test.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction};

use crate::error::Error;

/// The version this build reads and writes.
pub const VERSION: i64 = 4;

const VERSION_1: &str = "
CREATE TABLE host (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    is_listed INTEGER NOT NULL,
    state TEXT NOT NULL,
    next_at_ms INTEGER NOT NULL,
    -- Written before each request, so that a crash in the middle of one does not shorten the pause.
    last_request_ms INTEGER NOT NULL DEFAULT 0
);
-- What the host is known to publish. want: 0 nothing, 1 its detail by the outbox, 2 its detail by the detail route.
CREATE TABLE video (
    host_id INTEGER NOT NULL,
    uuid BLOB NOT NULL,
    account TEXT NOT NULL,
    published_ms INTEGER NOT NULL,
    sweep INTEGER NOT NULL,
    want INTEGER NOT NULL,
    confirm INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (host_id, uuid)
) WITHOUT ROWID;
CREATE INDEX video_want ON video (host_id, want, account) WHERE want > 0;
CREATE INDEX video_confirm ON video (host_id) WHERE confirm = 1;
-- Validators of conditional requests, and the robots.txt last read.
CREATE TABLE document (
    host_id INTEGER NOT NULL,
    path TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    full_at_ms INTEGER NOT NULL,
    body BLOB,
    PRIMARY KEY (host_id, path)
) WITHOUT ROWID;
";

/// Channels, playlists, lives, and a date at which each video's detail is due. `?NOW` is Unix milliseconds.
///
/// Details known before are due again within a week of the change, spread out; what had none stays due at once.
const VERSION_2: &str = "
DROP INDEX video_want;
-- 1: its detail by the outbox of its account, 2: by the detail route, 3: its whole description, by a route of its own.
ALTER TABLE video RENAME COLUMN want TO route;
-- Lower case; empty until a page shows it.
ALTER TABLE video ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE video ADD COLUMN updated_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE video ADD COLUMN views INTEGER NOT NULL DEFAULT 0;
ALTER TABLE video ADD COLUMN is_live INTEGER NOT NULL DEFAULT 0;
-- When its detail was last read; 0 for never.
ALTER TABLE video ADD COLUMN detail_ms INTEGER NOT NULL DEFAULT 0;
-- When its detail is to be read; 0 for at once.
ALTER TABLE video ADD COLUMN due_ms INTEGER NOT NULL DEFAULT 0;
UPDATE video SET
    detail_ms = CASE WHEN route = 0 THEN ?NOW ELSE 0 END,
    due_ms = CASE WHEN route = 0 THEN ?NOW + abs(random() % 604800000) ELSE 0 END,
    route = MAX(route, 1);
CREATE INDEX video_due ON video (host_id, due_ms, route, account);
CREATE INDEX video_account ON video (host_id, account);
CREATE INDEX video_channel ON video (host_id, channel);
CREATE INDEX video_live ON video (host_id) WHERE is_live = 1;
-- Channels that pages named, whether or not they may be indexed.
CREATE TABLE channel (
    host_id INTEGER NOT NULL,
    -- Lower case, as instances compare names.
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- A listed video is in it, not only a playlist.
    has_video INTEGER NOT NULL,
    -- What listings show of it, hashed: another value is a reason to look again.
    look INTEGER NOT NULL,
    -- When a change of look last asked for an early check.
    early_ms INTEGER NOT NULL DEFAULT 0,
    checked_ms INTEGER NOT NULL DEFAULT 0,
    actor_ms INTEGER NOT NULL DEFAULT 0,
    due_ms INTEGER NOT NULL DEFAULT 0,
    n_failures INTEGER NOT NULL DEFAULT 0,
    is_gone INTEGER NOT NULL DEFAULT 0,
    is_journalled INTEGER NOT NULL DEFAULT 0,
    -- By its own answer, and by its ActivityPub actor: how consent is withheld, for people.
    withheld TEXT,
    actor_withheld TEXT,
    PRIMARY KEY (host_id, name)
) WITHOUT ROWID;
CREATE INDEX channel_due ON channel (host_id, due_ms);
CREATE INDEX channel_owner ON channel (host_id, owner);
-- Accounts whose ActivityPub actor was asked for.
CREATE TABLE account (
    host_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    checked_ms INTEGER NOT NULL,
    withheld TEXT,
    PRIMARY KEY (host_id, name)
) WITHOUT ROWID;
-- Local public playlists; elements_ms: when its elements were last read, 0 for never.
CREATE TABLE playlist (
    host_id INTEGER NOT NULL,
    uuid BLOB NOT NULL,
    channel TEXT NOT NULL,
    owner TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    elements_ms INTEGER NOT NULL DEFAULT 0,
    sweep INTEGER NOT NULL,
    wants_elements INTEGER NOT NULL DEFAULT 0,
    confirm INTEGER NOT NULL DEFAULT 0,
    is_journalled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (host_id, uuid)
) WITHOUT ROWID;
CREATE INDEX playlist_channel ON playlist (host_id, channel);
CREATE INDEX playlist_wanted ON playlist (host_id) WHERE wants_elements = 1;
CREATE INDEX playlist_confirm ON playlist (host_id) WHERE confirm = 1;
";

/// Events and groups.
const VERSION_3: &str = "
CREATE TABLE event (
    host_id INTEGER NOT NULL,
    -- As in the journal: a UUID, or a number.
    id TEXT NOT NULL,
    -- Names of its group and its person, lower case; empty for none.
    grp TEXT NOT NULL,
    person TEXT NOT NULL,
    -- Its last edit by the instance's clock; 0 where unknown.
    updated_ms INTEGER NOT NULL,
    over_ms INTEGER NOT NULL,
    is_cancelled INTEGER NOT NULL,
    -- The full scan, and the pass through what is not over, that saw it last.
    sweep INTEGER NOT NULL,
    look INTEGER NOT NULL,
    -- When it is to be read by itself; the largest number for never.
    due_ms INTEGER NOT NULL,
    n_failures INTEGER NOT NULL DEFAULT 0,
    -- 1: is it still there? 2: the same, by another route.
    confirm INTEGER NOT NULL DEFAULT 0,
    -- When that question was last answered by yes.
    asked_ms INTEGER NOT NULL DEFAULT 0,
    -- When its own page said that it is not for search engines; 0 for never.
    refused_ms INTEGER NOT NULL DEFAULT 0,
    is_journalled INTEGER NOT NULL,
    PRIMARY KEY (host_id, id)
) WITHOUT ROWID;
CREATE INDEX event_due ON event (host_id, due_ms);
CREATE INDEX event_confirm ON event (host_id) WHERE confirm > 0;
CREATE INDEX event_group_of ON event (host_id, grp) WHERE grp <> '';
CREATE INDEX event_person_of ON event (host_id, person) WHERE person <> '';
CREATE TABLE event_group (
    host_id INTEGER NOT NULL,
    -- Lower case.
    name TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    sweep INTEGER NOT NULL,
    -- When its ActivityPub actor was asked for, and when that is due again.
    checked_ms INTEGER NOT NULL DEFAULT 0,
    due_ms INTEGER NOT NULL,
    n_failures INTEGER NOT NULL DEFAULT 0,
    wants_record INTEGER NOT NULL DEFAULT 0,
    is_journalled INTEGER NOT NULL DEFAULT 0,
    -- How consent is withheld, for people.
    withheld TEXT,
    PRIMARY KEY (host_id, name)
) WITHOUT ROWID;
CREATE INDEX event_group_due ON event_group (host_id, due_ms);
";

/// Whose wish keeps an event out, as [`super::agenda::By`] counts it. Nobody's, of what is a record; of the rest the next
/// answer that tells wishes says it.
const VERSION_4: &str = "ALTER TABLE event ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0;";

/// The version of a file, 0 for a new one.
///
/// # Errors
/// [`Error::NewerState`]; [`Error::State`] when it is no SQLite file.
pub fn version_of(connection: &Connection) -> Result<i64, Error> {
    let found = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|source| Error::State { action: "opening", source })?;
    if found > VERSION {
        return Err(Error::NewerState { found, known: VERSION });
    }
    Ok(found)
}

/// Brings a file of version `found` to [`VERSION`].
pub fn migrate(transaction: &Transaction<'_>, found: i64, now: Timestamp) -> rusqlite::Result<()> {
    if found < 1 {
        transaction.execute_batch(VERSION_1)?;
    }
    if found < 2 {
        transaction.execute_batch(&VERSION_2.replace("?NOW", &now.as_millisecond().to_string()))?;
    }
    if found < 3 {
        transaction.execute_batch(VERSION_3)?;
    }
    if found < 4 {
        transaction.execute_batch(VERSION_4)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_file_of_version_1_goes_forward_with_its_data() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(VERSION_1).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO host VALUES (1, 'tube.example', 'peertube', 1, '{}', 5, 6);
                 INSERT INTO video VALUES (1, x'00000000000000000000000000000001', 'anna', 7, 3, 0, 0);
                 INSERT INTO video VALUES (1, x'00000000000000000000000000000002', 'anna', 8, 3, 1, 0);
                 INSERT INTO video VALUES (1, x'00000000000000000000000000000003', 'anna', 9, 2, 2, 1);",
            )
            .unwrap();
        assert_eq!(version_of(&connection).unwrap(), 1);
        let transaction = connection.transaction().unwrap();
        migrate(&transaction, 1, now()).unwrap();
        transaction.commit().unwrap();
        assert_eq!(version_of(&connection).unwrap(), VERSION);
        let mut select = connection
            .prepare("SELECT published_ms, sweep, route, confirm, channel, detail_ms, due_ms FROM video ORDER BY uuid")
            .unwrap();
        type Row = (i64, i64, i64, i64, String, i64, i64);
        let rows: Vec<Row> = select
            .query_map([], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
            })
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let now_ms = now().as_millisecond();
        let (known, due_ms) = (&rows[0], rows[0].6);
        assert_eq!((known.0, known.1, known.2, known.3, known.4.as_str(), known.5), (7, 3, 1, 0, "", now_ms));
        assert!((now_ms..now_ms + 604_800_000).contains(&due_ms), "{due_ms}");
        assert_eq!((rows[1].2, rows[1].5, rows[1].6), (1, 0, 0), "without detail: due at once, by the outbox");
        assert_eq!((rows[2].2, rows[2].3, rows[2].6), (2, 1, 0), "without detail: due at once, by itself");
    }

    #[test]
    fn a_file_of_version_2_goes_forward_with_its_data() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(VERSION_1).unwrap();
        connection.execute_batch(&VERSION_2.replace("?NOW", "1")).unwrap();
        connection.pragma_update(None, "user_version", 2).unwrap();
        connection
            .execute_batch("INSERT INTO playlist (host_id, uuid, channel, owner, updated_ms, sweep) VALUES (1, x'00', 'c', 'o', 5, 6);")
            .unwrap();
        let transaction = connection.transaction().unwrap();
        migrate(&transaction, 2, now()).unwrap();
        transaction.commit().unwrap();
        assert_eq!(version_of(&connection).unwrap(), VERSION);
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT COUNT(*) FROM playlist"), 1);
        assert_eq!(count("SELECT COUNT(*) FROM event") + count("SELECT COUNT(*) FROM event_group"), 0);
    }

    #[test]
    fn case_109_a_file_of_a_newer_version_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        assert!(matches!(version_of(&connection), Err(Error::NewerState { found: 5, known: 4 })));
    }
}

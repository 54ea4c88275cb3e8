//! Comma-separated values (RFC 4180), read so that one broken row spoils no other.

/// Longest row in bytes. A quote that is never closed would swallow what follows it up to here, and is looked for no further.
const MAX_ROW_BYTES: usize = 16 << 10;

/// A row with its first line, from 1; or a line that is none, and why.
pub type Record = Result<(usize, Vec<String>), (usize, String)>;

/// The rows of a text, empty lines included. After a row that is none, reading goes on with the next line.
pub fn records(text: &str) -> impl Iterator<Item = Record> {
    let mut rest = text;
    let mut line = 1;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let first_line = line;
        let (record, length) = match record(rest) {
            Ok((cells, length)) => (Ok((first_line, cells)), length),
            Err(cause) => {
                let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
                (Err((first_line, cause)), length)
            }
        };
        let (read, remaining) = rest.split_at_checked(length).unwrap_or((rest, ""));
        line += read.matches('\n').count();
        rest = remaining;
        Some(record)
    })
}

/// Reads one row; returns its cells and its length with the end of the line.
fn record(text: &str) -> Result<(Vec<String>, usize), String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut is_quoted = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if at > MAX_ROW_BYTES {
            return Err(format!("it is longer than {MAX_ROW_BYTES} bytes, or a quote is not closed"));
        }
        match character {
            '"' if is_quoted => match characters.peek() {
                Some((_, '"')) => {
                    characters.next();
                    cell.push('"');
                }
                _ => is_quoted = false,
            },
            '"' if cell.trim().is_empty() => {
                cell.clear();
                is_quoted = true;
            }
            ',' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => {
                cells.push(cell.strip_suffix('\r').map(str::to_owned).unwrap_or(cell));
                return Ok((cells, at + 1));
            }
            _ => cell.push(character),
        }
    }
    if is_quoted {
        return Err("a quote is not closed".to_owned());
    }
    cells.push(cell.strip_suffix('\r').map(str::to_owned).unwrap_or(cell));
    Ok((cells, text.len()))
}

/// Adds a row to a text.
pub fn write(text: &mut String, cells: &[&str]) {
    for (number, cell) in cells.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Record> {
        records(text).collect()
    }

    fn row(line: usize, cells: &[&str]) -> Record {
        Ok((line, cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn rows_are_read_as_the_standard_has_it() {
        assert_eq!(
            rows("a,b\r\nc,\"d\"\"e\nf\",\n\ng"),
            [row(1, &["a", "b"]), row(2, &["c", "d\"e\nf", ""]), row(4, &[""]), row(5, &["g"])]
        );
        assert!(rows("").is_empty());
        assert_eq!(rows(", \"a\" "), [row(1, &["", "a "])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_spoils_one_line() {
        let found = rows("a\n\"b,c\nd\n");
        assert_eq!((found[0].clone(), found[2].clone()), (row(1, &["a"]), row(3, &["d"])));
        assert!(matches!(&found[1], Err((2, cause)) if cause.contains("quote")));
        let long = format!("\"{}\nz\n", "x".repeat(2 * MAX_ROW_BYTES));
        let found = rows(&long);
        assert!(matches!(&found[0], Err((1, cause)) if cause.contains("longer")));
        assert_eq!(found[1], row(2, &["z"]));
    }

    #[test]
    fn what_is_written_is_read() {
        let mut text = String::new();
        write(&mut text, &["a", "b,c", "d\"e", "f\ng", ""]);
        assert_eq!(rows(&text), [row(1, &["a", "b,c", "d\"e", "f\ng", ""])]);
    }
}

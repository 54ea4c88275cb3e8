//! Text to terms. (Signatures settled; bodies follow.)

/// Folds text into terms: NFKD, marks stripped, case folded, special letters mapped (ß → ss, ł → l, ø → o, final sigma,
/// Arabic and Hebrew marks); scripts without spaces become overlapping bigrams. The same for documents and queries.
pub fn fold(_text: &str) -> Vec<String> {
    Vec::new()
}

/// The folded form of a whole tag or name: folded terms joined by single spaces.
pub fn fold_whole(text: &str) -> String {
    fold(text).join(" ")
}

/// Stems of the words of `text` in `language` (an ISO 639-1 code or PeerTube variant): lower-cased, stemmed, then
/// folded. Empty for languages without a stemmer.
pub fn stems(_text: &str, _language: &str) -> Vec<String> {
    Vec::new()
}

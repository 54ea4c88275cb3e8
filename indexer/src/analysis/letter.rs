//! One character to what it counts as. The data is ICU4X's (Unicode's own tables); only what Unicode leaves to the
//! languages is written here.

use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_properties::props::{DefaultIgnorableCodePoint, EmojiPresentation, GeneralCategory, Script};
use icu_properties::{CodePointMapData, CodePointSetData};

/// A folded character and its part in a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) character: char,
    pub(super) role: Role,
}

/// What a folded character does to the term before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Ends it.
    Separator,
    /// Continues a word between spaces.
    Word,
    /// A letter of a script without spaces.
    Dense,
    /// The same; a word by itself (a Chinese character).
    Ideograph,
    /// A Korean syllable or the beginning of one.
    Syllable,
    /// An emoji: a term by itself.
    Sign,
    /// A mark, or the second or third part of a Korean syllable: belongs to the character before it.
    Joining,
    /// The breve that makes Cyrillic й of и and an accent of everything else.
    Breve,
}

/// Calls `push` with the letters of `character`, none for what is ignored.
pub(super) fn for_each_letter(character: char, mut push: impl FnMut(Letter)) {
    match character {
        'a'..='z' | '0'..='9' => push(Letter { character, role: Role::Word }),
        'A'..='Z' => push(Letter { character: character.to_ascii_lowercase(), role: Role::Word }),
        '\u{4E00}'..='\u{9FFF}' => push(Letter { character, role: Role::Ideograph }),
        '\u{AC00}'..='\u{D7A3}' => push(Letter { character, role: Role::Syllable }),
        _ => match TABLE.get(character as usize) {
            Some(Folded::One(letter)) => push(*letter),
            Some(Folded::Many(letters)) => letters.iter().copied().for_each(push),
            None => letters_of(character).into_iter().for_each(push),
        },
    }
}

enum Folded {
    One(Letter),
    Many(Box<[Letter]>),
}

/// Characters below this are looked up, not computed: alphabets, kana, punctuation. 0.3 MiB.
const N_TABLE: u32 = 0x3400;

static TABLE: LazyLock<Vec<Folded>> = LazyLock::new(|| {
    let fold = |code| {
        let letters = char::from_u32(code).map(letters_of).unwrap_or_default();
        match letters.as_slice() {
            [letter] => Folded::One(*letter),
            _ => Folded::Many(letters.into_boxed_slice()),
        }
    };
    (0..N_TABLE).map(fold).collect()
});

const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();

fn letters_of(character: char) -> Vec<Letter> {
    // NFKD would glue the letters of these two signs to the word before them.
    if matches!(character, '™' | '℠') {
        return vec![Letter { character: ' ', role: Role::Separator }];
    }
    let mut letters = Vec::new();
    for part in NFKD.normalize_iter(std::iter::once(character)) {
        if CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(part) {
            continue;
        }
        for lower in part.to_lowercase() {
            match undecomposed(lower) {
                Some(mapped) => letters.extend(mapped.chars().filter_map(letter_of)),
                None => letters.extend(letter_of(lower)),
            }
        }
    }
    letters
}

/// Letters that Unicode keeps whole but that people type as others: the Latin ones as CLDR's Latin-ASCII transform,
/// the Arabic ones as the common Arabic and Persian search normalisations.
fn undecomposed(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ς' => "σ",
        // Alef wasla; the other alefs decompose.
        '\u{0671}' => "\u{0627}",
        // Alef maksura and Persian ya are ya.
        '\u{0649}' | '\u{06CC}' => "\u{064A}",
        // Ta marbuta and Urdu heh are heh.
        '\u{0629}' | '\u{06C1}' => "\u{0647}",
        // Persian kaf is kaf.
        '\u{06A9}' => "\u{0643}",
        // Tatweel only stretches the line.
        '\u{0640}' => "",
        _ => return None,
    })
}

fn letter_of(character: char) -> Option<Letter> {
    let role = match CodePointMapData::<GeneralCategory>::new().get(character) {
        GeneralCategory::EnclosingMark => return None,
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark => role_of_mark(character)?,
        GeneralCategory::DecimalNumber => {
            return Some(Letter { character: ascii_digit(character), role: Role::Word });
        }
        _ => role_of(character),
    };
    Some(Letter { character, role })
}

/// `None` for marks that are stripped. The combining class is Unicode's own sorting of marks: 0 are vowel signs,
/// 7 nuktas, 8 Japanese voicing, 9 viramas, 10 to 36 Hebrew and Arabic points, 84 to 132 vowels and tones of Thai,
/// Lao, Tibetan and Telugu, 200 and above accents by their place.
fn role_of_mark(character: char) -> Option<Role> {
    let class = CanonicalCombiningClassMapBorrowed::new().get_u8(character);
    match class {
        _ if character == '\u{0306}' => Some(Role::Breve),
        0 | 8 | 9 | 84..=132 => Some(Role::Joining),
        // The dot below of Burmese is a tone, not a nukta.
        7 if script(character) == Script::Myanmar => Some(Role::Joining),
        _ => None,
    }
}

fn role_of(character: char) -> Role {
    match character {
        // Modifier apostrophes and primes separate as their typographic twins do.
        '\u{02B9}'..='\u{02BF}' => return Role::Separator,
        // The long-vowel mark belongs to no single script.
        'ー' => return Role::Dense,
        // Vowels and final consonants of decomposed Korean.
        '\u{1161}'..='\u{1175}' | '\u{11A8}'..='\u{11C2}' => return Role::Joining,
        _ if CodePointSetData::new::<EmojiPresentation>().contains(character) => return Role::Sign,
        _ if !character.is_alphanumeric() => return Role::Separator,
        _ => {}
    }
    match script(character) {
        Script::Han => Role::Ideograph,
        Script::Hangul => Role::Syllable,
        Script::Hiragana | Script::Katakana | Script::Thai | Script::Lao | Script::Khmer | Script::Myanmar => {
            Role::Dense
        }
        _ => Role::Word,
    }
}

fn script(character: char) -> Script {
    CodePointMapData::<Script>::new().get(character)
}

/// Decimal digits come in runs of ten that begin at a multiple of 16 or six after one; the few others decompose.
fn ascii_digit(digit: char) -> char {
    let row = u32::from(digit) & !0xF;
    let is_digit = |code| {
        char::from_u32(code)
            .is_some_and(|c| CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::DecimalNumber)
    };
    let zero = if is_digit(row) { row } else { row + 6 };
    u32::from(digit).checked_sub(zero).and_then(|value| char::from_digit(value, 10)).unwrap_or(digit)
}

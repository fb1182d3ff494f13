//! One spelling for titles, headers and codes that people write in many ways.

/// The Cyrillic letter that looks like this Latin capital, if there is one.
const fn cyrillic_twin(letter: char) -> Option<char> {
    Some(match letter {
        'A' => 'А',
        'B' => 'В',
        'C' => 'С',
        'E' => 'Е',
        'H' => 'Н',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'P' => 'Р',
        'T' => 'Т',
        'X' => 'Х',
        'Y' => 'У',
        _ => return None,
    })
}

/// A code in capitals with Latin twins replaced, and whether there were any.
pub(crate) fn code_key(text: &str) -> (String, bool) {
    let mut has_twin = false;
    let key = text
        .chars()
        .flat_map(char::to_uppercase)
        .map(|letter| match cyrillic_twin(letter) {
            Some(twin) => {
                has_twin = true;
                twin
            }
            None => letter,
        })
        .collect();
    (key, has_twin)
}

/// Whether the text holds a Cyrillic letter.
fn has_cyrillic(text: &str) -> bool {
    text.chars()
        .any(|letter| ('\u{400}'..='\u{4ff}').contains(&letter))
}

/// The key under which titles are the same: case, ё, kinds of spaces, quotes and dashes do not
/// matter; Latin twins do not matter in words that also hold Cyrillic letters or digits only.
pub(crate) fn title_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for word in text
        .split(|letter: char| letter.is_whitespace() || letter == '\u{a0}' || letter == '\u{feff}')
    {
        if word.is_empty() {
            continue;
        }
        if !key.is_empty() {
            key.push(' ');
        }
        let is_mixed =
            has_cyrillic(word) || word.starts_with(|letter: char| letter.is_ascii_digit());
        for letter in word.chars().flat_map(char::to_uppercase) {
            let letter = if is_mixed {
                cyrillic_twin(letter).unwrap_or(letter)
            } else {
                letter
            };
            match letter {
                'Ё' => key.push('Е'),
                '«' | '»' | '"' | '“' | '”' | '„' | '\'' => {}
                '–' | '—' | '‑' | '−' => key.push('-'),
                letter => key.push(letter),
            }
        }
    }
    key
}

/// Titles of groups also lose the space between number and letter: «5 Б» is «5Б».
pub(crate) fn group_key(text: &str) -> String {
    let key = title_key(text);
    let mut letters = key.chars().peekable();
    let mut out = String::with_capacity(key.len());
    while let Some(letter) = letters.next() {
        if (letter == ' ' || letter == '-')
            && out.len() <= 2
            && !out.is_empty()
            && out.bytes().all(|byte| byte.is_ascii_digit())
        {
            continue;
        }
        out.push(letter);
    }
    out
}

/// A header cell reduced to lower-case letters, digits and single spaces.
pub(crate) fn header_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for letter in title_key(text).chars().flat_map(char::to_lowercase) {
        match letter {
            '.' | ',' | ':' | ';' | '*' | '(' | ')' | '-' | '/' | '_' | ' ' => {
                if !key.is_empty() && !key.ends_with(' ') {
                    key.push(' ');
                }
            }
            letter => key.push(letter),
        }
    }
    key.truncate(key.trim_end().len());
    key
}

/// A text without spaces, no-break spaces and byte order marks around it, single spaces within.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|letter: char| letter.is_whitespace() || letter == '\u{feff}') {
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A form number and kind that the title of a group tells: «5Б» is a class of form 5.
pub(crate) fn group_kind(title: &str) -> (svodka_journal::GroupKind, Option<i16>) {
    use svodka_journal::GroupKind;
    let key = group_key(title);
    if key.contains("ПОДГРУП") {
        return (GroupKind::Subgroup, None);
    }
    if key.contains("КВАНТ") {
        return (GroupKind::Quantum, None);
    }
    let digits = key.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=2).contains(&digits) {
        let rest: Vec<char> = key[digits..]
            .chars()
            .filter(|letter| *letter != ' ')
            .collect();
        let parallel: i16 = key[..digits].parse().unwrap_or(0);
        let is_letter = rest.is_empty()
            || (rest.len() == 1 && rest[0].is_alphabetic())
            || rest.starts_with(&['К', 'Л', 'А', 'С', 'С']);
        if is_letter && (1..=12).contains(&parallel) {
            return (GroupKind::Class, Some(parallel));
        }
    }
    (GroupKind::Circle, None)
}

//! When two spellings are one name.

/// The name as it is compared, never shown: lower case, ё as е, one space between words, none
/// after the dot of an initial, Latin twins in Cyrillic words made Cyrillic, every dash a hyphen,
/// invisible characters dropped.
#[must_use]
pub fn normalised_name(name: &str) -> String {
    let visible: String = name
        .chars()
        .filter(|&letter| !is_invisible(letter))
        .map(|letter| if is_dash(letter) { '-' } else { letter })
        .collect();
    let mut plain = String::with_capacity(visible.len());
    // `split_whitespace` knows the no-break space too.
    for word in visible.split_whitespace() {
        // «И. О.» and «И.О.» are the same initials, «Мамин - Сибиряк» is one word.
        let joins = plain.is_empty()
            || plain.ends_with('.')
            || plain.ends_with('-')
            || word.starts_with('-');
        if !joins {
            plain.push(' ');
        }
        push_word(&mut plain, word);
    }
    plain
}

fn push_word(plain: &mut String, word: &str) {
    let is_cyrillic = word
        .chars()
        .any(|letter| matches!(letter, '\u{400}'..='\u{4ff}'));
    for letter in word.chars() {
        let letter = if is_cyrillic {
            cyrillic_twin(letter)
        } else {
            letter
        };
        for small in letter.to_lowercase() {
            plain.push(if small == 'ё' { 'е' } else { small });
        }
    }
}

const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

const fn is_dash(letter: char) -> bool {
    matches!(letter, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The Cyrillic letter that looks like a Latin one.
const fn cyrillic_twin(letter: char) -> char {
    match letter {
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
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        'ë' | 'Ë' => 'ё',
        other => other,
    }
}

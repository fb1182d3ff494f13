//! How wide a text will be when the browser draws it in the page's font, which is not known here.
//!
//! The widths are the larger of two common families (DejaVu Sans, Liberation Sans), so that a
//! label which fits by this estimate fits on the page.

/// Size of all lettering, in pixels of the picture.
pub const TEXT_SIZE: f64 = 12.0;
/// From one baseline to the next.
pub const LINE_HEIGHT: f64 = 15.0;

/// Estimated width in pixels at [`TEXT_SIZE`].
#[must_use]
pub fn text_width(text: &str) -> f64 {
    let hundredths: u32 = text.chars().map(character_width).sum();
    f64::from(hundredths) * TEXT_SIZE / 100.0
}

/// The text, or its beginning with an ellipsis, so that it takes at most that many pixels.
#[must_use]
pub fn shortened(text: &str, width: f64) -> String {
    let text = one_line(text);
    if text_width(&text) <= width {
        return text;
    }
    let room = width - text_width("…");
    let mut taken = 0.0;
    let mut kept = String::new();
    for character in text.chars() {
        taken += f64::from(character_width(character)) * TEXT_SIZE / 100.0;
        if taken > room {
            break;
        }
        kept.push(character);
    }
    let kept = kept.trim_end();
    if kept.is_empty() {
        String::new()
    } else {
        format!("{kept}…")
    }
}

/// The text in at most `lines` lines of at most that many pixels, broken at spaces.
#[must_use]
pub fn wrapped(text: &str, width: f64, lines: usize) -> Vec<String> {
    let text = one_line(text);
    let mut done: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let longer = if current.is_empty() {
            word.to_owned()
        } else {
            format!("{current} {word}")
        };
        if current.is_empty() || text_width(&longer) <= width {
            current = longer;
        } else if done.len() + 1 < lines {
            done.push(std::mem::replace(&mut current, word.to_owned()));
        } else {
            // The last line takes what is left and is cut.
            current = longer;
            for rest in words.by_ref() {
                current.push(' ');
                current.push_str(rest);
            }
        }
    }
    done.push(current);
    done.into_iter()
        .map(|line| shortened(&line, width))
        .filter(|line| !line.is_empty())
        .collect()
}

/// Control characters would break the XML and mean nothing in a label.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

/// Hundredths of the font size.
const fn character_width(character: char) -> u32 {
    match character {
        '\u{a0}' | '\u{202f}' => 32,
        '\u{300}'..='\u{36f}' => 0,
        'i' | 'j' | 'l' | '\'' => 28,
        'I' | ' ' | '.' | ',' | '·' => 32,
        'f' | ':' | ';' | '-' | '/' => 36,
        't' | '(' | ')' => 40,
        'r' => 44,
        '"' => 48,
        's' | 'z' | 'J' => 52,
        'г' | 'з' | 'с' | 'э' | 'c' | 'L' | '–' => 56,
        'в' | 'к' | 'т' | 'у' | 'х' | 'ч' | 'ь' | 'я' | 'k' | 'v' | 'x' | 'y' => 60,
        'а' | 'б' | 'е' | 'л' | 'о' | 'р' | 'Г' | 'З' | 'Т' | 'У' | 'ё' | 'a' | 'b' | 'd' | 'e'
        | 'g' | 'h' | 'n' | 'o' | 'p' | 'q' | 'u' | 'F' | 'T' | '0' | '1' | '2' | '3' | '4'
        | '5' | '6' | '7' | '8' | '9' | '«' | '»' => 64,
        'и' | 'й' | 'н' | 'п' | 'ц' | 'А' | 'Е' | 'Р' | 'Ё' | 'A' | 'E' | 'K' | 'P' | 'S' | 'V'
        | 'Y' => 68,
        'д' | 'ъ' | 'Б' | 'В' | 'К' | 'С' | 'Х' | 'Ч' | 'Ь' | 'Э' | 'Я' | 'B' | 'C' | 'R' | 'X'
        | 'Z' => 72,
        'м' | 'И' | 'Й' | 'Л' | 'Н' | 'П' | 'H' | 'N' | 'U' => 76,
        'ы' | 'Д' | 'О' | 'Ц' | 'D' | 'G' | 'O' | 'Q' | '&' => 80,
        'ю' | 'Ъ' | 'w' | '−' | '+' | '×' => 84,
        'ф' | 'М' | 'Ф' | 'M' => 88,
        'ж' | 'ш' | 'Ы' => 92,
        'щ' | '%' => 96,
        'm' | 'W' | '—' | '…' => 100,
        'Ж' | 'Ш' | 'Ю' | '№' => 108,
        'Щ' => 112,
        '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ff60}' => 104,
        '\u{1f000}'..='\u{1faff}' => 140,
        _ => 84,
    }
}

//! A scan of SQL for `$params` and words, past strings, comments and quoted names.
//!
//! It is no parser: the engine parses. It finds which parameters and which tables a file names,
//! so that a header can be compared with its text without an engine.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// `$name`, without the dollar.
    Param(&'a str),
    /// A bare or double-quoted identifier or a keyword.
    Word(&'a str),
}

/// Tokens of `sql` with their byte offsets.
pub(crate) fn scan(sql: &str) -> Vec<(usize, Token<'_>)> {
    let bytes = sql.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => at = after_quoted(bytes, at, b'\''),
            b'"' => {
                let end = after_quoted(bytes, at, b'"');
                tokens.push((at, Token::Word(sql[at + 1..end].trim_end_matches('"'))));
                at = end;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = sql[at..]
                    .find('\n')
                    .map_or(bytes.len(), |length| at + length);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = sql[at + 2..]
                    .find("*/")
                    .map_or(bytes.len(), |length| at + length + 4);
            }
            b'$' => {
                let end = word_end(bytes, at + 1);
                if end > at + 1 {
                    tokens.push((at, Token::Param(&sql[at + 1..end])));
                }
                at = end;
            }
            byte if is_word(byte) => {
                let end = word_end(bytes, at);
                if !byte.is_ascii_digit() {
                    tokens.push((at, Token::Word(&sql[at..end])));
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    tokens
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..]
        .iter()
        .position(|&byte| !is_word(byte))
        .map_or(bytes.len(), |length| start + length)
}

/// The position after the closing quote; a doubled quote is part of the text.
fn after_quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) != Some(&quote) {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    bytes.len()
}

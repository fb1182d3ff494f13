//! A scanner for the XML of a sheet: tags, texts, nothing else.
//!
//! A sheet is millions of `<c r="A1" t="s"><v>0</v></c>`; a general parser checks and copies what
//! nobody asks for. This one goes over the bytes once, keeps no stack and expands no entity but the
//! five predefined ones and character references.

use memchr::{memchr, memmem};

/// What comes next in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// An opening tag: local name, attributes as written, whether it closes itself.
    Open {
        name: &'a str,
        attributes: &'a str,
        is_empty: bool,
    },
    Close {
        name: &'a str,
    },
    /// Text as written; entities stand in it.
    Text(&'a str),
    /// Text of a CDATA section.
    Raw(&'a str),
    /// The text is over.
    End,
    /// A tag breaks off.
    Broken,
}

/// Goes over the text.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, position: 0 }
    }

    /// The next piece; comments and declarations are passed over.
    #[inline]
    pub fn next(&mut self) -> Piece<'a> {
        loop {
            let bytes = self.text.as_bytes();
            let start = self.position;
            let Some(&first) = bytes.get(start) else {
                return Piece::End;
            };
            if first != b'<' {
                let length = memchr(b'<', &bytes[start..]).unwrap_or(bytes.len() - start);
                self.position = start + length;
                return Piece::Text(&self.text[start..start + length]);
            }
            match bytes.get(start + 1) {
                None => return Piece::Broken,
                Some(b'/') => {
                    let Some(length) = memchr(b'>', &bytes[start..]) else {
                        return Piece::Broken;
                    };
                    self.position = start + length + 1;
                    return Piece::Close {
                        name: local(self.text[start + 2..start + length].trim_ascii_end()),
                    };
                }
                Some(b'!') => {
                    let rest = &bytes[start..];
                    if rest.starts_with(b"<![CDATA[") {
                        let Some(length) = memmem::find(rest, b"]]>") else {
                            return Piece::Broken;
                        };
                        self.position = start + length + 3;
                        return Piece::Raw(&self.text[start + 9..start + length]);
                    }
                    let end: &[u8] = if rest.starts_with(b"<!--") {
                        b"-->"
                    } else if memchr(b'[', rest)
                        .is_some_and(|bracket| memchr(b'>', rest).is_none_or(|end| bracket < end))
                    {
                        // A document type with definitions inside.
                        b"]>"
                    } else {
                        b">"
                    };
                    let Some(length) = memmem::find(rest, end) else {
                        return Piece::Broken;
                    };
                    self.position = start + length + end.len();
                }
                Some(b'?') => {
                    let Some(length) = memmem::find(&bytes[start..], b"?>") else {
                        return Piece::Broken;
                    };
                    self.position = start + length + 2;
                }
                Some(_) => return self.open(start),
            }
        }
    }

    /// An opening tag; a `>` inside quotes does not end it.
    #[inline]
    fn open(&mut self, start: usize) -> Piece<'a> {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        let mut name_end = 0;
        let mut quote = 0u8;
        loop {
            let Some(&byte) = bytes.get(at) else {
                return Piece::Broken;
            };
            if quote != 0 {
                if byte == quote {
                    quote = 0;
                }
            } else {
                match byte {
                    b'>' => break,
                    b'"' | b'\'' => quote = byte,
                    b' ' | b'\t' | b'\n' | b'\r' | b'/' if name_end == 0 => name_end = at,
                    _ => {}
                }
            }
            at += 1;
        }
        self.position = at + 1;
        let is_empty = bytes[at - 1] == b'/';
        let end = if is_empty { at - 1 } else { at };
        if name_end == 0 {
            name_end = end;
        }
        Piece::Open {
            name: local(&self.text[start + 1..name_end]),
            attributes: self.text.get(name_end..end).unwrap_or(""),
            is_empty,
        }
    }
}

/// The name without its prefix.
#[inline]
fn local(name: &str) -> &str {
    match memchr(b':', name.as_bytes()) {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

/// Calls `take` with every attribute's name and value as written.
#[inline]
pub(crate) fn attributes<'a>(text: &'a str, mut take: impl FnMut(&'a str, &'a str)) {
    let mut rest = text;
    while let Some(equals) = memchr(b'=', rest.as_bytes()) {
        let name = rest[..equals].trim_ascii();
        let value = rest[equals + 1..].trim_ascii_start();
        let Some(&quote) = value.as_bytes().first() else {
            return;
        };
        if quote != b'"' && quote != b'\'' {
            return;
        }
        let Some(length) = memchr(quote, &value.as_bytes()[1..]) else {
            return;
        };
        take(name, &value[1..=length]);
        rest = &value[length + 2..];
    }
}

/// Appends a text, its entities resolved; what is no entity stays as written.
#[inline]
pub(crate) fn push_text(text: &str, out: &mut String) {
    if memchr(b'&', text.as_bytes()).is_none() {
        out.push_str(text);
        return;
    }
    match quick_xml::escape::unescape(text) {
        Ok(resolved) => out.push_str(&resolved),
        Err(_) => out.push_str(text),
    }
}

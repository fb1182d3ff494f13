//! Bytes of a text file become UTF-8.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1251};
use std::borrow::Cow;

/// How a text file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextEncoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1251,
}

/// Bytes looked at to tell the encoding.
const SAMPLE: usize = 1 << 16;

/// Tells the encoding by its mark or by what the bytes can be; none for bytes that are no text.
pub(crate) fn detect(bytes: &[u8]) -> Option<TextEncoding> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => return Some(TextEncoding::Utf8),
        [0xff, 0xfe, ..] => return Some(TextEncoding::Utf16Le),
        [0xfe, 0xff, ..] => return Some(TextEncoding::Utf16Be),
        _ => {}
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let zeros_even = sample.iter().step_by(2).filter(|byte| **byte == 0).count();
    let zeros_odd = sample
        .iter()
        .skip(1)
        .step_by(2)
        .filter(|byte| **byte == 0)
        .count();
    if zeros_even + zeros_odd > 0 {
        // UTF-16 without a mark: separators and digits leave zeros on one side only.
        let enough = sample.len() / 20;
        return match (zeros_even, zeros_odd) {
            (0, odd) if odd > enough => Some(TextEncoding::Utf16Le),
            (even, 0) if even > enough => Some(TextEncoding::Utf16Be),
            _ => None,
        };
    }
    if is_utf8_prefix(sample, bytes.len() > sample.len()) {
        return Some(TextEncoding::Utf8);
    }
    let controls = sample
        .iter()
        .filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'))
        .count();
    // 0x98 has no letter in windows-1251; Cyrillic letters are 0xC0 and above, Ё and ё below.
    let letters = sample.iter().filter(|byte| **byte >= 0xc0).count();
    let odd_signs = sample
        .iter()
        .filter(|byte| (0x80..0xc0).contains(*byte))
        .count();
    (controls == 0 && letters > odd_signs && !sample.contains(&0x98))
        .then_some(TextEncoding::Windows1251)
}

/// Whether the bytes are UTF-8, but for a letter cut at the end.
fn is_utf8_prefix(sample: &[u8], is_cut: bool) -> bool {
    match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => is_cut && error.error_len().is_none(),
    }
}

/// The text as UTF-8 bytes without a byte order mark. UTF-8 input is not checked as a whole here:
/// readers check what they keep.
pub(crate) fn decode(bytes: &[u8], encoding: TextEncoding) -> Cow<'_, [u8]> {
    match encoding {
        TextEncoding::Utf8 => Cow::Borrowed(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
        TextEncoding::Utf16Le => owned(UTF_16LE.decode_with_bom_removal(bytes).0),
        TextEncoding::Utf16Be => owned(UTF_16BE.decode_with_bom_removal(bytes).0),
        TextEncoding::Windows1251 => owned(WINDOWS_1251.decode_without_bom_handling(bytes).0),
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

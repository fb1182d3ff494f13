//! From bytes to rows, worked by hand; then into the lake and back.

mod bundle; // Дневник.ру JSON
mod bytes; // files as bytes: workbooks as XML, texts in any encoding
mod hostile; // bad, broken and malicious files
mod long; // tables with a header row
mod merge; // exports meet exports: order, slices, provenance
mod school; // one block per pupil

//! svodka-ingest

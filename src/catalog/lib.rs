//! svodka-catalog

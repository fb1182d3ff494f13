//! svodka-lake

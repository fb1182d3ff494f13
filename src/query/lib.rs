//! svodka-query

//! svodka-regulation

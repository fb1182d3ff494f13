//! svodka-server

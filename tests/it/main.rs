//! Integration tests; each file is a module.

mod cases;
mod tidy;

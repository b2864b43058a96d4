//! Integration tests; each file is a module.

mod cases;
mod review;
mod tidy;

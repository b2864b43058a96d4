//! Integration tests; each file is a module.

mod cases;
mod killed;
mod review;
mod tidy;

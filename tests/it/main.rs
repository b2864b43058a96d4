//! Integration tests; each file is a module.

mod cases;
mod extract_cases;
mod hostile;
mod killed;
mod review;
mod tidy;

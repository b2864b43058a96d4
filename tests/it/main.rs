//! Integration tests; each file is a module.

mod review;
mod extract_cases;
mod hostile;

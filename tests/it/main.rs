//! Integration tests; each file is a module.

mod extract_cases;
mod hostile;
mod review;

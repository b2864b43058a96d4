//! Integration tests; each file is a module.

mod review;

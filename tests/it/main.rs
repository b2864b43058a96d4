//! Integration tests; each file is a module.

mod reload;
mod reload_business;
mod reload_servers;

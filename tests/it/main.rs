//! Integration tests; each file is a module.

mod cases;
mod extract_cases;
mod hostile;
mod killed;
mod reload;
mod reload_business;
mod reload_servers;
mod reload_shapes;
mod review;
mod tidy;
mod worlds;

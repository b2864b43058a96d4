//! Integration tests; each file is a module.

mod cases;
mod demo;
mod docs;
mod extract_cases;
mod generated;
mod hostile;
mod init;
mod killed;
mod mappings;
mod pages;
mod reload;
mod reload_business;
mod reload_demo;
mod reload_servers;
mod reload_shapes;
mod reload_tenants;
mod reload_worlds;
mod review;
mod sheet;
mod simulated_dumps;
mod stage_cases;
mod standing;
mod tidy;
mod worlds;
mod written;

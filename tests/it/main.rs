//! Integration tests; each file is a module.

mod cases;
mod demo;
mod docs;
mod extract_cases;
mod fakes;
mod hostile;
mod killed;
mod live;
mod live_emulate;
mod live_google_login;
mod live_rebuild;
mod mappings;
mod reload;
mod reload_business;
mod reload_demo;
mod reload_servers;
mod reload_shapes;
mod reload_tenants;
mod reload_worlds;
mod review;
mod simulated_dumps;
mod stage_cases;
mod tidy;
mod worlds;
mod written;

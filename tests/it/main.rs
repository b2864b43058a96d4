//! Integration tests; each file is a module.

mod cases;
mod demo;
mod docs;
mod extract_cases;
mod hostile;
mod killed;
mod mappings;
mod reload;
mod reload_business;
mod reload_demo;
mod reload_faults;
mod reload_live;
mod reload_properties;
mod reload_scale;
mod reload_servers;
mod reload_shapes;
mod reload_tenants;
mod reload_worlds;
mod review;
mod stage_cases;
mod tidy;
mod worlds;
mod written;

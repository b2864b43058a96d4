//! rebook.toml.

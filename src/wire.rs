//! The model's nouns as JSON, for answers and for staging.

//! A case that ends at Stage 1.

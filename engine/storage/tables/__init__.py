"""The tables, one noun a module; `engine.storage.schema` has them all."""

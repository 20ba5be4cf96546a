"""The routes, one noun a file; each has a `router`, and routes ask a caller's desk, never a table."""

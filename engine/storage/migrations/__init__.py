"""The schema, version by version; nothing else makes a table."""

"""What happens: read facts, run, verify, explain, export. Only this floor reads YAML and workbooks."""

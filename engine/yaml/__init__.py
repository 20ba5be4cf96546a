"""A YAML file with its lines."""

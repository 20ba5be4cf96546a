"""When the service acts of itself."""

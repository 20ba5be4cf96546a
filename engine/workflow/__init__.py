"""What people do in the service: one noun a module."""

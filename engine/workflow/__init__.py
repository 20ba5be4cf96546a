"""What people do with the service: one noun a module, commands and queries on a desk."""

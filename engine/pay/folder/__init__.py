"""A payment as a folder: made, kept, read again, verified, told."""

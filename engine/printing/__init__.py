"""The printed page, pictures, and writing one file whole."""

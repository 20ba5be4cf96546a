"""A run as a folder: made, checked, explained."""

"""Runs repeated with changes."""

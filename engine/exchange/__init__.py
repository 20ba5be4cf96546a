"""Allocation problems as JSON, in and out."""

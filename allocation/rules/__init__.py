"""Allocation rules: one file per rule, found by looking into the folder."""

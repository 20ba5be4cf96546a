"""A result as a workbook for people."""

"""`liangyun pay …`: from institutions' amounts to people, and the files that others are given."""

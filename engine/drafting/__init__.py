"""Writing a plan: the schema that editors use, the page of its keys, a first draft, what is odd in it, terms."""

"""The sheets of a payment, print-ready: each a module with `sheet(book, paid, …)`."""

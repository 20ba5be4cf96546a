"""What was wrong in a payment, put right: cases with their documents, signed lines, reserves, recovery."""

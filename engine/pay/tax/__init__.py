"""Income tax withheld from people: rules as dated data, lists of payments, what is withheld of each."""

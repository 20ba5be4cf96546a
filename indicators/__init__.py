"""Facts → indicator values → scores. Pure; one module per theme."""

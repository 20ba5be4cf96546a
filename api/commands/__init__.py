"""One module per command of the command line; `api/cli.py` imports each only when it is called."""

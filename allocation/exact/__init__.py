"""The proved core: the exact optimum of one problem, its proof, and whole fen."""

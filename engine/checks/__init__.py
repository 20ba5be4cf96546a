"""Whether what was filled in is plausible: ratios, comparisons and sums of what the tables hold. Decides no amount."""

"""From an institution's amount to each person: roster, split, quota, tax, corrections, sheets and files for others."""

"""`make bundle`: one folder per platform with everything that an installation without a network needs."""

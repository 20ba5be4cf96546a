"""Facts and plan to a result, in memory."""

"""Methods that analyse a table and never decide pay."""

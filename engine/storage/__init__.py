"""What the service keeps: tables and their migrations, one desk per transaction, scope, audit, files and keys."""

"""What an auditor asks of payments: findings with their cells, quota, one person's year, batches. By codes."""

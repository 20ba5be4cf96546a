"""The vocabulary: money, period, institution, facts, plan and pack schema, problems, steps. Imports none of ours."""

"""The vocabulary: money, period, institution, facts, policy schema, problems, trace. Imports none of ours."""

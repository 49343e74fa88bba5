"""The assets: small steps named for the tables they hold. Logic stands in plain functions and SQL; bodies are calls."""

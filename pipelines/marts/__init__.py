"""The published tables: their columns, their contracts, and how a run's tables are put out together."""

"""The pages: each arranges queries, tables and charts, and computes nothing itself."""

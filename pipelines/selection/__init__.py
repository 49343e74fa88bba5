"""Scores, the yearly list of model units, contact points, and what other weights, quotas and gates would choose.

Pure functions on frames and arrays. No storage and no Dagster; the numbers that decide come from expectations/selection.yaml.
"""

"""Numbers that lie far from the unit's own history or from its peers: findings that ask for an explanation, never a verdict.

scale, ranges and question are functions on arrays; answers reads the warehouse; stage puts them together. What is compared, and
what is far, is declared in expectations/outliers.yaml.
"""

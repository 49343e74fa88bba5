"""Signs of form-filling (疑点): tests over usable answers of a quarter, and what they lead a reviewer to ask.

A file a kind of sign, which turns figures into tests; judge.py puts the tests of a quarter together and says which of them to ask about.
What is tested is declared in expectations/signs.yaml; the arithmetic is pipelines/statistics.
"""

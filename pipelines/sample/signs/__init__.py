"""Planted signs (疑点): figures that no rule between answers forbids, and that a careful reader would still ask about.

plan.py says who shows which sign and when; outliers.py, attendance.py and copies.py change the answers accordingly; show.py chooses among them.
They know nothing of how signs are looked for.
"""

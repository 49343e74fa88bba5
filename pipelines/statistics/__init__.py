"""The statistics of comparison, trend and doubt: pure functions on arrays, each with its source in its docstring.

Knows nothing of units, periods or the catalogue, stores nothing, and imports nothing of the rest of the project. Import the
module that is needed (`from pipelines.statistics import funnel`): this one imports none, since scipy takes a second to load.

What holds for all of them: arrays in any shape that broadcasts, or a series along the last axis; a missing value is NaN or
null and comes out missing (NaN, None, or `judged` false), never as a judgement; 0 of 0 is missing; a plain number comes out
for plain numbers. A count that cannot be (negative, not whole, k above n) is a ValueError: findings deal with bad data before.
Statistics say how sure we are and where to look; whether a standard is met is arithmetic, and only `proportion.meets` says so.
"""

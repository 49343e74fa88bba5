"""A synthetic province (示例数据): registry, filled workbooks, times of receipt, and the planted truth beside them.

Only the command line calls it, and nothing of the pipeline reads what it plants.
"""

from pipelines.sample.make import SampleSummary, make_sample

__all__ = ["SampleSummary", "make_sample"]

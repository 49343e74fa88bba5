"""From answers to findings: frames, suites run by Great Expectations, and the sentence that the clerk reads."""

"""Great Expectations' Data Docs of a period: its own pages on the rules of each form, whole on a network without an outside."""

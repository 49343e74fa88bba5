"""Files that people take along: what computes their rows and what writes them. Reads published marts only."""

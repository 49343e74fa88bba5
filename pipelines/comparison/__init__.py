"""Like compared with like: who is a unit's like, how sure its figures are, and where it stands among its peers."""

"""The registry of units and branches: its entries, its file, and the checks on entry."""

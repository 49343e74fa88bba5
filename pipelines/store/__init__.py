"""data/raw: what was received, as it was received. Written by `receive` alone; nothing here is edited or deleted."""

"""The typed entries of the catalogue, one subject a module. Each refuses unknown keys and impossible values."""

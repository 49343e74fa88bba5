"""From a file to answers: bounds, cells, identity, values. A file is hostile until it is read; its faults become findings."""

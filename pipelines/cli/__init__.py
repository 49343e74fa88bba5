"""The command line: `sanxing`. Parses, calls, prints; the work is done elsewhere. Imports what a command needs when it runs."""

from pipelines.cli.main import main

__all__ = ["main"]

"""Why a file as a whole cannot be taken: the rule that it breaks, and what was found, in Chinese."""

from __future__ import annotations


class Refusal(Exception):
    """A file that is not read any further. rule: an entry of rules/reading.yaml with `refuses: true`."""

    def __init__(self, rule: str, found: str, sheet: str | None = None, cell: str | None = None) -> None:
        super().__init__(found)
        self.rule, self.found, self.sheet, self.cell = rule, found, sheet, cell

    def __reduce__(self) -> tuple[type[Refusal], tuple[str, str, str | None, str | None]]:
        return Refusal, (self.rule, self.found, self.sheet, self.cell)

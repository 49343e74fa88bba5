"""What the text in 情况说明 must be to count as an explanation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property

from pydantic import Field

from expectations.models.base import CatalogueEntry

_NO_WORD = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Letters, digits and Chinese characters alone, in their plain forms."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()


class Explanations(CatalogueEntry):
    """explanations.yaml. boilerplate: phrases that say nothing; shortest: characters; most_rows: rows that one text may stand beside."""

    boilerplate: tuple[str, ...] = Field(min_length=1)
    shortest: int = Field(ge=1, le=20)
    most_rows: int = Field(ge=1)

    def shortcoming(self, text: str, names: Iterable[str], rows: int) -> str | None:
        """Why a text explains nothing, in Chinese, to be read after «情况说明“…”»; None where it counts.

        names: what the row is about (question, branch, unit), which it may have repeated; rows: how many rows of the file have this text.
        """
        words = plain(text)
        if not words or words.isdecimal():
            return "没有文字" if not words else "只有数字"
        if self._is_phrases(words):
            return "是套话，没有写明具体情况"
        if any(
            words == name or self._is_phrases(words.replace(name, "")) for name in map(plain, names) if name
        ):
            return "只是重复了名称，没有写明具体情况"
        if len(words) < self.shortest:
            return "过于简短，没有写明具体情况"
        if rows > self.most_rows:
            return f"同样的话写在{rows}行，没有分别写明情况"
        return None

    def _is_phrases(self, words: str) -> bool:
        """Whether the words are phrases on end, whichever way they are parted; each place is looked at once."""
        reached = [True] + [False] * len(words)
        for start in range(len(words)):
            if reached[start]:
                for length in self._lengths:
                    if words[start : start + length] in self._phrases:
                        reached[min(start + length, len(words))] = True
        return reached[-1]

    @cached_property
    def _phrases(self) -> frozenset[str]:
        return frozenset(map(plain, self.boilerplate))

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted({len(phrase) for phrase in self._phrases}))

"""Text as it can be shown anywhere: no control character, no turn of direction, no broken encoding reaches a terminal or a file."""

from __future__ import annotations

import unicodedata

# Controls, marks that cannot be seen (turns of direction among them), lone surrogates, ends of line and paragraph.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def visible(text: str) -> str:
    """The text with what cannot be seen drawn or named: an escape is ␛, an end of line ␊, a turn of direction [U+202E]."""
    return text if text.isprintable() else "".join(map(_drawn, text))


def _drawn(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else f"[U+{code:04X}]"


def file_name(name: str) -> str:
    """A file's name or path as the system gives it, as text; one that is not UTF-8 was most likely written as GBK."""
    given = name.encode("utf-8", "surrogateescape")
    try:
        return visible(given.decode("utf-8"))
    except UnicodeDecodeError:
        return visible(given.decode("gb18030", "replace"))

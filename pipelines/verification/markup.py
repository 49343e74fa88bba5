"""Parsing of XML that nobody vouches for: no document type, no depth without bound, no element of a foreign kind taken for one of ours."""

from __future__ import annotations

from xml.parsers import expat

MOST_LEVELS = 60
MOST_ATTRIBUTES = 200
MOST_NAMES = 1_000
# Each in the transitional and the strict form of the standard.
TEXTS = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
SHEETS = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_KEYS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)


class NotOurs(Exception):
    """The file is no list of this system, or not to be read as one. The message is Chinese and says why."""


class Parser:
    """An XML parser for one part.

    Subclasses say what to do at the start and end of an element and with text. What belongs to `spaces` is called by its local name (any
    namespace, where none is declared); anything else, which programs would not take for it, by its whole name, with a blank in it.
    """

    spaces: tuple[str, ...] = ()
    is_qualified = False  # whether attributes stand in the namespace too

    def __init__(self) -> None:
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._refuse
        self._expat.StartElementHandler = self._starts
        self._expat.EndElementHandler = self._ends
        self._expat.CharacterDataHandler = self.text
        self._levels = 0
        self._elements: dict[str, str] = {}
        self._attributes: dict[str, str] = {}

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Parse the next bit of the part. Raises NotOurs."""
        try:
            self._expat.Parse(piece, is_last)
        except (
            expat.ExpatError,
            ValueError,
            LookupError,
        ):  # the last two: an encoding that no office program writes
            raise NotOurs("文件内容已损坏") from None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text inside the element that is open."""

    def _starts(self, name: str, attributes: dict[str, str]) -> None:
        self._levels += 1
        if len(attributes) > MOST_ATTRIBUTES:
            raise NotOurs("文件含有办公软件不会写入的内容")
        if self._levels > MOST_LEVELS:
            raise NotOurs(f"文件内容嵌套超过{MOST_LEVELS}层，不是办公软件保存的")
        self.start(self._element(name), {self._attribute(key): value for key, value in attributes.items()})

    def _ends(self, name: str) -> None:
        self._levels -= 1
        self.end(self._element(name))

    def _element(self, name: str) -> str:
        known = self._elements.get(name)
        if known is None:
            space, _, local = name.rpartition(" ")
            known = local if space and (not self.spaces or space in self.spaces) else f" {name}"
            _remember(self._elements, name, known)
        return known

    def _attribute(self, name: str) -> str:
        known = self._attributes.get(name)
        if known is None:
            space, _, local = name.rpartition(" ")
            is_own = space in self.spaces if self.is_qualified else not space
            known = local if is_own or space in _KEYS else f" {name}"
            _remember(self._attributes, name, known)
        return known

    def _refuse(self, *_: object) -> None:
        raise NotOurs("文件含有办公软件不会写入的内容")


def _remember(names: dict[str, str], name: str, known: str) -> None:
    if len(names) < MOST_NAMES:
        names[name] = known

"""XML parts as bytes with the places of their tags: a change replaces the bytes of one tag, and all other bytes stay.

No XML library writes a part back as it was: prefixes, declarations and order of attributes are the sender's and matter to
office programs. A part with comments, CDATA or another encoding than UTF-8 is Unfit: then every `<` begins a tag.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pipelines.returned.unfit import Unfit

Edit = tuple[int, int, bytes]
_TAG = re.compile(
    rb"""<(/?)([A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>"""
)
_ATTRIBUTE = re.compile(rb"""([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w-]+)["']""")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Element:
    """A tag and what it holds, by places in the part: [start, inner) opens it, [close, end) closes it."""

    name: str
    raw: bytes
    start: int
    inner: int
    close: int = -1
    end: int = -1
    children: list[Element] = field(default_factory=list)

    @property
    def local(self) -> str:
        return self.name.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        return self.name[: -len(self.local)]

    @property
    def is_empty(self) -> bool:
        """Written as one tag, `<x/>`."""
        return self.close == self.end

    @property
    def attributes(self) -> dict[str, str]:
        return attributes(self.raw)

    def child(self, local: str) -> Element | None:
        return next((child for child in self.children if child.local == local), None)

    def all(self, local: str) -> list[Element]:
        return [child for child in self.children if child.local == local]

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            yield from child.walk()


def attributes(raw: bytes) -> dict[str, str]:
    """The attributes in a tag's bytes, by their names as written."""
    return {
        match[1].decode(): unescape((match[2] if match[2] is not None else match[3]).decode())
        for match in _ATTRIBUTE.finditer(raw)
    }


def whole(text: str) -> int:
    """A number that counts or points to something. Raises Unfit where it is none."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Unfit("no whole number")
    return int(text)


def real(text: str) -> float:
    """A measure. Raises Unfit where it is none."""
    try:
        number = float(text)
    except ValueError:
        raise Unfit("no number") from None
    if not math.isfinite(number):
        raise Unfit("no finite number")
    return number


def check(part: bytes) -> None:
    """Raise Unfit unless the part is well-formed, UTF-8, and every `<` in it begins a tag."""
    declared = _DECLARED.match(part)
    if declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise Unfit("encoding")
    if b"<!" in part or part.count(b"<?") > 1:
        raise Unfit("comments, CDATA or instructions")
    try:
        expat.ParserCreate().Parse(part, True)
    except expat.ExpatError:
        raise Unfit("not well-formed") from None


def parse(part: bytes, opaque: str | None = None) -> Element:
    """The root of a part. What stands inside `opaque` elements is passed over. Raises Unfit."""
    check(part)
    top = Element("", b"", 0, 0)
    stack = [top]
    place = 0
    while match := _TAG.search(part, place):
        place = match.end()
        name = match[2].decode()
        if match[1]:
            element = stack.pop()
            if element.name != name:
                raise Unfit("names that are not ASCII")
            element.close, element.end = match.start(), place
            continue
        element = Element(name, match[3], match.start(), place)
        stack[-1].children.append(element)
        if match[4]:
            element.close = element.end = place
            continue
        stack.append(element)
        if opaque is not None and element.local == opaque:
            place = part.index(f"</{name}".encode(), place)
    if len(top.children) != 1 or len(stack) != 1:
        raise Unfit("no single root")
    return top.children[0]


def text_of(part: bytes, element: Element) -> str:
    """The text inside an element that holds no other."""
    return unescape(part[element.inner : element.close].decode()).replace("\r\n", "\n")


def apply(part: bytes, edits: Iterable[Edit]) -> bytes:
    """The part with these places replaced; edits do not overlap, and insertions at one place keep their order."""
    pieces, place = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        if start < place:
            raise Unfit("overlapping edits")
        pieces += [part[place:start], new]
        place = end
    return b"".join([*pieces, part[place:]])


def removed(element: Element) -> Edit:
    return element.start, element.end, b""


def changed(element: Element, **values: str | None) -> Edit:
    """The element's opening tag with attributes set, or taken away where the value is None."""
    raw = with_attributes(element.raw, **values)
    tail = b"/>" if element.is_empty else b">"
    return element.start, element.inner, b"<" + element.name.encode() + raw + tail


def with_attributes(raw: bytes, **values: str | None) -> bytes:
    """A tag's attributes, as bytes, with some of them set or taken away; the others keep their bytes."""
    for name, value in values.items():
        found = next((match for match in _ATTRIBUTE.finditer(raw) if match[1].decode() == name), None)
        new = b"" if value is None else f"{name}={quoted(value)}".encode()
        if found is not None:
            raw = raw[: found.start()].rstrip() + (b" " if new else b"") + new + raw[found.end() :]
        elif new:
            raw += b" " + new
    return raw


def appended(element: Element, new: bytes, after: Element | None = None) -> Edit:
    """`new` as the last child, or as the first one behind the child `after`."""
    if after is not None:
        return after.end, after.end, new
    if element.is_empty:
        name = element.name.encode()
        return element.start, element.end, b"<" + name + element.raw + b">" + new + b"</" + name + b">"
    return element.close, element.close, new


def clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _ILLEGAL.sub("", text)


def escaped(text: str) -> str:
    return escape(clean(text))


def quoted(text: str) -> str:
    """An attribute's value with its quotes."""
    return quoteattr(clean(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})

"""The words of one worksheet's comments: ours added behind the sender's or taken away. Boxes and conversations follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pipelines.returned import tags
from pipelines.returned.boxes import Boxes
from pipelines.returned.cells import SheetPart
from pipelines.returned.marks import AUTHOR, find_mark
from pipelines.returned.package import CONTENT, Package
from pipelines.returned.tags import Edit, Element
from pipelines.returned.threads import Threads
from pipelines.returned.unfit import Unfit
from pipelines.workbook.styles import BODY_FONT

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NEW = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}"><authors></authors>'
    "<commentList></commentList></comments>"
).encode()


class Mark(NamedTuple):
    """A mark of ours that was taken away: the fill that its cell had."""

    cell: str
    fill: str


class Comments:
    """The comments of one sheet. `number`: the sheet's place in the workbook (boxes.py)."""

    def __init__(self, package: Package, sheet_name: str, number: int) -> None:
        self._package, self._sheet_name, self._number = package, sheet_name, number
        self._found = package.related(sheet_name, "comments")
        self._part = package.read(self._found[1]) if self._found else _NEW

    def hold_marks(self) -> bool:
        """Whether any of our words may be in them: a cheap look, before anything is parsed."""
        return AUTHOR.encode() in self._part

    def take_marks(self, sheet: SheetPart) -> list[Mark]:
        """Take our words out of all comments; a comment that was ours alone goes with its box, and so do empty parts."""
        if self._found is None:
            return []
        ended = Threads(self._package, self._sheet_name).take_marks()
        comments = _list_of(tags.parse(self._part)).all("comment")
        marks: list[Mark] = []
        edits: list[Edit] = []
        gone: list[str] = []
        for comment in comments:
            found = _without_mark(self._part, comment)
            if found is None:
                continue
            fill, changes = found
            cell = comment.attributes.get("ref", "")
            marks.append(Mark(cell, fill))
            if changes and cell not in ended:
                edits += changes
            else:
                edits.append(tags.removed(comment))
                gone.append(cell)
        if gone:
            Boxes(self._package, self._sheet_name, sheet, self._number).drop(gone)
        if len(gone) == len(comments):
            self._package.cut(self._sheet_name, self._found[0])
        else:
            self._package.write(self._found[1], tags.apply(self._part, edits))
        return marks

    def add(self, sheet: SheetPart, texts: Mapping[str, str]) -> None:
        """Put our words into the comments of these cells, behind what is there."""
        root = tags.parse(self._part)
        entries = _list_of(root)
        known = {comment.attributes.get("ref", ""): comment for comment in entries.all("comment")}
        new = {cell: text for cell, text in texts.items() if cell not in known}
        whole = {
            cell: f"{_said(self._part, known[cell])}\n{text}" for cell, text in texts.items() if cell in known
        }
        author, edits = _author(self._part, root)
        for cell in whole:
            edits += _with_text(self._part, known[cell], texts[cell])
        written = "".join(_comment(root.prefix, cell, author, text) for cell, text in new.items())
        edits.append(tags.appended(entries, written.encode()))
        self._write(tags.apply(self._part, edits))
        boxes = Boxes(self._package, self._sheet_name, sheet, self._number)
        boxes.fit(whole)
        boxes.add(new)
        Threads(self._package, self._sheet_name).reply(texts)

    def _write(self, part: bytes) -> None:
        if self._found is not None:
            self._package.write(self._found[1], part)
            return
        name = self._package.free("xl/comments{}.xml")
        self._package.add(name, part, f"{CONTENT}spreadsheetml.comments+xml")
        self._package.relate(self._sheet_name, "comments", name)


def _list_of(root: Element) -> Element:
    found = root.child("commentList")
    if root.local != "comments" or found is None:
        raise Unfit("no list of comments")
    return found


def _texts(comment: Element) -> list[tuple[Element, Element]]:
    """What shows of a comment, in order: the plain text or run, and its `t`; phonetic hints are not part of it."""
    text = comment.child("text")
    children = text.children if text is not None else []
    return [
        (child, t) for child in children if child.local in ("t", "r") for t in child.walk() if t.local == "t"
    ]


def _said(part: bytes, comment: Element) -> str:
    return "".join(tags.text_of(part, t) for _, t in _texts(comment))


def _without_mark(part: bytes, comment: Element) -> tuple[str, list[Edit]] | None:
    """The fill that our words remember, and the edits that take the words out; no edits where nothing else is said.

    An office program may have joined our run with the sender's or split it: the words are found in the text as a whole.
    """
    runs = [(run, t, tags.text_of(part, t)) for run, t in _texts(comment)]
    found = find_mark("".join(text for _, _, text in runs))
    if found is None:
        return None
    start, end, fill = found
    edits: list[Edit] = []
    at = 0
    rest = ""
    for run, t, text in runs:
        low, high = max(start - at, 0), max(end - at, 0)
        left = text[:low] + text[high:]
        if left != text:
            edits.append((t.start, t.end, _t(t.prefix, left)) if left else tags.removed(run))
        rest += left
        at += len(text)
    return fill, edits if rest.strip() else []


def _t(prefix: str, text: str) -> bytes:
    return f'<{prefix}t xml:space="preserve">{tags.escaped(text)}</{prefix}t>'.encode()


def _comment(prefix: str, cell: str, author: int, text: str) -> str:
    p = prefix
    return f'<{p}comment ref="{cell}" authorId="{author}"><{p}text>{_run(p, text)}</{p}text></{p}comment>'


def _run(prefix: str, text: str) -> str:
    p = prefix
    look = f'<{p}rPr><{p}sz val="9"/><{p}color indexed="81"/><{p}rFont val="{BODY_FONT}"/><{p}family val="3"/><{p}charset val="134"/></{p}rPr>'
    return f"<{p}r>{look}{_t(p, text).decode()}</{p}r>"


def _with_text(part: bytes, comment: Element, text: str) -> list[Edit]:
    """Our words behind the sender's; a plain text becomes the first run of a rich one."""
    holder = comment.child("text")
    if holder is None:
        raise Unfit("a comment without a text")
    run = _run(comment.prefix, f"\n{text}" if _said(part, comment) else text).encode()
    plain, runs = holder.child("t"), holder.all("r")
    if runs:
        return [tags.appended(holder, run, runs[-1])]
    if plain is None:
        return [tags.appended(holder, run)]
    name = f"{comment.prefix}r".encode()
    whole = part[plain.start : plain.end]
    return [(plain.start, plain.end, b"<" + name + b">" + whole + b"</" + name + b">" + run)]


def _author(part: bytes, root: Element) -> tuple[int, list[Edit]]:
    """The number of our entry among the authors, and the edit that adds it where it is not there."""
    authors = root.child("authors")
    if authors is None:
        raise Unfit("comments without authors")
    names = [tags.text_of(part, author) for author in authors.children]
    if AUTHOR in names:
        return names.index(AUTHOR), []
    entry = f"<{root.prefix}author>{AUTHOR}</{root.prefix}author>"
    return len(names), [tags.appended(authors, entry.encode())]

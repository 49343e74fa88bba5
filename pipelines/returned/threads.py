"""Conversations at the cells of one worksheet (threaded comments), which newer Excel shows in place of the comments there.

Excel throws away what has been added to such a comment alone. So our words also stand in a reply, behind the sender's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import NAMESPACE_OID, uuid5

from pipelines.returned import tags
from pipelines.returned.marks import AUTHOR, find_mark
from pipelines.returned.package import WORKBOOK, Package
from pipelines.returned.tags import Edit, Element
from pipelines.returned.unfit import Unfit

_US = "{5A4E5849-4E47-4E00-8E00-000000000001}"


class Threads:
    """The conversations of one sheet; there may be none."""

    def __init__(self, package: Package, sheet_name: str) -> None:
        found = package.related(sheet_name, "threadedComment")
        self._package, self._name = package, found[1] if found else None

    def take_marks(self) -> set[str]:
        """Take our words out; the cells whose whole conversation was ours, as someone may have made one of our comment."""
        if self._name is None:
            return set()
        part = self._package.read(self._name)
        entries = _entries(part)
        answered = {entry.attributes.get("parentId") for entry in entries}
        edits: list[Edit] = []
        gone: set[str] = set()
        for entry in entries:
            values, text = entry.attributes, entry.child("text")
            said = tags.text_of(part, text) if text is not None else ""
            found = find_mark(said)
            if text is None or found is None:
                continue
            left = said[: found[0]] + said[found[1] :]
            if left.strip() or values.get("id") in answered:
                edits.append((text.inner, text.close, tags.escaped(left).encode()))
                continue
            edits.append(tags.removed(entry))
            if "parentId" not in values and "ref" in values:
                gone.add(values["ref"])
        self._package.write(self._name, tags.apply(part, edits))
        return gone

    def reply(self, texts: Mapping[str, str]) -> None:
        """Put our words behind the conversation at each of these cells that has one."""
        if self._name is None:
            return
        part = self._package.read(self._name)
        threads: dict[str, list[Element]] = {}
        for entry in _entries(part):
            threads.setdefault(entry.attributes.get("ref", ""), []).append(entry)
        edits = [_reply(threads[cell], text) for cell, text in texts.items() if cell in threads]
        if edits:
            self._package.write(self._name, tags.apply(part, edits))
            self._introduce()

    def _introduce(self) -> None:
        """Us among the workbook's persons, whom replies name by number."""
        found = self._package.related(WORKBOOK, "person")
        if found is None:
            raise Unfit("conversations without persons")
        part = self._package.read(found[1])
        root = tags.parse(part)
        if all(person.attributes.get("id") != _US for person in root.children):
            entry = f'<{root.prefix}person displayName="{AUTHOR}" id="{_US}" userId="{AUTHOR}" providerId="None"/>'
            self._package.write(found[1], tags.apply(part, [tags.appended(root, entry.encode())]))


def _entries(part: bytes) -> list[Element]:
    return tags.parse(part).all("threadedComment")


def _reply(thread: Sequence[Element], text: str) -> Edit:
    """Our reply behind the last entry and with its time: what is given back does not depend on when it is made."""
    last, p = thread[-1], thread[-1].prefix
    values = last.attributes
    if "id" not in values:
        raise Unfit("an entry of a conversation without an id")
    key = f"{{{uuid5(NAMESPACE_OID, values['id'])}}}".upper()
    given = {
        "ref": values["ref"],
        "dT": values.get("dT"),
        "personId": _US,
        "id": key,
        "parentId": values.get("parentId", values["id"]),
    }
    opening = tags.with_attributes(b"", **given).decode()
    entry = f"<{p}threadedComment{opening}><{p}text>{tags.escaped(text)}</{p}text></{p}threadedComment>"
    return last.end, last.end, entry.encode()

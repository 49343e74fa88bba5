"""What office programs and senders add to a workbook beside its cells, put into a good one part by part: bytes to bytes.

Openpyxl cannot write most of it, so the parts are written here as Excel writes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.edits import package_of, parts_of

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES, BOOK, BOOK_RELATIONS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
MACRO_BOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
PLAIN_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 20
DRAWING, THREADS, PERSONS = "xl/drawings/drawing71.xml", "xl/threadedComments/threadedComment71.xml", "xl/persons/person.xml"  # fmt: skip
COMMENTS, BOXES = "xl/comments71.xml", "xl/drawings/vmlDrawing71.vml"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)


def before_end(part: bytes, new: str) -> bytes:
    """`new` as the last child of a part's root."""
    at = part.rindex(b"</")
    return part[:at] + new.encode() + part[at:]


def before_tag(part: bytes, names: str, new: str) -> bytes:
    """`new` before the first of these tags (`a|b`), or as the last child where there is none of them."""
    found = re.search(rf"<(?:{names})\b".encode(), part)
    return part[: found.start()] + new.encode() + part[found.start() :] if found else before_end(part, new)


def attributes(tag: str) -> dict[str, str]:
    """What stands in a tag."""
    return dict(re.findall(r'([\w:]+)="([^"]*)"', tag))


def part_of_sheet(parts: Mapping[str, bytes], title: str) -> str:
    """The part of the sheet of this title."""
    sheets = map(attributes, re.findall(r"<sheet ([^>]*)/>", parts[BOOK].decode()))
    key = next(sheet["r:id"] for sheet in sheets if sheet["name"] == title)
    relations = map(attributes, re.findall(r"<Relationship ([^>]*)/>", parts[BOOK_RELATIONS].decode()))
    target = next(relation["Target"] for relation in relations if relation["Id"] == key)
    return "xl/" + target.removeprefix("/").removeprefix("xl/")


class Parts(dict[str, bytes]):
    """The parts of a workbook under change."""

    @classmethod
    def of(cls, content: bytes) -> Parts:
        return cls(parts_of(content))

    def put(self, name: str, part: str | bytes, content_type: str) -> None:
        self[name] = part.encode() if isinstance(part, str) else part
        self[TYPES] = before_end(self[TYPES], f'<Override PartName="/{name}" ContentType="{content_type}"/>')

    def relate(self, source: str, kind: str, target: str, key: str) -> None:
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels"
        entry = f'<Relationship Id="{key}" Type="{kind}" Target="/{target}"/>'
        self[name] = before_end(self.get(name, _RELATIONS.encode()), entry)

    def change(self, name: str, old: str, new: str) -> None:
        assert old.encode() in self[name], old
        self[name] = self[name].replace(old.encode(), new.encode(), 1)

    def content(self) -> bytes:
        return package_of(self)


def with_macro(content: bytes) -> bytes:
    """An .xlsm: the macro part, and a workbook that says that it has one."""
    parts = Parts.of(content)
    parts.put("xl/vbaProject.bin", MACRO, "application/vnd.ms-office.vbaProject")
    parts.relate(BOOK, f"{MICROSOFT}/2006/relationships/vbaProject", "xl/vbaProject.bin", "rIdMacro")
    parts.change(TYPES, PLAIN_BOOK, MACRO_BOOK)
    parts.change(BOOK, "<workbookPr ", '<workbookPr codeName="ThisWorkbook" ')
    return parts.content()


def with_text_box(content: bytes, title: str, text: str) -> bytes:
    parts = Parts.of(content)
    sheet = part_of_sheet(parts, title)
    space = "http://schemas.openxmlformats.org/drawingml/2006"
    parts.put(
        DRAWING,
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<xdr:wsDr xmlns:xdr="{space}/spreadsheetDrawing" xmlns:a="{space}/main">'
        "<xdr:twoCellAnchor><xdr:from><xdr:col>8</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>4</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        "<xdr:to><xdr:col>11</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>7</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="2" name="TextBox 1"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr>'
        '<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="600000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'
        f'<xdr:txBody><a:bodyPr/><a:p><a:r><a:rPr lang="zh-CN"/><a:t>{text}</a:t></a:r></a:p></xdr:txBody></xdr:sp><xdr:clientData/>'
        "</xdr:twoCellAnchor></xdr:wsDr>",
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    )
    parts.relate(sheet, f"{OFFICE}/drawing", DRAWING, "rIdBox")
    parts[sheet] = before_tag(parts[sheet], "legacyDrawing|tableParts|extLst", '<drawing r:id="rIdBox"/>')
    return parts.content()


def note(row: int, column: int, number: int) -> str:
    """The small box that Excel draws for a comment of two lines."""
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style=\'position:absolute;margin-left:59.25pt;width:108pt;height:59.25pt;'
        'visibility:hidden\' fillcolor="infoBackground [80]" o:insetmode="auto"><v:fill color2="infoBackground [80]"/>'
        "<v:textbox style='mso-direction-alt:auto'><div style='text-align:left'></div></v:textbox>"
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>\n    1, 15, 0, 2, 3, 31, 4, 1</x:Anchor>'
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


BUTTON = (
    '<v:shape id="_x0000_s1030" type="#_x0000_t201" style=\'position:absolute;width:60pt;height:20pt\' o:button="t" fillcolor="buttonFace [67]">'
    '<v:textbox><div style=\'text-align:center\'><font face="宋体" size="220">填报说明</font><br></div></v:textbox>'
    '<x:ClientData ObjectType="Button"><x:Anchor>8, 0, 1, 0, 9, 0, 2, 0</x:Anchor><x:FmlaMacro>[0]!说明</x:FmlaMacro></x:ClientData></v:shape>'
)


def with_boxes(content: bytes, title: str, *shapes: str) -> bytes:
    """A sheet with a drawing in VML that holds these shapes. A button's text is no well-formed XML, as in Excel's own."""
    parts = Parts.of(content)
    sheet = part_of_sheet(parts, title)
    parts.put(
        BOXES,
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f"{''.join(shapes)}</xml>",
        "application/vnd.openxmlformats-officedocument.vmlDrawing",
    )
    parts.relate(sheet, f"{OFFICE}/vmlDrawing", BOXES, "rIdBoxes")
    parts[sheet] = before_tag(parts[sheet], "tableParts|extLst", '<legacyDrawing r:id="rIdBoxes"/>')
    return parts.content()


def with_comments(content: bytes, title: str, authors: list[str], comments: Mapping[str, str]) -> bytes:
    """Comments by cell: what stands inside `<text>`; each is the author's of its number."""
    parts = Parts.of(content)
    written = "".join(
        f'<comment ref="{cell}" authorId="{number}" shapeId="0"><text>{text}</text></comment>'
        for number, (cell, text) in enumerate(comments.items())
    )
    names = "".join(f"<author>{author}</author>" for author in authors)
    parts.put(
        COMMENTS,
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{MAIN}"><authors>{names}</authors>'
        f"<commentList>{written}</commentList></comments>",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    )
    parts.relate(part_of_sheet(parts, title), f"{OFFICE}/comments", COMMENTS, "rIdComments")
    return parts.content()


THREAD = "{0B2A5D0E-1111-4A5B-9C3D-000000000001}"
ANSWER = "{0B2A5D0E-1111-4A5B-9C3D-000000000002}"
CLERK = "{0B2A5D0E-2222-4A5B-9C3D-000000000001}"
IN_OLDER_EXCEL = "[线程批注]\n\n你的 Excel 版本可读取此线程批注; 但如果在更新版本的 Excel 中打开文件，则对批注所作的任何编辑都将被删除。\n\n注释:\n    {}\n答复:\n    {}"


def with_thread(content: bytes, title: str, cell: tuple[str, int, int], words: tuple[str, str]) -> bytes:
    """A question and its answer at a cell (address, row and column from 0), as Excel 365 keeps them: in two ways."""
    address, row, column = cell
    content = with_comments(
        content, title, [f"tc={THREAD}"], {address: f"<t>{IN_OLDER_EXCEL.format(*words)}</t>"}
    )
    parts = Parts.of(with_boxes(content, title, note(row, column, 1025)))
    space = f'xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments" xmlns:x="{MAIN}"'
    parts.put(
        THREADS,
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<ThreadedComments {space}>'
        f'<threadedComment ref="{address}" dT="2026-01-03T08:00:00.00" personId="{CLERK}" id="{THREAD}"><text>{words[0]}</text></threadedComment>'
        f'<threadedComment ref="{address}" dT="2026-01-03T09:00:00.00" personId="{CLERK}" id="{ANSWER}" parentId="{THREAD}">'
        f"<text>{words[1]}</text></threadedComment></ThreadedComments>",
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    parts.put(
        PERSONS,
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<personList {space}>'
        f'<person displayName="办公室" id="{CLERK}" userId="办公室" providerId="None"/></personList>',
        "application/vnd.ms-excel.person+xml",
    )
    relations = f"{MICROSOFT}/2017/10/relationships"
    parts.relate(part_of_sheet(parts, title), f"{relations}/threadedComment", THREADS, "rIdThreads")
    parts.relate(BOOK, f"{relations}/person", PERSONS, "rIdPersons")
    return parts.content()

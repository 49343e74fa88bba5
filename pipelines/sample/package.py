"""Overwriting one cell of a written workbook, as a clerk would who types over a locked cell; everything else stays as it was."""

from __future__ import annotations

import io
import re
import zipfile
from xml.sax.saxutils import escape

from python_calamine import CalamineWorkbook

_OLDEST = (1980, 1, 1, 0, 0, 0)


def overwrite(content: bytes, sheet: str, cell: str, text: str) -> bytes:
    """The workbook with this text in that cell, which must hold something. Raises ValueError where it does not."""
    number = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names.index(sheet) + 1
    part = f"xl/worksheets/sheet{number}.xml"
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as package:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == part:
                data = _with_text(data.decode("utf-8"), cell, text).encode("utf-8")
            info = zipfile.ZipInfo(entry.filename, _OLDEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, data)
    return target.getvalue()


def _with_text(xml: str, cell: str, text: str) -> str:
    pattern = re.compile(rf'<c r="{cell}"((?: s="\d+")?)(?: t="\w+")?>.*?</c>')
    written, count = pattern.subn(
        lambda match: f'<c r="{cell}"{match[1]} t="inlineStr"><is><t>{escape(text)}</t></is></c>', xml
    )
    if count != 1:
        raise ValueError(f"{cell} stands {count} times in the sheet")
    return written

"""What a file is, by its bytes and never by its name: a format that can be read, or a plain word for what it looks like."""

from __future__ import annotations

import io
import zipfile
import zlib
from enum import Enum

from pipelines.intake.refusal import Refusal


class Format(Enum):
    """The formats that are read."""

    XLSX = "xlsx"
    XLSM = "xlsm"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"

    @property
    def is_package(self) -> bool:
        """Whether the file is a zip of parts."""
        return self in (Format.XLSX, Format.XLSM, Format.XLSB, Format.ODS)

    @property
    def is_sheet_xml(self) -> bool:
        """Whether each sheet is a part in SpreadsheetML."""
        return self in (Format.XLSX, Format.XLSM)


_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK"
_MAGIC = (
    (b"\xff\xd8\xff", "图片"), (b"\x89PNG", "图片"), (b"GIF8", "图片"), (b"BM", "图片"), (b"II*\0", "图片"), (b"MM\0*", "图片"),
    (b"RIFF", "图片或音视频"), (b"\0\0\0\x18ftyp", "音视频"), (b"\0\0\0\x20ftyp", "音视频"), (b"ID3", "音频"),
    (b"%PDF", "PDF文件"), (b"Rar!", "RAR压缩包"), (b"7z\xbc\xaf\x27\x1c", "7z压缩包"), (b"\x1f\x8b", "gzip压缩包"),
    (b"{\\rtf", "RTF文档"), (b"MZ", "程序"), (b"\x7fELF", "程序"), (b"SQLite format 3", "数据库文件"),
)  # fmt: skip
# Streams of an OLE file, by the names that its directory holds in UTF-16.
_STREAMS = (
    ("EncryptedPackage", "encrypted"), ("Workbook", "xls"), ("Book", "xls"), ("WordDocument", "Word文档"),
    ("PowerPoint Document", "PPT演示文稿"), ("__substg1.0", "Outlook邮件"),
)  # fmt: skip
_PARTS = (("word/", "Word文档"), ("ppt/", "PPT演示文稿"), ("xl/", ""), ("visio/", "Visio图"))
# Of an OpenDocument file: which of its parts are encrypted stands in it.
_MANIFEST, _LONGEST_MANIFEST = "META-INF/manifest.xml", 1024 * 1024
_OPEN_DOCUMENT = {"text": "ODF文字文档", "presentation": "ODF演示文稿", "graphics": "ODF图形"}


def sniff(content: bytes) -> Format:
    """The format of these bytes. Raises Refusal: empty_file, encrypted_file, damaged_file or not_a_workbook."""
    if not content.strip(b"\0 \t\r\n"):
        raise Refusal("empty_file", "文件是空的")
    if content.startswith(_OLE):
        return _ole(content)
    if content.startswith(_ZIP):
        return _package(content)
    label = next((label for magic, label in _MAGIC if content.startswith(magic)), None)
    if label is not None:
        raise Refusal("not_a_workbook", f"文件实际是{label}")
    text = decoded(content)
    if text is None:
        raise Refusal("not_a_workbook", "文件内容不是工作簿")
    if text.lstrip().startswith("<"):
        raise Refusal("not_a_workbook", "文件实际是网页或XML文件")
    if "," not in text.split("\n", 1)[0]:
        raise Refusal("not_a_workbook", "文件实际是文字文件")
    return Format.CSV


def decoded(content: bytes) -> str | None:
    """A text file's text: UTF-8 (with or without mark), UTF-16 with its mark, else GB18030; None where it is no text."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if any(ord(char) < 32 and char not in "\t\r\n\f" for char in text[:4096]) else text
    return None


def _beginning(package: zipfile.ZipFile, name: str, length: int) -> bytes:
    """The first bytes of a part; none where there is no such part."""
    if name not in package.namelist():
        return b""
    with package.open(name) as part:
        return part.read(length)


def _ole(content: bytes) -> Format:
    for name, kind in _STREAMS:
        if name.encode("utf-16-le") in content:
            if kind == "encrypted":
                raise Refusal("encrypted_file", "文件设有打开密码")
            if kind == "xls":
                return Format.XLS
            raise Refusal("not_a_workbook", f"文件实际是{kind}")
    raise Refusal("damaged_file", "文件已损坏或不完整")


def _package(content: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
            mimetype = _beginning(package, "mimetype", 100).decode("ascii", "replace")
            is_locked = b"encryption-data" in _beginning(package, _MANIFEST, _LONGEST_MANIFEST) or (
                "xl/workbook.xml" in names and any(entry.flag_bits & 1 for entry in package.infolist())
            )
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError, NotImplementedError):
        raise Refusal("damaged_file", "文件已损坏或不完整") from None
    if is_locked:
        raise Refusal("encrypted_file", "文件设有打开密码")
    if "xl/workbook.xml" in names:
        return Format.XLSM if any(name.lower().endswith("vbaproject.bin") for name in names) else Format.XLSX
    if "xl/workbook.bin" in names:
        return Format.XLSB
    kind = mimetype.removeprefix("application/vnd.oasis.opendocument.").split("-")[0]
    if kind == "spreadsheet":
        return Format.ODS
    label = _OPEN_DOCUMENT.get(kind) or next(
        (label for part, label in _PARTS if label and any(name.startswith(part) for name in names)), "压缩包"
    )
    raise Refusal("not_a_workbook", f"文件实际是{label}")

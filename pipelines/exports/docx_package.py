"""What a .docx is packed with: facts as properties, a text for machines, and no time but the one that is given. Knows no mart."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from docx.document import Document as Paper
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

PACKED_AT = (1980, 1, 1, 0, 0, 0)
DATA_PART = "/customXml/item9.xml"
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"


def pack(paper: Paper, properties: Mapping[str, str], data: str, namespace: str) -> bytes:
    """The file. properties: facts by name; data: a text for machines, kept as a part of the package under `namespace`."""
    _drop_thumbnail(paper)
    _add_properties(paper, properties)
    _add_data(paper, data, namespace)
    packed = io.BytesIO()
    paper.save(packed)
    return _packed_anew(packed.getvalue())


def _drop_thumbnail(paper: Paper) -> None:
    """The picture of python-docx's own empty document."""
    relations = paper.part.package.rels
    for name in [name for name, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[name]


def _add_properties(paper: Paper, properties: Mapping[str, str]) -> None:
    """Facts as the document's own properties (docProps/custom.xml), which python-docx does not model."""
    root = parse_xml(f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_TYPES}"/>')
    for number, (name, value) in enumerate(properties.items(), 2):
        fact = root.makeelement(
            f"{{{_PROPERTIES}}}property", {"fmtid": _FORMAT_ID, "pid": str(number), "name": name}
        )
        text = fact.makeelement(f"{{{_TYPES}}}lpwstr", {})
        text.text = value
        fact.append(text)
        root.append(fact)
    package = paper.part.package
    part = Part(
        PackURI("/docProps/custom.xml"), CONTENT_TYPE.OFC_CUSTOM_PROPERTIES, serialize_part_xml(root), package
    )
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def _add_data(paper: Paper, data: str, namespace: str) -> None:
    """A part of custom XML: office programs keep it, whatever they think of it."""
    root: Any = parse_xml(f'<data xmlns="{namespace}"/>')
    root.text = data
    part = Part(PackURI(DATA_PART), CONTENT_TYPE.XML, serialize_part_xml(root), paper.part.package)
    paper.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)


def _packed_anew(content: bytes) -> bytes:
    """The package with fixed dates: python-docx writes the time at which it packs."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, PACKED_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
    return result.getvalue()

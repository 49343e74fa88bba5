"""The list of a year in the forms that it is handed on in. Commands and pages take their bytes here, so that they are the same."""

from __future__ import annotations

import io

from pipelines.exports.list_manifest import SUFFIX
from pipelines.exports.shortlist_csv import csv_manifest, write_shortlist_csv
from pipelines.exports.shortlist_docx import write_shortlist_docx
from pipelines.exports.shortlist_xlsx import write_shortlist
from pipelines.marts.published import PublishedRun

WRITERS = {".xlsx": write_shortlist, ".docx": write_shortlist_docx, ".csv": write_shortlist_csv}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def list_file(run: PublishedRun, year: int, ending: str) -> bytes:
    """The list, or that of a trial, in the form of .xlsx, .docx or .csv. Raises ShortlistUnavailable."""
    content = io.BytesIO()
    WRITERS[ending](run, year, content)
    return content.getvalue()


def list_files(run: PublishedRun, year: int, ending: str) -> dict[str, bytes]:
    """All files of one form, by what is added to the name of the first: a .csv has no room for its manifest."""
    files = {"": list_file(run, year, ending)}
    if ending == ".csv":
        files[SUFFIX] = csv_manifest(run, year)
    return files

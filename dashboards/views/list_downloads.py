"""The buttons that hand on a list, or that of a trial: made when they are pressed, with the bytes that the command writes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from pipelines.exports.list_files import DOCX, XLSX, list_file
from pipelines.exports.list_manifest import SUFFIX
from pipelines.exports.shortlist_csv import csv_manifest
from pipelines.marts.published import PublishedRun


def show(run: Callable[[], PublishedRun], year: int, name: str) -> None:
    """Draw the buttons. run: gives the run with the list, once a button is pressed; name: of the file, without its ending."""
    forms = (("下载名单（.xlsx）", ".xlsx", XLSX), ("下载报告（.docx）", ".docx", DOCX))
    for label, ending, kind in forms:
        st.download_button(
            label,
            partial(_file, run, year, ending),
            f"{name}{ending}",
            kind,
            type="primary" if ending == ".xlsx" else "secondary",
            on_click="ignore",
        )
    st.download_button(
        "下载全部候选（.csv）",
        partial(_file, run, year, ".csv"),
        f"{name}.csv",
        "text/csv",
        on_click="ignore",
    )
    st.download_button(
        "下载.csv的核验清单",
        lambda: csv_manifest(run(), year),
        f"{name}.csv{SUFFIX}",
        "application/json",
        on_click="ignore",
        help="与.csv文件放在同一文件夹，供 sanxing verify 核对",
    )


def _file(run: Callable[[], PublishedRun], year: int, ending: str) -> bytes:
    return list_file(run(), year, ending)

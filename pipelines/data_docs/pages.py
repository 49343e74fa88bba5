"""Great Expectations' renderers and views, with our templates before the library's: results to HTML that names no foreign host.

Importing the library takes seconds, so this module is imported only where pages are built.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
from great_expectations.render.components import (
    RenderedBootstrapTableContent,
    RenderedDocumentContent,
    RenderedHeaderContent,
    RenderedSectionContent,
    RenderedStringTemplateContent,
    RenderedTableContent,
)
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from pipelines.data_docs.results import SuiteResult
from pipelines.data_docs.words import in_chinese

_TEMPLATES = Path(__file__).parent / "templates"
_FOREIGN = re.compile(r"url\((['\"]?)https?:[^)]*\)")


class _View(DefaultJinjaPageView):
    """The library's page view, with our templates first, its words in Chinese, and no foreign address in its styles."""

    def __init__(self) -> None:
        super().__init__(custom_views_directory=_TEMPLATES)
        # The library looks into a folder of ours last; here it is to come first.
        loader: Any = self.env.loader
        loader.loaders.reverse()
        self._numbers = count(1)
        self.env.filters["generate_html_element_uuid"] = lambda prefix=None: (
            f"{prefix or ''}{next(self._numbers)}"
        )
        self.env.filters["drop_foreign_addresses"] = lambda css: _FOREIGN.sub("none", css)

    def page(self, document: RenderedDocumentContent, note: str) -> str:
        """The page of a document. The same results give the same page."""
        self._numbers = count(1)
        template = self._get_template("page.j2")
        return str(template.render(in_chinese(document.to_json_dict()), note=note))


@cache
def _view() -> _View:
    """One for all pages: each compiles its templates anew."""
    return _View()


class _ResultsRenderer(ValidationResultsPageRenderer):
    """The library's page of a suite's results, headed by what an office knows of it: no run, no version, no way to a suite's page."""

    def __init__(self, title_zh: str, rows: int) -> None:
        super().__init__()
        self._title_zh, self._rows = title_zh, rows

    def _determine_page_title(self, *_: Any) -> str:
        return self._title_zh

    def _render_validation_header(  # type: ignore[override]
        self, validation_results: ExpectationSuiteValidationResult
    ) -> RenderedHeaderContent:
        state = "全部通过" if validation_results.success else "有规则未通过"
        return _header(self._title_zh, f"{self._rows}行，{state}。规则套件：{validation_results.suite_name}")

    def _render_validation_info(  # type: ignore[override]
        self, validation_results: ExpectationSuiteValidationResult
    ) -> RenderedTableContent:
        return RenderedTableContent(
            content_block_type="table",
            table=[["规则套件", validation_results.suite_name], ["评估的行数", str(self._rows)]],
            styling={
                "classes": ["col-12", "table-responsive", "mt-1"],
                "body": {"classes": ["table", "table-sm"]},
            },
        )


def result_page(suite: SuiteResult, period_zh: str, note: str) -> str:
    """The page of a suite's results. note: what holds for the whole page (示例数据), or nothing."""
    document = _ResultsRenderer(f"{period_zh}　{suite.title_zh}校验结果", suite.rows).render(suite.result)
    return _view().page(document, note)


def index_page(suites: list[tuple[str, SuiteResult]], period_zh: str, note: str) -> str:
    """The index of a period: a row for each suite (file name, result), each leading to its page."""
    rows = [
        {
            "suite": _link(file, suite.title_zh),
            "name": _text(suite.result.suite_name),
            "rows": suite.rows,
            "rules": suite.result.statistics["evaluated_expectations"],
            "failed": suite.result.statistics["unsuccessful_expectations"],
            "cells": sum(result.result["unexpected_count"] for result in suite.result.results),
        }
        for file, suite in suites
    ]
    titles = {"suite": "表", "name": "规则套件", "rows": "评估的行数", "rules": "规则数", "failed": "未通过的规则", "cells": "不符合的单元格"}  # fmt: skip
    title = f"{period_zh}　校验文档"
    table = RenderedBootstrapTableContent(
        table_columns=[
            {"field": field, "title": title, "sortable": "true"} for field, title in titles.items()
        ],
        table_data=rows,
        table_options={"iconSize": "sm"},
        styling={"classes": ["col-12", "ge-index-page-table-container"], "body": {"classes": ["table-sm"]}},
    )
    about = "每份报送中用于计算的一版，按全部规则校验的结果。"
    section = RenderedSectionContent(section_name=title, content_blocks=[_header(title, about), table])
    document = RenderedDocumentContent(
        renderer_type="SiteIndexPageRenderer", page_title=title, sections=[section], utm_medium="index-page"
    )
    return _view().page(document, note)


def _header(title: str, about: str) -> RenderedHeaderContent:
    return RenderedHeaderContent(
        content_block_type="header",
        header=_text(title, "h5"),
        subheader=_text(about),
        styling={"classes": ["col-12", "p-0"], "header": {"classes": ["alert", "alert-secondary"]}},
    )


def _text(text: str, tag: str = "span") -> RenderedStringTemplateContent:
    return RenderedStringTemplateContent(
        content_block_type="string_template",
        string_template={"template": "$text", "params": {"text": text}, "tag": tag},
    )


def _link(file: str, text: str) -> RenderedStringTemplateContent:
    return RenderedStringTemplateContent(
        content_block_type="string_template",
        string_template={
            "template": "$text",
            "params": {"text": text},
            "tag": "a",
            "styling": {"attributes": {"href": escape(file)}},
        },
    )

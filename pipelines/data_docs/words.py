"""The library's own words on its pages, in Chinese. What is not listed here stays as the library says it."""

from __future__ import annotations

import re
from typing import Any

_WORDS = {
    "Overview": "概况",
    "Statistics": "统计",
    "Evaluated Expectations": "规则数",
    "Successful Expectations": "通过",
    "Unsuccessful Expectations": "未通过",
    "Success Percent": "通过率",
    "Status": "结果",
    "Expectation": "要求",
    "Observed Value": "实际情况",
    "Table-Level Expectations": "指标项之间",
    "Sampled Unexpected Values": "单元格（单位代码　工作表　单元格），最多列10处",
    "Show more info...": "更多",
    "--": "—",
    "\n\n$unexpected_count unexpected values found. $unexpected_percent of $element_count total rows.": "\n\n有$unexpected_count处不符合，占全部$element_count行的$unexpected_percent。",
}
_OBSERVED = re.compile(r"^(≈?[\d.,e-]+%) (unexpected|not null)$")
_OBSERVED_ZH = {"unexpected": "不符合的占", "not null": "已填的占"}


def in_chinese(part: Any) -> Any:
    """A document, as nested lists and mappings, with the library's words replaced wherever a text is one of them."""
    if isinstance(part, dict):
        return {key: in_chinese(value) for key, value in part.items()}
    if isinstance(part, list):
        return [in_chinese(value) for value in part]
    if not isinstance(part, str):
        return part
    observed = _OBSERVED.match(part)
    if observed is not None:
        return _OBSERVED_ZH[observed[2]] + observed[1]
    return _WORDS.get(part, part)

"""What `sanxing check` tells of a file in one line: whether it may be sent."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.check import Checked

BLOCK = {"severity": "block", "explained": None, "message": "应填未填。"}
OPEN = {"severity": "explain", "explained": False, "message": "与上期相差过大。"}
TOLD = {"severity": "explain", "explained": True, "message": "与上期相差过大。"}
INFORM = {"severity": "inform", "explained": None, "message": "文件含有宏。"}


@pytest.mark.parametrize(
    ("status", "findings", "summary"),
    [
        (0, [], "没有发现问题，可以报送。"),
        (0, [INFORM], "提示1处，可以报送。"),
        (0, [TOLD, INFORM], "核实1处，提示1处，可以报送。"),
        (0, [OPEN, OPEN, TOLD], "核实3处，其中核实2处尚未说明，请在“情况说明”栏写明情况后再报送，否则相关数据暂不采用。"),
        (1, [BLOCK, OPEN], "强制1处，核实1处，请改正后再报送。"),
        (2, [BLOCK], "强制1处，不能作为报表受理。"),
    ],
)  # fmt: skip
def test_the_summary_says_whether_the_file_may_be_sent(
    status: int, findings: list[dict[str, Any]], summary: str
) -> None:
    lines = Checked("a.xlsx", "S1", "2025Q4", status, findings).lines_zh()
    assert lines[0] == f"a.xlsx：{summary}"
    assert len(lines) == 1 + len(findings)

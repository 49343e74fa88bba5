"""README says that one YAML entry adds a rule. This takes that very entry, and follows it to the suite, the form, the list and the finding."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from expectations import Catalogue, load_catalogue
from expectations.catalogue import HERE
from expectations.period import Period
from expectations.suites import build_suite
from pipelines.check import Checked, check_file
from pipelines.cli import catalogue as catalogue_commands
from pipelines.registry.file import write_registry
from pipelines.settings import Settings
from pipelines.store.registry import RegistryStore
from pipelines.workbook.form import Slot
from tests.workbooks import filled_form, workbook_bytes

README = Path(__file__).parents[2] / "README.md"
BRANCH = Slot("S1.6b", "320100U1-02")


@pytest.fixture(scope="module")
def entry() -> str:
    """The YAML of README."""
    (block,) = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    return str(block)


@pytest.fixture(scope="module")
def wider(entry: str, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A copy of expectations/ with the entry at the end of pairs.yaml."""
    folder = tmp_path_factory.mktemp("wider") / "expectations"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__", "suites"))
    with (folder / "rules" / "pairs.yaml").open("a", encoding="utf-8") as pairs:
        pairs.write(f"\n{entry}")
    return load_catalogue(folder)


def test_the_suite_has_it(wider: Catalogue, catalogue: Catalogue) -> None:
    def of_rule(declared: Catalogue, period: str) -> list[tuple[str, str]]:
        made = build_suite(declared, "ledger", Period.parse(period))["expectations"]
        return [
            (e["type"], e["severity"]) for e in made if e["meta"]["rule"] == "vanguard_posts_within_members"
        ]

    kind = "expect_column_pair_values_a_to_be_greater_than_b"
    assert of_rule(catalogue, "2024Q4") == of_rule(wider, "2023Q4") == of_rule(wider, "2024Q1") == []
    assert of_rule(wider, "2024Q4") == [(kind, "warning")]
    assert of_rule(wider, "2025Q4") == [(kind, "critical")]


def test_the_form_says_it(wider: Catalogue, catalogue: Catalogue, tmp_path: Path) -> None:
    def hint(declared: Catalogue, period: str) -> str:
        path = tmp_path / "form.xlsx"
        path.write_bytes(workbook_bytes(filled_form("school", period, declared), declared))
        notes = openpyxl.load_workbook(path)["指标解释"]
        return next(str(row[3]) for row in notes.iter_rows(values_only=True) if row[0] == "S1.6b")

    assert "党员数" not in hint(catalogue, "2024Q4")
    assert hint(wider, "2024Q4").endswith("大于“党员数”的，请在“情况说明”栏写明原因。")
    assert hint(wider, "2025Q4").endswith("不大于“党员数”。")


def test_the_list_of_rules_has_it(wider: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sanxing catalogue rules`, as rows."""
    shown: list[list[tuple[str, ...]]] = []
    monkeypatch.setattr(catalogue_commands, "load_catalogue", lambda: wider)
    monkeypatch.setattr(catalogue_commands, "table", lambda title, heads, rows: shown.append(rows))
    for period in (["--period", "2023Q4"], ["--period", "2024Q4"], ["--period", "2025Q4"], []):
        CliRunner().invoke(catalogue_commands.catalogue, ["rules", *period], standalone_mode=False)
    listed = [[row for row in rows if row[0] == "党员先锋岗数大于党员数"] for rows in shown]
    demand = "“党员先锋岗（示范岗）数”应不大于“党员数”"
    first = (
        "党员先锋岗数大于党员数",
        "核实",
        "S1.6",
        demand,
        "确属一人多岗的，请在“情况说明”栏写明原因；填错的请改正",
        "2024-01-01至2024-12-31",
    )
    second = ("党员先锋岗数大于党员数", "强制", "S1.6", demand, "先锋岗按人计，请核对后改正", "2025-01-01起")
    assert listed == [[], [first], [second], [first, second]]


def checked(period: str, posts: int, wider: Catalogue, tmp_path: Path) -> tuple[Checked, str]:
    """`sanxing check` on a workbook in which one branch has so many posts; and the cell where they stand."""
    form = filled_form("university", period, wider)
    settings = Settings(home=tmp_path / period)
    RegistryStore(settings.raw).add(write_registry([form.unit, *form.branches]), datetime.now(UTC), wider)
    path = tmp_path / f"{period}.xlsx"
    members = {Slot("L3.4a", branch.unit_code): 12 for branch in form.branches}
    form.current.update(members | {BRANCH: posts})
    path.write_bytes(workbook_bytes(form, wider))
    sheet = openpyxl.load_workbook(path)["支部台账"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "支部代码")
    column = next(cell.column_letter for cell in head if cell.value == "S1.6b")
    row = next(row[0].row for row in sheet.iter_rows() if row[0].value == BRANCH.branch_code)
    return check_file(path, settings, wider), f"{column}{row}"


def of_branch(result: Checked) -> list[dict[str, Any]]:
    """The findings of the rule in the row of the branch."""
    return [
        finding
        for finding in result.findings
        if (finding["rule"], finding["branch_code"]) == ("vanguard_posts_within_members", BRANCH.branch_code)
    ]


@pytest.mark.parametrize(
    ("period", "severity", "mend"),
    [
        ("2024Q4", "explain", "确属一人多岗的，请在“情况说明”栏写明原因；填错的请改正"),
        ("2025Q4", "block", "先锋岗按人计，请核对后改正"),
    ],
)
def test_the_finding_stands_at_its_cell(
    period: str, severity: str, mend: str, wider: Catalogue, tmp_path: Path
) -> None:
    result, cell = checked(period, 13, wider, tmp_path)
    (finding,) = of_branch(result)
    assert (finding["severity"], finding["sheet"], finding["cell"], finding["clause"]) == (
        severity,
        "支部台账",
        cell,
        "S1.6",
    )
    assert finding["message"].startswith(f"“支部台账”表{cell}单元格，")
    assert finding["message"].endswith(f"：填的是“13”，本项应不大于“党员数”（12）。{mend}。")
    within, _ = checked(period, 12, wider, tmp_path / "within")
    assert of_branch(within) == []


def test_the_example_is_no_rule_yet(catalogue: Catalogue, entry: str) -> None:
    assert "vanguard_posts_within_members" in entry
    assert "vanguard_posts_within_members" not in catalogue.rule

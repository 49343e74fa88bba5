"""`sanxing catalogue`: what the catalogue declares — clauses, load — and the stored suites."""

from __future__ import annotations

import click

from expectations import load_catalogue
from expectations.forms import load
from expectations.models.indicator import Indicator, Standard
from expectations.suites import stored_suites
from pipelines.cli.terminal import say, table
from pipelines.system_errors import about
from pipelines.validation.sentences import plain

_SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤"}
_RESPONDENTS = {"branch": "支部（台账一行）"}


@click.group(name="catalogue", help="查看指标目录：条款落实情况、填报负担；更新校验套件文件。")
def catalogue() -> None:
    """The group itself does nothing."""


@catalogue.command(name="clauses", help="每一条款由哪些指标项、指标和标准落实。")
def clauses() -> int:
    """List clause → questions → indicators → standard; exit 1 where one is not covered."""
    declared = load_catalogue()
    fulfilled = {fulfilment.clause: fulfilment.part_zh for fulfilment in declared.fulfilments}
    rows, covered = [], 0
    for clause in declared.clauses:
        indicators = [indicator for indicator in declared.indicators if indicator.clause == clause.id]
        questions = dict.fromkeys(code for indicator in indicators for code in indicator.questions)
        standards = dict.fromkeys(_standard_zh(i, standard) for i in indicators for standard in i.standards)
        covered += bool(questions) or clause.id in fulfilled
        rows.append(
            (
                clause.id,
                clause.label_zh,
                "、".join(questions) or "—",
                "、".join(i.label_zh for i in indicators) or fulfilled.get(clause.id),
                "；".join(standards) or "—",
            )
        )
    table("条款落实情况", ["条款", "要求", "指标项", "指标或系统功能", "标准"], rows)
    say(f"共{len(declared.clauses)}条，已落实{covered}条。")
    return 0 if covered == len(declared.clauses) else 1


def _standard_zh(indicator: Indicator, standard: Standard) -> str:
    """`≥90%（政策）`: the number, and whether the policy itself gives it."""
    number = (
        f"{plain(standard.value * 100)}%"
        if indicator.is_percentage
        else f"{plain(standard.value)}{indicator.unit}"
    )
    return f"{_SIGNS[standard.compare]}{number}（{'政策' if standard.stated else '参考'}）"


@catalogue.command(name="load", help="按目录设计，各类单位每季度要填多少格；实际填了多少见 sanxing load。")
def show_load() -> int:
    """The cells to fill by respondent and quarter."""
    declared = load_catalogue()
    cells = {(row["respondent"], row["quarter"]): row["cells"] for row in load(declared)}
    respondents = dict.fromkeys(respondent for respondent, _ in cells)
    rows = [
        (
            _RESPONDENTS.get(str(r)) or declared.label_zh[str(r)],
            *(cells[r, quarter] for quarter in (1, 2, 3, 4)),
        )
        for r in respondents
    ]
    table("每季度填报格数", ["填报对象", "一季度", "二季度", "三季度", "四季度"], rows)
    return 0


@catalogue.command(name="suites", help="按指标目录重写 expectations/suites 下的校验套件文件。")
def suites() -> int:
    """Write the suites as files that a reader can open."""
    files = stored_suites(load_catalogue())
    for path, text in files.items():
        path.parent.mkdir(exist_ok=True)
        with about(path):
            path.write_text(text, "utf-8")
    say(f"已写入{len(files)}个文件。")
    return 0


COMMANDS = (catalogue,)

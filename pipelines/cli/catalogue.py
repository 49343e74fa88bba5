"""`sanxing catalogue`: what the catalogue declares — clauses, rules, load — and the stored suites."""

from __future__ import annotations

import click

from expectations import Catalogue, Period, load_catalogue
from expectations.forms import load
from expectations.models.indicator import Indicator, Standard
from expectations.models.rule import Rule
from expectations.suites import stored_suites
from expectations.wording import plain, rule_zh
from pipelines.cli.terminal import PERIOD, require_period, say, table
from pipelines.labels import ENUMERATIONS
from pipelines.system_errors import about

_SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤"}
_SEVERITIES = {code: label for code, label, _ in ENUMERATIONS["severity"]}
_RESPONDENTS = {"branch": "支部（台账一行）"}


@click.group(name="catalogue", help="查看指标目录：条款落实情况、校验规则、填报负担；更新校验套件文件。")
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


@catalogue.command(name="rules", help="各条校验规则：程度、依据、检查内容、怎样改正、起止日期。")
@click.option("--period", type=PERIOD, help="只列某一报告期适用的规则，例如2025Q4", metavar="报告期")
def rules(period: Period | None) -> int:
    """List every version of every rule, or the versions in force in one period."""
    declared = load_catalogue()
    require_period(period, declared.calendar)
    versions = [version for rule in declared.rules for version in rule.versions]
    if period is not None:
        versions = [rule for rule in declared.as_of(period).rules if rule.holds_in(period)]
    rows = [_rule_row(rule, declared if period is None else declared.as_of(period)) for rule in versions]
    title = "校验规则" if period is None else f"{period.label_zh}的校验规则"
    table(title, ["规则", "程度", "条款", "检查内容", "怎样改正", "起止日期"], rows)
    say(f"共{len(rows)}条。")
    return 0


def _rule_row(rule: Rule, catalogue: Catalogue) -> tuple[str, ...]:
    end = f"至{rule.effective_to}" if rule.effective_to else "起"
    return (
        rule.label_zh,
        _SEVERITIES[rule.severity],
        rule.clause or "—",
        rule_zh(rule, catalogue),
        rule.mend,
        f"{rule.effective_from}{end}",
    )


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

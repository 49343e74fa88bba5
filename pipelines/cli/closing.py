"""`sanxing close`: lock a period, let one unit in with a reason and an end, open it again, and show what is locked."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from expectations import Catalogue, Period, load_catalogue
from pipelines.cli.terminal import DAY, PERIOD, fail, say, table
from pipelines.intake.person_text import person_in
from pipelines.settings import Settings
from pipelines.store.closings import ClosingStore
from pipelines.store.lock import writing
from pipelines.store.registry import RegistryStore

_LONGEST_REASON = 200
_NEXT = "请运行 sanxing run，使结果随之更新。"


@click.command(
    name="close", help="锁定一个报告期：此后收到的报表不计入。不写报告期时，列出已锁定的报告期和例外。"
)
@click.argument("period", type=PERIOD, required=False, metavar="[报告期]")
@click.option("--unit", metavar="代码", help="准许这个单位例外（须写 --until 和 --reason）")
@click.option(
    "--until",
    type=DAY,
    metavar="日期",
    help="例外截止到哪一天（含当天），例如 2026-02-10",
)
@click.option("--reopen", is_flag=True, help="解除锁定（须写 --reason）")
@click.option("--reason", metavar="理由", help="例外或解除锁定的理由，不写人名和电话")
def close(
    *, period: Period | None, unit: str | None, until: date | None, reopen: bool, reason: str | None
) -> int:
    """Take one decision and keep it; exit 2 where it cannot be taken."""
    settings, catalogue = Settings(), load_catalogue()
    store = ClosingStore(settings.raw, catalogue.calendar.local_date)
    if period is None:
        return _show(store, catalogue)
    mistake = _mistake(period, unit, until, reason, catalogue, reopen=reopen)
    if mistake is not None:
        return fail(mistake)
    now = datetime.now(UTC)
    with writing(settings.raw):
        if reopen:
            store.reopen(period, now, reason or "")
            say(f"{period.label_zh}已重新开放。{_NEXT}")
        elif unit is not None and until is not None:
            entry = RegistryStore(settings.raw).current(catalogue).unit(unit)
            if entry is None:
                return fail(f"名册中没有代码为“{unit}”的单位。请核对单位代码。")
            store.exempt(period, unit, until, reason or "", now)
            say(f"已准许{entry.name}在{until}以前（含当天）补报{period.label_zh}报表。{_NEXT}")
        elif store.close(period, now, catalogue.calendar.due_at(period)):
            say(f"{period.label_zh}已锁定，此后收到的报表不计入。{_NEXT}")
        else:
            say(f"{period.label_zh}此前已经锁定，没有改动。")
    return 0


def _mistake(
    period: Period,
    unit: str | None,
    until: date | None,
    reason: str | None,
    catalogue: Catalogue,
    *,
    reopen: bool,
) -> str | None:
    """Why these options together make no decision."""
    if period not in catalogue.calendar.periods:
        return f"{period}不在指标目录的日历之内。"
    if (unit is None) != (until is None):
        return "准许例外要同时写 --unit 和 --until。"
    if reopen and unit is not None:
        return "--reopen 和 --unit 不能同时使用。"
    needs_reason = reopen or unit is not None
    if needs_reason and not (reason and reason.strip()):
        return "请用 --reason 写明理由。"
    if not needs_reason and reason is not None:
        return "锁定报告期不需要理由；--reason 与 --unit 或 --reopen 一起使用。"
    if reason is not None and len(reason) > _LONGEST_REASON:
        return f"理由超过{_LONGEST_REASON}字，请写得简短些。"
    if reason is not None and (what := person_in(reason)) is not None:
        return f"理由中有{what}。本系统不收集个人信息，请删去后重试。"
    return None


def _show(store: ClosingStore, catalogue: Catalogue) -> int:
    locks = store.current().locks
    if not locks:
        say("没有锁定的报告期。")
        return 0
    local_date = catalogue.calendar.local_date
    table(
        "已锁定的报告期",
        ["报告期", "锁定日期"],
        [(p, str(local_date(lock.closed_at))) for p, lock in sorted(locks.items())],
    )
    rows = [
        (p, e.unit_code, str(e.until), e.reason) for p, lock in sorted(locks.items()) for e in lock.exemptions
    ]
    if rows:
        table("例外", ["报告期", "单位代码", "截止日期", "理由"], rows)
    return 0


COMMANDS = (close,)

"""Codes to Chinese, from the published labels (dim_label, dim_clause). Here stand only the few that the marts do not publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pipelines.exports.figures import local_time
from pipelines.marts.published import PublishedRun

UNPUBLISHED: dict[tuple[str, str], str] = {
    ("who", "province"): "省委教育工委",
    ("who", "private_school"): "民办学校",
}
BASIS_ZH = {True: "政策原文", False: "本项目理解"}


@dataclass(frozen=True)
class Labels:
    """Chinese names of the codes of one published run, and its times as the offices read them."""

    codes: Mapping[tuple[str, str], str]
    zone: ZoneInfo

    @classmethod
    def of(cls, run: PublishedRun) -> Labels:
        """From the mart `dim_label`, and the policy's own words for each clause under `clause`."""
        published = run.read("dim_label").select("enumeration", "code", "label_zh").rows()
        clauses = run.read("dim_clause").select("clause", "label_zh").rows()
        return cls(
            UNPUBLISHED
            | {(enumeration, code): label for enumeration, code, label in published}
            | {("clause", code): label for code, label in clauses},
            run.time_zone,
        )

    def __call__(self, enumeration: str, code: str | None) -> str:
        """The Chinese name; a dash for nothing, the code itself where no name is known."""
        return "—" if not code else self.codes.get((enumeration, code), code)

    def local_time(self, moment: datetime | None) -> str:
        """UTC as the offices' time, to the minute; a dash for none."""
        return local_time(moment, self.zone)

    def who(self, codes: str) -> str:
        """`city,university` as 市委教育工委、高校."""
        names = (self.codes.get(("kind", code)) or self("who", code) for code in codes.split(",") if code)
        return "、".join(dict.fromkeys(names))

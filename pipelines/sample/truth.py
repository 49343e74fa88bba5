"""The planted truth: which branches are weak, which units rise, fall or excel, which cells are wrong; and truth.json, that says so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from expectations import Period
from pipelines.registry.model import Registry, RegistryEntry
from pipelines.sample.streams import stream

# Enough quarters for a trend to be told from chance, and with every season in them.
_TREND_FROM_PERIODS = 4
_TREND_SHARE = 0.04
_MODEL_SHARES = {"city": 0.08, "university": 0.10, "school": 0.06}
_MOST_MODELS_PER_CITY = 2
_WITH_WEAK_BRANCHES_SHARE = 0.25
_WEAK_SHARE = 0.17

Part = Literal["weak", "worsening", "improving", "model"]


@dataclass(frozen=True)
class Planted:
    """Codes with the period since when: weak branches; units that worsen, improve, or are models."""

    weak: dict[str, Period]
    worsening: dict[str, Period]
    improving: dict[str, Period]
    model: dict[str, Period]


@dataclass(frozen=True)
class Fault:
    """A planted fault. `file` is relative to the sample; file, sheet and cell are None where there is none."""

    fault_class: str
    unit_code: str
    branch_code: str | None
    period: Period
    file: str | None
    sheet: str | None
    cell: str | None


@dataclass(frozen=True)
class Sign:
    """A planted sign in one period. branch_code, question, cell are None where it is about more than one of them."""

    sign_class: str
    unit_code: str
    branch_code: str | None
    question: str | None
    month: int | None
    period: Period
    since: Period
    file: str
    sheet: str
    cell: str | None


@dataclass(frozen=True)
class ExplainedCell:
    """A cell that breaks a rule of severity explain and has a good explanation beside it."""

    unit_code: str
    branch_code: str | None
    question: str
    period: Period
    file: str
    sheet: str
    cell: str


def plant(seed: int, registry: Registry, periods: list[Period]) -> Planted:
    """Choose whom the truth is about: each unit has at most one part, and only units that exist throughout have any."""
    rng = stream(seed, "planted")
    units = [u for u in registry.entries if not u.is_branch and _exists_throughout(u, periods)]
    free = [units[i] for i in rng.permutation(len(units))]
    model = _models(free)
    free = [unit for unit in free if unit.unit_code not in model]
    trending = max(1, round(_TREND_SHARE * len(units))) if len(periods) >= _TREND_FROM_PERIODS else 0
    trending = min(trending, len(free) // 3)
    worsening, improving, rest = free[:trending], free[trending : 2 * trending], free[2 * trending :]
    weak = rest[: max(1, round(_WITH_WEAK_BRANCHES_SHARE * len(rest)))]

    def since(latest: int) -> Period:
        return periods[int(rng.integers(0, max(1, latest)))]

    return Planted(
        weak={
            b.unit_code: since(len(periods) - 1)
            for unit in weak
            for b in _some_branches(registry, unit, periods)
        },
        worsening={unit.unit_code: since(len(periods) // 3) for unit in worsening},
        improving={unit.unit_code: since(len(periods) // 3) for unit in improving},
        model=dict.fromkeys(model, periods[0]),
    )


def _exists_throughout(entry: RegistryEntry, periods: list[Period]) -> bool:
    return all(entry.holds_in(period) for period in periods)


def _models(units: list[RegistryEntry]) -> list[str]:
    """Some of each kind, at most two in a city; none where there are fewer than four units in all."""
    chosen: list[str] = []
    in_city: Counter[str] = Counter()
    for kind, share in _MODEL_SHARES.items():
        of_kind = [unit for unit in units if unit.kind == kind]
        wanted = max(int(kind == "school" and len(of_kind) > 2), round(share * len(of_kind)))
        for unit in of_kind:
            if wanted > 0 and in_city[unit.city_code] < _MOST_MODELS_PER_CITY:
                chosen.append(unit.unit_code)
                in_city[unit.city_code] += 1
                wanted -= 1
    return chosen


def _some_branches(registry: Registry, unit: RegistryEntry, periods: list[Period]) -> list[RegistryEntry]:
    """A sixth of the unit's branches, at least one, spread over its list."""
    branches = [
        b for b in registry.branches_of(unit.unit_code, periods[-1]) if _exists_throughout(b, periods)
    ]
    wanted = max(1, round(_WEAK_SHARE * len(branches)))
    return branches[len(branches) // (2 * wanted) :: max(1, len(branches) // wanted)][:wanted]


def truth_json(
    seed: int,
    planted: Planted,
    faults: Iterable[Fault],
    clean_files: Iterable[str],
    signs: Iterable[Sign] = (),
    explained: Iterable[ExplainedCell] = (),
) -> str:
    """The text of truth.json."""
    parts = {
        "weak_branches": planted.weak,
        "worsening_units": planted.worsening,
        "improving_units": planted.improving,
        "model_units": planted.model,
    }
    content = {
        "seed": seed,
        "faults": [_entry(fault) for fault in faults],
        "signs": [_entry(sign) for sign in signs],
        "explained": [_entry(cell) for cell in explained],
        **{
            name: [{"code": code, "since": str(since)} for code, since in sorted(chosen.items())]
            for name, chosen in parts.items()
        },
        "clean_files": sorted(clean_files),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _entry(planted: Fault | Sign | ExplainedCell) -> dict[str, str | int | None]:
    """The fields in order, the class first under its short name, periods as text."""
    return {
        "class" if name.endswith("_class") else name: str(value) if isinstance(value, Period) else value
        for name, value in vars(planted).items()
    }

"""Who exists: the units and branches of the synthetic province, as entries of a registry. Every name is invented."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np

from expectations import Catalogue, Period
from expectations.models.policy import City
from pipelines.registry.model import RegistryEntry
from pipelines.sample.sizes import branch_members, quarters_since
from pipelines.sample.streams import stream

SMALLEST_PROVINCE = 3
_ALL_CITIES_FROM = 20
_UNIVERSITY_SHARE = 0.12
_PRIVATE_SHARES = {"kindergarten": 0.4, "vocational": 0.2}
_OTHER_PRIVATE_SHARE = 0.12
_UNIVERSITY_NAMES = {
    "undergraduate": ("理工大学", "师范大学", "农业大学", "医科大学", "财经大学", "工业大学"),
    "vocational_college": ("职业技术学院", "信息职业学院", "卫生职业学院", "经贸职业学院"),
}
_BRANCH_NAMES = {"staff": "教工", "student": "学生", "retired": "离退休"}
# Of schools, and of branches in units with more than a few: how many open or close inside a longer sample.
_LIFE_FROM_PERIODS = 4
_SHORT_LIFE_SHARE = 0.02
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Counts:
    """How many units of each kind."""

    cities: int
    universities: int
    schools: int


def count_units(units: int, catalogue: Catalogue) -> Counts:
    """All cities, 12% universities, schools for the rest; fewer cities where there are few units. Raises ValueError under 3."""
    if units < SMALLEST_PROVINCE:
        raise ValueError(f"示例全省至少要有{SMALLEST_PROVINCE}个单位：一个市、一所高校、一所学校。")
    cities = len(catalogue.cities) if units >= _ALL_CITIES_FROM else max(1, units // 4)
    universities = max(1, round(_UNIVERSITY_SHARE * units))
    return Counts(cities, universities, units - cities - universities)


def make_entries(
    seed: int, units: int, first: Period, last: Period, catalogue: Catalogue
) -> tuple[RegistryEntry, ...]:
    """Units, each followed by its branches; registered members are those of the last period in which a branch exists."""
    counts = count_units(units, catalogue)
    cities = catalogue.cities[: counts.cities]
    start = first.first_day
    made = [_city(city, start) for city in cities]
    made += _universities(counts.universities, cities, catalogue, start)
    made += _schools(seed, counts.schools, cities, catalogue, start)
    periods = first.to(last)
    entries: list[RegistryEntry] = []
    for unit in _with_short_lives(seed, made, periods):
        branches = [
            _with_members(seed, catalogue, unit, b, last) for b in _branches(seed, unit, catalogue, periods)
        ]
        entries.append(unit._replace(members=sum(b.members for b in branches if b.valid_to == unit.valid_to)))
        entries += branches
    return tuple(entries)


def _unit(code: str, name: str, kind: str, category: str, city: City, start: date) -> RegistryEntry:
    parent = city.code if kind == "school" else None
    return RegistryEntry(code, name, kind, category, False, city.code, parent, 0, start, None, True)


def _city(city: City, start: date) -> RegistryEntry:
    return _unit(city.code, f"{city.short}市委教育工委（示例）", "city", "bureau", city, start)


def _universities(
    count: int, cities: tuple[City, ...], catalogue: Catalogue, start: date
) -> list[RegistryEntry]:
    """Every fourth stands in the first city, the others one after another."""
    categories = _categories(catalogue, "university")
    made: list[RegistryEntry] = []
    in_city: Counter[str] = Counter()
    for i in range(count):
        city = cities[0] if i % 4 == 0 else cities[(i - i // 4) % len(cities)]
        in_city[city.code] += 1
        category = categories[(0, 1, 0)[i % 3] % len(categories)]
        names = _UNIVERSITY_NAMES.get(category, (catalogue.label_zh[category],))
        name = f"示例{names[i // 2 % len(names)]}（{i + 1:02d}）"
        made.append(_unit(f"{city.code}U{in_city[city.code]:02d}", name, "university", category, city, start))
    return made


def _schools(
    seed: int, count: int, cities: tuple[City, ...], catalogue: Catalogue, start: date
) -> list[RegistryEntry]:
    """One after another over the cities; the first ones have each category once."""
    categories = _categories(catalogue, "school")
    made: list[RegistryEntry] = []
    in_city: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for i in range(count):
        city = cities[i % len(cities)]
        in_city[city.code] += 1
        code = f"{city.code}S{in_city[city.code]:03d}"
        rng = stream(seed, code, "category")
        drawn = categories[int(rng.integers(len(categories)))]
        category = categories[i] if i < len(categories) else drawn
        is_private = bool(rng.random() < _PRIVATE_SHARES.get(category, _OTHER_PRIVATE_SHARE))
        label = catalogue.label_zh[category]
        named[city.code + label] += 1
        name = f"{city.name}{'民办' if is_private else ''}示例第{chinese_number(named[city.code + label])}{label}"
        made.append(_unit(code, name, "school", category, city, start)._replace(is_private=is_private))
    return made


def _categories(catalogue: Catalogue, kind: str) -> list[str]:
    return [
        category.code
        for entry in catalogue.kinds.units
        if entry.code == kind
        for category in entry.categories
    ]


def _with_short_lives(seed: int, units: list[RegistryEntry], periods: list[Period]) -> list[RegistryEntry]:
    """In a longer sample a few schools open later or close; with ten schools or more, at least one each."""
    schools = [unit.unit_code for unit in units if unit.kind == "school"]
    sure = dict(zip(schools[-2:], ("opens", "closes"), strict=True)) if len(schools) >= 10 else {}
    return [_with_life(seed, unit, periods, sure.get(unit.unit_code)) for unit in units]


def _with_life(seed: int, entry: RegistryEntry, periods: list[Period], fate: str | None) -> RegistryEntry:
    if len(periods) < _LIFE_FROM_PERIODS or entry.kind not in ("school", "branch"):
        return entry
    rng = stream(seed, entry.unit_code, "life")
    u, border = rng.random(), periods[int(rng.integers(1, len(periods) - 1))]
    if fate == "opens" or (fate is None and u < _SHORT_LIFE_SHARE):
        return entry._replace(valid_from=border.first_day)
    if fate == "closes" or (fate is None and u < 2 * _SHORT_LIFE_SHARE):
        return entry._replace(valid_to=border.last_day)
    return entry


def _branches(
    seed: int, unit: RegistryEntry, catalogue: Catalogue, periods: list[Period]
) -> list[RegistryEntry]:
    """The unit's branches, staff first. Only in a school or university of unbroken life do some open or close, and never the first.

    A bureau has few branches: its number of cadres would jump with one of them.
    """
    rng = stream(seed, unit.unit_code, "branches")
    if unit.kind == "university":
        count = int(np.clip(np.rint(rng.lognormal(np.log(27), 0.35)), 10, 70))
        retired, students = max(1, round(0.1 * count)), round(float(rng.uniform(0.3, 0.45)) * count)
    else:
        count = 2 + int(rng.binomial(3, 0.5)) if unit.kind == "city" else 3 + int(rng.binomial(5, 0.36))
        retired, students = int(count >= 5 or rng.random() < 0.15), 0
    categories = ["staff"] * (count - students - retired) + ["student"] * students + ["retired"] * retired
    whole_life = unit.valid_to is None and unit.valid_from == periods[0].first_day
    named: Counter[str] = Counter()
    made = []
    for i, category in enumerate(categories):
        named[category] += 1
        head = "机关" if unit.kind == "city" and category == "staff" else _BRANCH_NAMES[category]
        branch = unit._replace(
            unit_code=f"{unit.unit_code}-{i + 1:02d}",
            name=f"{head}第{chinese_number(named[category])}党支部",
            kind="branch",
            category=category,
            is_private=False,
            parent_code=unit.unit_code,
        )
        may_change = whole_life and unit.kind != "city" and i > 0 and count > 3
        made.append(_with_life(seed, branch, periods, None) if may_change else branch)
    return made


def _with_members(
    seed: int, catalogue: Catalogue, unit: RegistryEntry, branch: RegistryEntry, last: Period
) -> RegistryEntry:
    ends = branch.valid_to
    final = last if ends is None else Period(ends.year, (ends.month - 1) // 3 + 1)
    members = branch_members(seed, catalogue, unit.kind, branch)[quarters_since(catalogue, final)]
    return branch._replace(members=int(members))


def chinese_number(number: int) -> str:
    """1 to 999 as Chinese writes them: 三, 十二, 二十, 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")

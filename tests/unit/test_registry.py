"""The registry's file: what is refused, with line and reason in Chinese, and that an edition comes back as it was written."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import Catalogue, Period, load_catalogue
from pipelines.dimensions import dim_unit
from pipelines.registry.file import COLUMNS, RegistryError, parse_registry, write_registry
from pipelines.registry.model import RegistryEntry

UNTIMED = settings(deadline=None)

CATALOGUE = load_catalogue()
HEAD = ",".join(COLUMNS)
# Line 2 is a city, 3 a school under it, 4 and 5 its branches, 6 a university.
GOOD = (
    HEAD,
    "320100C1,南京市委教育工委,city,bureau,0,320100,,40,2020-01-01,,1",
    "320100S1,示例小学,school,primary,0,320100,320100C1,30,2020-01-01,,1",
    "320100S1-01,示例小学第一支部,branch,staff,0,320100,320100S1,12,2020-01-01,,1",
    "320100S1-02,示例小学第二支部,branch,retired,0,320100,320100S1,9,2020-01-01,2024-12-31,1",
    "320100U1,示例大学,university,undergraduate,0,320100,,900,2020-01-01,,1",
)


def edition(*lines: str) -> bytes:
    return "\n".join(lines).encode("utf-8")


def changed(line: int, column: str, value: str) -> bytes:
    """The good edition with one value of one line replaced."""
    lines = [text.split(",") for text in GOOD]
    lines[line - 1][COLUMNS.index(column)] = value
    return edition(*(",".join(cells) for cells in lines))


def faults(content: bytes) -> list[str]:
    with pytest.raises(RegistryError) as caught:
        parse_registry(content, CATALOGUE)
    assert str(caught.value).startswith("名册未被采用，原名册继续有效：")
    assert str(caught.value).endswith("请改正后重新报送名册。")
    return caught.value.faults


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_good_edition_is_taken(encoding: str, end: str) -> None:
    registry = parse_registry((end.join(GOOD) + end).encode(encoding), CATALOGUE)
    assert [entry.unit_code for entry in registry.entries] == [line.split(",")[0] for line in GOOD[1:]]
    assert registry.by_code["320100S1-02"].valid_to == date(2024, 12, 31)
    assert registry.by_code["320100U1"].parent_code is None


@pytest.mark.parametrize(
    ("line", "column", "value", "reason"),
    [
        (3, "unit_code", "", "第3行：单位代码和名称不能为空"),
        (3, "name", " ", "第3行：单位代码和名称不能为空"),
        (6, "unit_code", "320100S1", "第6行：代码320100S1与第3行重复"),
        (3, "kind", "academy", "第3行：kind“academy”不在city、university、school、branch之中"),
        (3, "category", "undergraduate", "第3行：category“undergraduate”不是school的类别"),
        (4, "category", "teachers", "第4行：category“teachers”不是branch的类别"),
        (3, "is_private", "no", "第3行：is_private应为1或0"),
        (6, "is_synthetic", "", "第6行：is_synthetic应为1或0"),
        (6, "city_code", "110000", "第6行：城市代码110000不存在"),
        (3, "parent_code", "320100C9", "第3行：上级单位320100C9不在名册中"),
        (3, "parent_code", "", "第3行：320100S1的上级单位类别不对"),
        (3, "parent_code", "320100U1", "第3行：320100S1的上级单位类别不对"),
        (3, "parent_code", "320100S1", "第3行：320100S1的上级单位类别不对"),
        (4, "parent_code", "320100S1-02", "第4行：320100S1-01的上级单位类别不对"),
        (2, "parent_code", "320100U1", "第2行：320100C1的上级单位类别不对"),
        (6, "parent_code", "320100C1", "第6行：320100U1的上级单位类别不对"),
        (4, "city_code", "320200", "第4行：320100S1-01与上级单位不在同一城市"),
        (3, "members", "many", "第3行：members应为"),
        (3, "members", "-1", "第3行：members应为"),
        (3, "members", "1.5", "第3行：members应为"),
        (3, "members", "", "第3行：members应为"),
        (3, "valid_from", "2020/1/1", "第3行：valid_from应为年-月-日"),
        (3, "valid_from", "", "第3行：valid_from应为年-月-日"),
        (3, "valid_from", "2020-02-30", "第3行：valid_from应为年-月-日"),
        (5, "valid_to", "soon", "第5行：valid_to应为年-月-日"),
        (5, "valid_to", "2019-12-31", "第5行：valid_to早于valid_from"),
    ],
)
def test_one_wrong_value_is_refused_with_its_line(line: int, column: str, value: str, reason: str) -> None:
    found = faults(changed(line, column, value))
    assert any(fault.startswith(reason) for fault in found), found


@pytest.mark.parametrize(
    "code", ["../320100S1", "320100/S1", "320100 S1", "示例一", "a" * 41, "-S1", "320100S1.xlsx"]
)
def test_a_code_that_cannot_stand_in_a_file_name_is_refused(code: str) -> None:
    """A workbook of such a unit could never be put away under its code: the unit would report and stay «not reported»."""
    assert any(fault.startswith("第6行：") for fault in faults(changed(6, "unit_code", code)))


@pytest.mark.parametrize("members", ["3000000000", "9" * 30, "9" * 5000])
def test_more_members_than_a_table_holds_are_refused(members: str) -> None:
    """What the registry takes, the tables must hold: a slip in one line may not stop every unit's run."""
    assert any(fault.startswith("第6行：members") for fault in faults(changed(6, "members", members)))


def test_a_taken_edition_becomes_the_table_of_units_with_bands_of_too_few_joined(
    catalogue: Catalogue,
) -> None:
    table = dim_unit(catalogue, parse_registry(edition(*GOOD), catalogue))
    assert dict(table.select("unit_code", "peer_group").iter_rows()) == {
        "320100C1": "city:all", "320100S1": "school:small+medium+large", "320100S1-01": "branch:small+medium+large",
        "320100S1-02": "branch:small+medium+large", "320100U1": "university:small+large",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "第1行的列名应为"),
        (edition("单位代码,名称"), "第1行的列名应为"),
        (edition(",".join(reversed(COLUMNS))), "第1行的列名应为"),
        (edition(HEAD + ",extra"), "第1行的列名应为"),
        (edition(HEAD), "名册中没有单位"),
        ("\n".join(GOOD).encode("gb18030"), "文件不是UTF-8编码"),
        (edition(*GOOD, "320100S9,缺列"), "第7行：列数不对"),
        (edition(*GOOD, GOOD[5].replace("U1", "U2") + ",多一列"), "第7行：列数不对"),
        (b"PK\x03\x04\xff\xfe", "文件不是UTF-8编码"),
        pytest.param(edition(*GOOD, "320100S9," + "长" * 140_000 + ",school"), "", id="a field without end"),
        pytest.param(edition(*GOOD, '320100S9,"没有结束的引号'), "", id="a quote that is not closed"),
    ],
)
def test_a_file_that_is_no_edition_is_refused(content: bytes, reason: str) -> None:
    assert any(reason in fault for fault in faults(content))


def test_every_fault_is_named_and_the_message_stays_short() -> None:
    lines = [line.replace(",primary,", ",unknown,") for line in GOOD]
    lines += [f"320100X{i},示例,academy,primary,0,320100,,1,2020-01-01,,1" for i in range(20)]
    with pytest.raises(RegistryError) as caught:
        parse_registry(edition(*lines), CATALOGUE)
    assert len(caught.value.faults) == 21
    assert "另有16处" in str(caught.value)


codes = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z_-]{0,15}", fullmatch=True)
names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and text.strip() != ""
)
days = st.dates(date(2016, 1, 1), date(2030, 12, 31))


@UNTIMED
@given(st.lists(st.tuples(codes, names, st.integers(0, 10**6), days, st.none() | days, st.booleans()), min_size=1, max_size=8, unique_by=lambda unit: unit[0]))  # fmt: skip
def test_what_is_written_is_read_back(units: list[tuple[str, str, int, date, date | None, bool]]) -> None:
    """Any names, commas and quotes included."""
    entries = [
        RegistryEntry(code, name, "university", "vocational_college", flag, "320500", None, members, start,
                      max(start, end) if end else None, not flag)
        for code, name, members, start, end, flag in units
    ]  # fmt: skip
    content = write_registry(entries)
    registry = parse_registry(content, CATALOGUE)
    assert list(registry.entries) == entries
    assert write_registry(list(registry.entries)) == content


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        ("2025-01-01", None, ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]),
        ("2025-06-30", None, ["2025Q2", "2025Q3", "2025Q4"]),
        ("2025-07-01", "2025-09-30", ["2025Q3"]),
        ("2020-01-01", "2025-09-29", ["2025Q1", "2025Q2"]),
    ],
)
def test_an_entry_holds_on_the_last_day_of_a_period(start: str, end: str | None, held: list[str]) -> None:
    content = changed(5, "valid_from", start).decode().replace("2024-12-31", end or "").encode()
    registry = parse_registry(content, CATALOGUE)
    periods = Period.parse("2025Q1").to(Period.parse("2025Q4"))
    entry = registry.by_code["320100S1-02"]
    assert [str(period) for period in periods if entry.holds_in(period)] == held
    assert [str(p) for p in periods if entry in registry.branches_of("320100S1", p)] == held


def test_a_branch_is_no_submitting_unit() -> None:
    registry = parse_registry(edition(*GOOD), CATALOGUE)
    assert registry.unit("320100S1-01") is None
    assert registry.unit("nobody") is None
    assert registry.unit("320100S1") is registry.by_code["320100S1"]
    assert not any(entry.is_branch for entry in registry.units_in(Period.parse("2025Q1")))


def test_another_edition_has_another_hash() -> None:
    one = parse_registry(edition(*GOOD), CATALOGUE)
    assert parse_registry(changed(3, "members", "31"), CATALOGUE).sha256 != one.sha256
    assert dataclasses.replace(one).sha256 == one.sha256

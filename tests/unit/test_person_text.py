"""What one text says of a person: found however it is typed, and never seen where a form, a name of a unit or a reason stands."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import load_catalogue
from pipelines.intake.formats import Format
from pipelines.intake.grid import Grid, Workbook, open_workbook
from pipelines.intake.person_text import bare_number, looks_like_name, person_in, person_number
from pipelines.intake.persons import find_persons, find_persons_in_text
from pipelines.workbook import layout
from tests.file_classes import IDENTITY, MOBILE
from tests.workbooks import blank_form, filled_form, workbook_bytes

CATALOGUE = load_catalogue()
A, B, C = MOBILE[:3], MOBILE[3:7], MOBILE[7:]


@pytest.mark.parametrize(
    "text",
    [
        MOBILE,
        f"电话{MOBILE}，请回电",
        f"{A} {B} {C}",
        f"{A} {B}  {C}",
        f"{A}　{B}　{C}",
        f"{A}-{B}-{C}",
        f"{A} - {B} - {C}",
        f"{A}.{B}.{C}",
        f"{A}·{B}·{C}",
        f"{A}_{B}_{C}",
        f"({A}){B}-{C}",
        f"（{A}）{B}－{C}",
        f"{A}\u200b{B}\u200b{C}",
        f"{A}\u2060{B}\ufeff{C}",
        f"{A}{B} {C}",
        f"{MOBILE[:4]} {MOBILE[4:8]} {MOBILE[8:]}",
        " ".join(MOBILE),
        f"+86 {A} {B} {C}",
        f"0086-{MOBILE}",
        f"86{MOBILE}",
        f"0{MOBILE}",
        MOBILE.translate({ord(str(d)): 0xFF10 + d for d in range(10)}),
        f"3 {MOBILE} 甲",
        f"{MOBILE} {MOBILE}",
        f"2025-{MOBILE}",
        f"1.{MOBILE} 2.其他",
    ],
)
def test_a_mobile_number_is_found_however_it_is_typed(text: str) -> None:
    assert person_number(text) == "手机号"


@pytest.mark.parametrize(
    "text",
    [
        IDENTITY,
        f"身份证{IDENTITY}。",
        f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}",
        f"{IDENTITY[:6]}  {IDENTITY[6:14]}  {IDENTITY[14:]}",
        f"{IDENTITY[:6]}\u200b{IDENTITY[6:]}",
        f"1 {IDENTITY}",
        f"{IDENTITY} {MOBILE}",
        f"{MOBILE} {IDENTITY}",
    ],
)
def test_an_identity_number_is_found_however_it_is_typed(text: str) -> None:
    assert person_number(text) == "身份证号"


@pytest.mark.parametrize(
    "text",
    [
        "苏教工〔2025〕138号，编号202500000000000001",
        "2025.10.13-2025.12.31共开展8次",
        "2025-10-13 14:30",
        "13.5 1800 1200 25",
        "1.3 2.5 3.5 4.5 5.5 6",
        "均值为13.812345678小时",
        "0.13812345678",
        "73.13812345678",
        "1380000元，1500人，1200人次",
        "13,800,000,000元",
        "010-83335555转8001",
        "邮编210024",
        "账号6222021234567890123",
        "13800000000000",
        "http://example.cn/art/2025/10/9/art_57807_11654321.html",
        "320100S002-01",
        "1234567890",
    ],
)
def test_other_numbers_are_nobodys(text: str) -> None:
    assert person_in(text) is None


@given(
    st.lists(st.integers(min_value=0, max_value=9999), min_size=1, max_size=6),
    st.sampled_from(["人，", "次、", "元；", "/", "，", "和", "年", "%、"]),
)
def test_numbers_in_a_sentence_are_nobodys(numbers: list[int], between: str) -> None:
    """Whatever figures a clerk gives as a reason, as long as words or marks of a sentence stand between them."""
    assert person_in(f"本季度{between.join(map(str, numbers))}，已核实。") is None


@pytest.mark.parametrize(
    "text",
    [
        "填表人：张三",
        "联系人:李四光",
        "姓名：张三 职务：书记",
        "负责人（签字）： 张　三",
        "情况属实。填报人：欧阳某某",
    ],
)
def test_a_name_behind_its_head_is_found(text: str) -> None:
    assert person_in(text) == "姓名"


@pytest.mark.parametrize(
    "text",
    [
        "填表人：", "联系人：办公室", "负责人：校长", "责任人：各支部书记", "负责人：党委书记", "联系人：见附件", "填报人：无",
        "由负责人统一组织学习。", "联系人已更换", "姓名不填", "负责人：分管副校长", "报送人：组织科", "经办人：办公室 审核人：校长",
    ],
)  # fmt: skip
def test_an_office_or_a_post_is_no_name(text: str) -> None:
    assert person_in(text) is None


def sheet(*rows: list[str]) -> Workbook:
    return Workbook(Format.XLSX, {"学习型": Grid("学习型", [list(row) for row in rows])})


@pytest.mark.parametrize(
    "rows",
    [
        (["联系人", "张三"],), (["联系人"], ["张三"]), (["填表人：", "张三"],), (["填表人：", "", "", "张三"],), (["负责人", "职务"], ["张三", "书记"]),
        (["审核人（签字）", "张 三"],), (["联系人", "张三、李四"],), (["经办人", "阿依·古丽"],), (["姓名", "职务"], ["张三", ""]),
    ],
)  # fmt: skip
def test_a_head_with_a_name_is_refused(rows: tuple[list[str], ...]) -> None:
    assert find_persons(sheet(*rows)) is not None


@pytest.mark.parametrize(
    "rows",
    [
        (["联系人", ""], ["", ""]), (["联系人", "办公室"],), (["负责人", "职务", "备注"], ["", "", ""]), (["填表人", "填表日期"],), (["负责人"], ["联系人"], ["日期"]),
        (["负责人", "12"],), (["联系人数", "张三"],), (["联系人", "南京市示例第一高中"],), (["情况说明"], ["张三"]),
    ],
)  # fmt: skip
def test_a_head_without_a_name_is_none(rows: tuple[list[str], ...]) -> None:
    assert find_persons(sheet(*rows)) is None


@pytest.mark.parametrize("period", ["2025Q1", "2025Q2", "2025Q4"])
@pytest.mark.parametrize("kind", ["city", "university", "school"])
def test_our_own_forms_name_nobody(kind: str, period: str) -> None:
    """Not blank, not filled in, and not with each of our own sentences as an explanation."""
    for form in (blank_form(kind, period), filled_form(kind, period, CATALOGUE)):
        assert find_persons(open_workbook(workbook_bytes(form, CATALOGUE))) is None


def test_what_we_say_ourselves_names_nobody() -> None:
    questions = [
        text for q in CATALOGUE.questions for text in (q.code, q.label_zh, q.label_en, q.hint, q.unit) if text
    ]
    rules = [text for rule in CATALOGUE.rules for text in (rule.label_zh, rule.says, rule.mend) if text]
    assert [text for text in (*questions, *rules) if person_in(text)] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f'="{MOBILE}"', "手机号"), (f"甲{MOBILE},乙", "手机号"), (f">{IDENTITY}<", "身份证号"), (f"{{{MOBILE}-0002-0000-0100-000000000000}}", None),
        (f"ab{MOBILE}cd", None), (f"0.{MOBILE}", None), (f"{MOBILE}0", None), ("SUM(D5:D15)-1500-1200-300", None), ("202500000000000001", None),
    ],
)  # fmt: skip
def test_in_xml_and_binary_records_a_number_stands_apart(text: str, what: str | None) -> None:
    assert bare_number(text) == what


@pytest.mark.parametrize("name", ["张三", "欧阳某某", "张 三", "张·三"])
def test_a_sheet_called_like_a_person_is_not_quoted(name: str) -> None:
    assert looks_like_name(name)


@pytest.mark.parametrize(
    "name", ["汇总表", "名册", "Sheet1", "2025年", "第三季度报表", "统计", "台账", "办公室"]
)
def test_a_sheet_called_like_a_sheet_is_quoted(name: str) -> None:
    assert not looks_like_name(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"名单\n甲 {MOBILE}\n", "第2行的手机号"),
        ("单位\t姓名\n甲校\t张三\n", "第1行的“姓名”栏"),
        (f"<table>\n<tr><td>{A}<b>{B}</b>{C}</td></tr></table>", "第2行的手机号"),
        ("<tr><td>姓名</td><td>职务</td></tr><tr><td>张三</td><td>书记</td></tr>", "第1行的“姓名”栏"),
        (f'{{"phone": "{MOBILE}"}}', "第1行的手机号"),
        ("联系人：张三", "第1行的姓名"),
    ],
)
def test_any_text_is_looked_through(text: str, found: str) -> None:
    refusal = find_persons_in_text(text)
    assert refusal is not None
    assert (refusal.rule, refusal.found) == ("personal_data", found)


@pytest.mark.parametrize(
    "text", ["", "说明\n本季度无变化。\n", "<p>共1500人，其中1200人</p>", "unit;period\n320100S1;2025Q4\n"]
)
def test_a_text_about_nobody_is_none(text: str) -> None:
    assert find_persons_in_text(text) is None


def test_every_explanation_of_the_example_passes() -> None:
    """An ordinary reason in every cell for one."""
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(blank_form("school", "2025Q4"), CATALOGUE)))
    reasons = (
        "因暑期调整，7月未开展。",
        "2名党员转出（10月13日），1名转入。",
        "见苏教工〔2025〕13号文件第8条。",
        "书记外出培训15天，由副书记主持。",
    )
    for name in layout.DIMENSION_SHEETS.values():
        for number, row in enumerate(book[name].iter_rows(min_row=5, min_col=7, max_col=7)):
            row[0].value = reasons[number % len(reasons)]
    target = io.BytesIO()
    book.save(target)
    assert find_persons(open_workbook(target.getvalue())) is None

"""One text: an identity number, a mobile number, or somebody's name behind «填表人：», however it is typed. Knows no workbook.

Source: design.md («no name, identity number, phone number or record of one member is accepted, stored or shown»);
identity numbers and their check digit: GB 11643-1999; mobile numbers: eleven digits from 13 to 19.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from functools import lru_cache

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
# What may stand between the digits of a number: blanks, dashes, dots, brackets; and marks of no width that nobody sees.
_BETWEEN = r"[\s\-‐‑‒–—―−－·•・.．_＿()（）]"
_UNSEEN = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_NO_WIDTH = re.compile(f"[{_UNSEEN}]")
# Eleven digits or more, whatever stands between them. \d takes full-width digits too.
_MANY_DIGITS = re.compile(rf"(?:\d(?:{_BETWEEN}|[{_UNSEEN}]){{0,8}}){{11}}")
_IDENTITY = re.compile(r"\d{17}[\dXx]")
# In a lookahead, so that a row's number in front of an identity number does not hide it.
_IDENTITY_GROUPS = re.compile(rf"(?<!\d)(?=((?:\d{_BETWEEN}{{0,4}}){{17}}[\dXx])(?!\d))")
_MOBILE = re.compile(r"(?:(?:00)?86|0)?1[3-9]\d{9}")
# In its usual groups whatever else stands around it; 0.13812345678 is a share.
_MOBILE_GROUPS = re.compile(
    rf"(?<!\d)(?<!^0\.)(?<!\D0\.)(?:(?:00)?86{_BETWEEN}{{0,4}}|0)?1[3-9]\d{_BETWEEN}{{0,4}}\d{{4}}{_BETWEEN}{{0,4}}\d{{4}}(?!\d)"
)
_RUN = re.compile(rf"\d(?:{_BETWEEN}?\d)+")
_DECIMAL = re.compile(r"[+-]?\d+\.\d+")
_MOST_GROUPS = 4
# In XML and binary records, where unrelated numbers stand side by side and hexadecimal ids abound: unbroken and free-standing only.
_BARE = re.compile(r"(?<![0-9A-Za-z.\-])(?:1[3-9]\d{9}|\d{17}[\dXx])(?![0-9A-Za-z.\-])")

_HAN = "\u3400-\u9fff"
_NAME = re.compile(rf"[{_HAN}]{{2,4}}|[{_HAN}]{{1,4}}[\s·•・、]{{1,4}}[{_HAN}]{{1,4}}")
# Two to four characters that stand beside such a head and are nobody's name: an office, a post, another head, «none».
_NO_NAME = re.compile(
    r"无|暂无|没有|待定|同上|不详|如下|本人|全体|党员|群众|教师|师生|学生|合计|总计|小计|[见详另各].*|.*(?:"
    r"部|处|室|办|组|委|系|院|中心|[织合事务建育财政传]科|[工学委员生协]会|儿园|[学本我高职各]校"
    r"|书记|校长|园长|主任|处长|科长|部长|组长|会长|干事|领导|老师"
    r"|日期|时间|电话|方式|号码|邮箱|地址|单位|部门|职务|职称|名称|代码|编号|序号|签字|签名|签章|公章|盖章|意见|说明|备注|情况|内容|地点"
    r"|人数|次数|性别|年龄|民族|学历|分工|姓名|人|员|表|册|页|单|台账|汇总|统计|模板|附件)"
)
_NAME_HEADS = re.compile(
    r"(?:党员|教师|职工|教职工|学生|干部|负责人|联系人|填报人|填表人|参学人员|人员|成员|书记|委员|本人|学员)?(?:姓名|名字|身份证|身份证号|身份证号码|公民身份号码"
    r"|手机|手机号|手机号码|移动电话|联系电话|联系方式|电话号码)(?:[（(].*[）)])?"
)
_PEOPLE = "(?:(?:填表|填报|制表|经办|联系|联络|负责|责任|审核|复核|报送|上报|承办)人|联络员|信息员)"
_PERSON_HEADS = re.compile(
    rf"(?:单位|党组织|党委|支部|部门|学校)?{_PEOPLE}(?:签字|签名|签章)?(?:[（(].*[）)])?"
)
_NAMED = re.compile(
    rf"(?:{_PEOPLE}(?:签字|签名|签章)?|姓名)(?:[（(][^（）()]{{0,10}}[）)])?\s*[：:]\s*"
    rf"([{_HAN}]{{2,4}}|[{_HAN}]\s{{1,4}}[{_HAN}])(?![{_HAN}])"
)

# Texts up to this length are mostly those of the form, the same in thousands of files: one that was looked at is remembered.
_REMEMBERED = 200
_LONGEST_HEAD = 40
_BLANKS = re.compile(r"\s+")


def is_telling(text: str) -> bool:
    """Whether a text needs a look: eleven digits or more, a name, or a head such as «姓名» or «联系人»."""
    return _tells(text) if len(text) <= _REMEMBERED else _tells.__wrapped__(text)


@lru_cache(maxsize=20_000)
def _tells(text: str) -> bool:
    is_head = is_name_head(text) or is_person_head(text)
    return is_head or _MANY_DIGITS.search(text) is not None or _names_somebody(text)


def person_in(value: object) -> str | None:
    """«身份证号», «手机号» or «姓名» where a cell or a text holds one; None otherwise."""
    return person_number(value) or ("姓名" if isinstance(value, str) and _names_somebody(value) else None)


def person_number(value: object) -> str | None:
    """«身份证号» or «手机号» where a cell or a text holds one, however it is typed; None otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int | float):
        return _of_number(value)
    if not _MANY_DIGITS.search(value):
        return None
    text = _NO_WIDTH.sub("", unicodedata.normalize("NFKC", value))
    if any(is_identity_number(re.sub(_BETWEEN, "", found)) for found in _IDENTITY_GROUPS.findall(text)):
        return "身份证号"
    return "手机号" if _has_mobile(text) else None


def bare_number(text: str) -> str | None:
    """The same of a piece of XML or of a binary file: only a number that stands unbroken and apart."""
    for found in _BARE.findall(text):
        if len(found) == len("13800000000"):
            return "手机号"
        if is_identity_number(found):
            return "身份证号"
    return None


def _has_mobile(text: str) -> bool:
    if not _DECIMAL.fullmatch(text.strip()) and _MOBILE_GROUPS.search(text):
        return True
    return any(_is_mobile(run) for run in _RUN.findall(text))


def _is_mobile(run: str) -> bool:
    """Digits with single marks between them: in a few groups, or one by one. 13.5 1800 1200 25 are four numbers, 13.812345678 is one."""
    groups = re.split(_BETWEEN, run)
    if not _MOBILE.fullmatch("".join(groups)):
        return False
    marks = set(re.findall(_BETWEEN, run))
    if len(groups) == 2 and marks == {"."} and len(groups[0]) <= 2:
        return False
    own = groups[1:] if groups[0] in ("86", "0086") else groups
    return len(own) <= _MOST_GROUPS or (len(marks) == 1 and all(len(group) == 1 for group in own))


def _of_number(value: float) -> str | None:
    """A number cell. Beyond 15 digits its last ones are lost, so the date inside an identity number must do for its check digit."""
    if not math.isfinite(value) or abs(value) >= 1e18 or value != int(value):
        return None
    digits = str(int(value))
    if len(digits) == 18 and _has_birth_date(digits):
        return "身份证号"
    return "手机号" if _MOBILE.fullmatch(digits) else None


def is_identity_number(text: str) -> bool:
    """Whether 18 characters are an identity number: a date of birth, and the check digit of GB 11643 (ISO 7064 MOD 11-2)."""
    if not _IDENTITY.fullmatch(text) or not _has_birth_date(text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text[:17], strict=True))
    return _CHECK_DIGITS[total % 11] == text[17].upper()


def _has_birth_date(digits: str) -> bool:
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return digits[0] in "123456789" and 1900 <= born.year <= 2100


def is_name_head(text: str) -> bool:
    """Whether a cell heads names or numbers of persons whatever stands in them: «姓名», «联系电话»."""
    return _NAME_HEADS.fullmatch(head_of(text)) is not None


def is_person_head(text: str) -> bool:
    """Whether a cell asks for somebody, as «联系人» and «填表人» do. An office or a post may answer it."""
    return _PERSON_HEADS.fullmatch(head_of(text)) is not None


def head_of(text: str) -> str:
    """A head without blanks and colon, in plain forms of letters; '' where a text is too long to be one."""
    if len(text) > _LONGEST_HEAD:
        return ""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).rstrip(":")


def looks_like_name(text: str) -> bool:
    """Whether a whole text could be a person's name: two to four Han characters, or two such, that are no office, post or head."""
    plain = _NO_WIDTH.sub("", unicodedata.normalize("NFKC", text)).strip()
    if not _NAME.fullmatch(plain):
        return False
    parts = [part for part in re.split(r"[\s·•・、]+", plain) if len(part) > 1]
    return any(not _NO_NAME.fullmatch(part) for part in parts or [_BLANKS.sub("", plain)])


def _names_somebody(text: str) -> bool:
    """Whether a name stands behind its head and a colon, as in «填表人：张三»."""
    return any(looks_like_name(name) for name in _NAMED.findall(text))

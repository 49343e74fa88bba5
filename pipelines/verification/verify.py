"""The verdict on a list: whether it still follows from the published data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from expectations.models.selection import Selection
from pipelines.exports.list_manifest import LAYOUT, SHEET, Contents, ListManifest, content_of, shown
from pipelines.exports.list_rules import ITEMS_HEAD, parameters, parameters_digest
from pipelines.exports.shortlist import ShortlistUnavailable, marks, trial_mark
from pipelines.exports.shortlist_csv import csv_contents
from pipelines.exports.shortlist_docx import docx_contents
from pipelines.exports.shortlist_xlsx import remark, xlsx_contents
from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import TABLES, TrialRun, make_year
from pipelines.verification.compare import Difference, chosen, differences, moved
from pipelines.verification.found import Found
from pipelines.verification.package import NotOurs, Package
from pipelines.verification.paper import read_paper
from pipelines.verification.sheets import read_sheets
from pipelines.verification.table import read_table

CONTENTS = {"xlsx": xlsx_contents, "docx": docx_contents, "csv": csv_contents}
MOST_TOLD = 20

State = Literal["consistent", "data_changed", "list_changed", "altered", "not_ours"]
HEADLINES: dict[State, str] = {
    "consistent": "一致：文件内容与按现有数据重新生成的名单相同。",
    "data_changed": "数据已更新，名单未变：入选单位及其得分、名次与按现有数据重新生成的相同。",
    "list_changed": "名单已变：按现有数据重新生成的名单与文件不同。",
    "altered": "文件被改动：内容与导出时不同。",
    "not_ours": "不是本系统导出的名单。",
}


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a file. details: Chinese sentences, most telling first."""

    state: State
    details: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """0 the list stands, 1 it does not, 2 no list of ours."""
        return {"consistent": 0, "data_changed": 0, "not_ours": 2}.get(self.state, 1)

    @property
    def headline(self) -> str:
        return HEADLINES[self.state]


def verify(path: Path, run: PublishedRun) -> Verdict:
    """The verdict on the file at `path` against the published run."""
    try:
        if path.suffix.lower() == ".csv":
            return _judge(read_table(path), run)
        with Package(path) as package:
            found = read_paper(package) if "word/document.xml" in package.names else read_sheets(package)
            return _judge(found, run)
    except NotOurs as reason:
        return Verdict("not_ours", [f"{reason}。"])


def _judge(found: Found, run: PublishedRun) -> Verdict:
    manifest = found.manifest
    about = [_about(manifest)]
    is_same_run = manifest.run == run.name
    if forged := _forged(manifest, run):
        return Verdict("altered", [*about, forged])
    content = content_of(_as_contents(found))
    altered = _altered_parts(content, manifest)
    try:
        again = _made_again(run, manifest)
        expected = _with_manifest(CONTENTS[manifest.form](again, manifest.year), again, manifest)
    except ShortlistUnavailable as gone:
        return Verdict("altered" if altered else "list_changed", [*about, *altered, str(gone)])
    if is_same_run and manifest.layout == LAYOUT and not altered:
        if content_of(expected) == content:
            return Verdict("consistent", about)
        altered = ["文件注明的校验值与按同一批数据重新生成的不符。"]
    if altered:
        return Verdict("altered", [*about, *altered, *_cells(found, expected, is_same_run)])
    return _as_of_now(found, expected, manifest, run, about, is_same_run)


def _as_of_now(
    found: Found,
    expected: Contents,
    manifest: ListManifest,
    run: PublishedRun,
    about: list[str],
    is_same_run: bool,
) -> Verdict:
    """Of an unaltered file: who came in, who went out, whose figures are others now."""
    change = moved(
        chosen((cells for _, cells in lines()) for lines in found.parts.values()),
        chosen(lines() for lines in expected.values()),
    )
    notes = list(about)
    if manifest.parameters != parameters(run, manifest.year) and manifest.trial is None:
        notes.append("评选参数已经调整；以下按文件所载的参数比较。")
    if any(change):
        for title, units in zip(("新入选", "不再入选", "得分或名次有变"), change, strict=True):
            notes += [f"{title}（{len(units)}个）：{unit}" for unit in units[:MOST_TOLD]]
            if len(units) > MOST_TOLD:
                notes.append(f"{title}另有{len(units) - MOST_TOLD}个。")
        return Verdict("list_changed", notes)
    if is_same_run:
        return Verdict(
            "consistent", [*notes, "文件由另一版本的程序导出，文字表述可能不同，入选单位及其得分、名次相同。"]
        )
    return Verdict("data_changed", [*notes, f"文件的数据批次为{manifest.run}，现为{run.name}。"])


def _about(manifest: ListManifest) -> str:
    kind = "试算名单" if manifest.trial is not None else "正式名单"
    changes = f"，改动：{'；'.join(manifest.trial)}" if manifest.trial else ""
    return f"{manifest.year}年度示范点{kind}{'（示例数据）' if manifest.synthetic else ''}{changes}。"


def _forged(manifest: ListManifest, run: PublishedRun) -> str | None:
    """What no export of ours would say; None where nothing is."""
    if parameters_digest(manifest.parameters) != manifest.parameters_sha256:
        return "核验数据中的评选参数与其校验值不符。"
    is_same_run = manifest.run == run.name
    if is_same_run and _facts(manifest) != _facts(ListManifest.of(run, manifest.year, manifest.form, {})):
        return "核验数据中的数据批次、目录、输入或截止时间与已发布的不符。"
    is_same_catalogue = manifest.catalogue.sha256 == run.manifest["catalogue"]["sha256"]
    is_official = manifest.trial is None and (is_same_run or is_same_catalogue)
    if is_official and manifest.parameters != parameters(run, manifest.year):
        return "核验数据中的评选参数不是正式评选所用的参数。"
    return None


def _facts(manifest: ListManifest) -> tuple[object, ...]:
    """What a run says of itself, whoever exports from it."""
    return manifest.clock, manifest.catalogue, manifest.inputs, manifest.synthetic


def _altered_parts(content: Mapping[str, str], manifest: ListManifest) -> list[str]:
    """Parts whose lines are not those that the manifest was made of. content: as found, part → digest of its rows."""
    written = manifest.content
    names = [name for name in content if name != SHEET]
    said = [f"多出“{name}”。" for name in names if name not in written]
    said += [f"缺少“{name}”。" for name in written if name not in names]
    said += [
        f"“{name}”的内容与导出时不同。"
        for name in names
        if name in written and content[name] != written[name]
    ]
    return said


def _made_again(run: PublishedRun, manifest: ListManifest) -> PublishedRun:
    """The run with the list as the file's parameters make it. Raises NotOurs, ShortlistUnavailable."""
    if manifest.trial is None and manifest.parameters == parameters(run, manifest.year):
        return run
    try:
        rules = Selection.model_validate(manifest.parameters)
    except ValidationError:
        raise NotOurs("核验数据中的评选参数无法识别") from None
    lists = make_year(run, manifest.year, rules)
    facts: dict[str, Any] = {**run.manifest, "selection": manifest.parameters}
    if manifest.trial is not None:
        facts["trial"] = {"year": manifest.year, "changes": manifest.trial}
    return TrialRun(run.folder, facts, dict(zip(TABLES, lists, strict=True)))


def _with_manifest(expected: Contents, again: PublishedRun, manifest: ListManifest) -> Contents:
    """With the sheet 核验信息, which holds what the file's own manifest says."""
    if manifest.form != "xlsx":
        return expected
    title = f"{trial_mark(again)}{manifest.year}年度示范点名单核验信息"
    lines = [
        (title,),
        (remark(again),),
        (marks(again) or "",),
        ITEMS_HEAD,
        *shown(again, manifest.year, manifest),
    ]
    return {**expected, SHEET: lambda: lines}


def _as_contents(found: Found) -> Contents:
    def lines_of(name: str) -> Iterator[Any]:
        return (cells for _, cells in found.parts[name]())

    return {name: lambda name=name: lines_of(name) for name in found.parts}  # type: ignore[misc]


def _cells(found: Found, expected: Contents, is_same_run: bool) -> list[str]:
    """The cells that differ from the list as made again."""
    every = chain.from_iterable(
        differences(name, expected[name], lines, found.address)
        for name, lines in found.parts.items()
        if name in expected and (is_same_run or name != SHEET)
    )
    first: list[Difference] = list(islice(every, MOST_TOLD))
    more = sum(1 for _ in every)
    told = [f"{difference.sentence()}。" for difference in first]
    if more:
        told.append(f"另有{more}处不同。")
    if told and not is_same_run:
        told.insert(0, "导出后数据也已更新，以下不同之处可能出自改动，也可能出自数据更新：")
    return told

"""The verdict on a list: whether it still follows from the published data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pipelines.exports.list_manifest import LAYOUT, SHEET, ListManifest
from pipelines.exports.list_rules import parameters, parameters_digest
from pipelines.exports.shortlist import ShortlistUnavailable
from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import TABLES, TrialRun, make_year
from pipelines.verification.compare import Difference, Moved, chosen, differences, moved
from pipelines.verification.found import Found
from pipelines.verification.handed import both, is_same, manifest_of, write_ours
from pipelines.verification.markup import NotOurs
from pipelines.verification.rules import different_rules, false_trial, rules_in
from pipelines.verification.seen import Survey, content, filled, moved_lines, strange, survey

MOST_TOLD = 20
MOST_TRIAL_TOLD = 200  # characters

State = Literal[
    "consistent",
    "saved_anew",
    "data_changed",
    "not_compared",
    "other_rules",
    "list_changed",
    "altered",
    "not_ours",
]
HEADLINES: dict[State, str] = {
    "consistent": "一致：文件与按现有数据重新生成的名单逐字节相同。",
    "saved_anew": "内容一致，已另存：文件由办公软件另存过，所载内容与按现有数据重新生成的名单相同。",
    "data_changed": "数据已更新，名单未变：入选单位及其得分、名次与按现有数据重新生成的相同。",
    "not_compared": "未逐格核对：文件由另一版本的程序导出，只核对了入选单位及其得分、名次，这些与按现有数据重新生成的相同；其余内容未核对，不能确认。",
    "other_rules": "评选参数不同，不能确认为正式名单：文件不是按现行正式评选的参数生成的。",
    "list_changed": "名单已变：按现有数据重新生成的名单与文件不同。",
    "altered": "文件被改动：内容与导出时不同。",
    "not_ours": "不是本系统导出的名单。",
}
STATUS: dict[State, int] = {
    "consistent": 0,
    "saved_anew": 0,
    "data_changed": 0,
    "not_ours": 2,
    "not_compared": 3,
}
NEXT = {
    "not_compared": "请用现有程序重新导出名单后核对。",
    "other_rules": "需要正式名单的，请用 sanxing shortlist 重新导出。",
    "not_ours": "请核对文件是否完整、是否为本系统导出的原件；需要名单的，请用 sanxing shortlist 重新导出。",
}


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a file. details: Chinese sentences, most telling first."""

    state: State
    details: list[str] = field(default_factory=list)
    is_trial: bool = False

    @property
    def status(self) -> int:
        """0 the list stands, 1 it does not, 2 no list of ours, 3 not to be told in full."""
        return STATUS.get(self.state, 1)

    @property
    def headline(self) -> str:
        return f"{HEADLINES[self.state]}{'这是试算名单，不是正式名单。' if self.is_trial else ''}"


def verify(path: Path, run: PublishedRun) -> Verdict:
    """The verdict on the file at `path` against the published run."""
    try:
        manifest = manifest_of(path)
        state, details = _judged(path, manifest, run)
    except NotOurs as reason:
        return Verdict("not_ours", [f"{reason}。{NEXT['not_ours']}"])
    following = [NEXT[state]] if state in NEXT else []
    return Verdict(state, [_about(manifest), *details, *following], manifest.trial is not None)


Judged = tuple[State, list[str]]


def _judged(path: Path, manifest: ListManifest, run: PublishedRun) -> Judged:
    """Ours is made again and held against the file byte by byte; only where bytes differ is the file read."""
    if forged := _forged(manifest, run):
        return "altered", [forged]
    try:
        rules = different_rules(run, manifest)
        again = _made_again(run, manifest)
        with TemporaryDirectory() as folder:
            ours = write_ours(again, manifest, Path(folder))
            expected = manifest_of(ours)
            if manifest == expected and is_same(path, ours):
                return "consistent", _rules_said(rules)
            with both(path, ours) as (found, own):
                return _Comparison(manifest, expected, found, own, run).judged(rules)
    except ShortlistUnavailable as gone:
        return "list_changed", [str(gone)]


def _about(manifest: ListManifest) -> str:
    kind = "试算名单" if manifest.trial is not None else "正式名单"
    words = "；".join(manifest.trial or [])
    changes = (
        f"，所称改动：{words if len(words) <= MOST_TRIAL_TOLD else words[:MOST_TRIAL_TOLD] + '…'}"
        if words
        else ""
    )
    return f"{manifest.year}年度示范点{kind}{'（示例数据）' if manifest.synthetic else ''}{changes}。"


def _rules_said(rules: list[str]) -> list[str]:
    return [f"评选参数与正式评选不同：{'；'.join(rules)}。"] if rules else []


def _forged(manifest: ListManifest, run: PublishedRun) -> str | None:
    """What no export of ours would say; None where nothing is. Raises NotOurs."""
    if parameters_digest(manifest.parameters) != manifest.parameters_sha256:
        return "核验数据中的评选参数与其校验值不符。"
    is_same_run = manifest.run == run.name
    if is_same_run and _facts(manifest) != _facts(ListManifest.of(run, manifest.year, manifest.form, {})):
        return "核验数据中的数据批次、目录、输入或截止时间与已发布的不符。"
    if manifest.trial is not None:
        return false_trial(run, manifest) if is_same_run else None
    is_same_catalogue = manifest.catalogue.sha256 == run.manifest["catalogue"]["sha256"]
    if (is_same_run or is_same_catalogue) and manifest.parameters != parameters(run, manifest.year):
        return "核验数据中的评选参数不是正式评选所用的参数。"
    return None


def _facts(manifest: ListManifest) -> tuple[object, ...]:
    """What a run says of itself, whoever exports from it."""
    return manifest.clock, manifest.catalogue, manifest.inputs, manifest.synthetic


def _made_again(run: PublishedRun, manifest: ListManifest) -> PublishedRun:
    """The run with the list as the file's parameters make it. Raises NotOurs, ShortlistUnavailable."""
    if manifest.trial is None and manifest.parameters == parameters(run, manifest.year):
        return run
    lists = make_year(run, manifest.year, rules_in(manifest))
    facts: dict[str, Any] = {**run.manifest, "selection": manifest.parameters}
    if manifest.trial is not None:
        facts["trial"] = {"year": manifest.year, "changes": manifest.trial}
    return TrialRun(run.folder, facts, dict(zip(TABLES, lists, strict=True)))


class _Comparison:
    """A file whose bytes are not ours, next to ours."""

    def __init__(
        self, manifest: ListManifest, again: ListManifest, found: Found, expected: Found, run: PublishedRun
    ) -> None:
        self._manifest, self._again, self._run = manifest, again, run
        self._found, self._expected = found, expected
        self._is_same_run, self._is_same_layout = manifest.run == run.name, manifest.layout == LAYOUT
        self._theirs, self._ours = survey(found), survey(expected)

    def judged(self, rules: list[str]) -> Judged:
        said = [*_rules_said(rules), *filter(None, [filled(self._found, self._expected)])]
        altered = [*self._altered_parts(), *(f"{each}。" for each in self._strange())]
        if self._is_same_run and self._is_same_layout and not altered:
            if content(self._theirs) == content(self._ours) and self._manifest == self._again:
                return "saved_anew", said
            altered = ["文件注明的校验值与按同一批数据重新生成的不符。"]
        if altered:
            cells = self._cells() if self._is_same_layout else []
            return "altered", [*said, *_first(altered), *cells]
        return self._as_of_now(rules, said)

    def _as_of_now(self, rules: list[str], said: list[str]) -> Judged:
        """Of an unaltered file that cannot be held against one of its own time: who came in, who went out, whose figures are others now."""
        change = moved(_chosen(self._found), _chosen(self._expected))
        if any(change):
            return "list_changed", [*said, *_moved_said(change)]
        same = ["按文件所载的参数，入选单位及其得分、名次与按现有数据重新生成的相同。"]
        if rules and self._manifest.trial is None:
            return "other_rules", [*said, *same]
        if not self._is_same_layout:
            return "not_compared", said
        cells = self._cells()
        return "data_changed", [
            *said,
            f"文件的数据批次为{self._manifest.run}，现为{self._run.name}。",
            *cells,
        ]

    def _altered_parts(self) -> list[str]:
        """Parts whose lines are not those that the manifest was made of."""
        written = self._manifest.content
        found = {name: digest for name, digest in content(self._theirs).items() if name != SHEET}
        return [
            *(f"多出“{name}”。" for name in found if name not in written),
            *(f"缺少“{name}”。" for name in written if name not in found),
            *(
                f"“{name}”的内容与导出时不同。"
                for name, digest in found.items()
                if name in written and digest != written[name]
            ),
        ]

    def _strange(self) -> list[str]:
        said = strange(
            self._found, self._expected, is_same_run=self._is_same_run, is_same_layout=self._is_same_layout
        )
        if self._is_same_layout:
            said += moved_lines(self._found, self._theirs, self._expected, self._ours)
        return said

    def _cells(self) -> list[str]:
        """The cells that differ from the list as made again."""
        every = chain.from_iterable(
            differences(name, partial(_rows, self._expected, name), lines, self._found.address)
            for name, lines in self._found.parts.items()
            if name in self._expected.parts and self._differs(name)
        )
        first: list[Difference] = list(islice(every, MOST_TOLD))
        more = sum(1 for _ in every)
        told = [f"{difference.sentence()}。" for difference in first]
        if more:
            told.append(f"另有{more}处不同。")
        if told and not self._is_same_run:
            told.insert(0, "导出后数据也已更新，以下不同之处可能出自改动，也可能出自数据更新：")
        return told

    def _differs(self, name: str) -> bool:
        if name == SHEET and not self._is_same_run:
            return False
        return _sorted(self._theirs[name]) != _sorted(self._ours[name])


def _sorted(part: Survey) -> list[bytes]:
    return sorted(part.digests)


def _rows(found: Found, name: str) -> Any:
    return (cells for _, cells in found.parts[name]())


def _chosen(found: Found) -> dict[str, Any]:
    return chosen(_rows(found, name) for name in found.parts)


def _first(sentences: list[str]) -> list[str]:
    more = len(sentences) - MOST_TOLD
    return [*sentences[:MOST_TOLD], f"另有{more}处。"] if more > 0 else sentences


def _moved_said(change: Moved) -> list[str]:
    said = []
    for title, units in zip(("新入选", "不再入选", "得分或名次有变"), change, strict=True):
        said += [f"{title}（{len(units)}个）：{unit}" for unit in units[:MOST_TOLD]]
        if len(units) > MOST_TOLD:
            said.append(f"{title}另有{len(units) - MOST_TOLD}个。")
    return said

"""Making a sample: the province, the planted truth, all files of all units, and the tables beside them."""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from expectations import Catalogue, Period
from pipelines.registry.file import write_registry
from pipelines.registry.model import Registry
from pipelines.sample.delivery import WORKBOOKS, stamp, time_of_registry
from pipelines.sample.model import load_model
from pipelines.sample.plan import SamplePlan, plan_sample
from pipelines.sample.province import count_units, make_entries
from pipelines.sample.submissions import UnitFiles, UnitSender
from pipelines.sample.truth import plant, truth_json
from pipelines.sample.world import World

REGISTRY, RECEIPTS, TRUTH, README = "registry/units.csv", "receipts.csv", "truth.json", "README.txt"
# Under this many files a second process costs more than it brings.
_PARALLEL_FROM = 60
_MOST_PROCESSES = 4
_MARK = "示例数据"
_README = """{mark}：{units}个单位、{branches}个支部，{first}至{last}，随机种子{seed}。
单位、支部和全部数字均为程序生成，与任何真实单位无关，不含任何个人信息。

registry/units.csv   名册
receipts.csv         各文件的收到时间
workbooks/           各报告期的报表，{faults}
truth.json           有意设置的差错、疑点、薄弱支部、变化中的单位和示范单位，供测试核对

接收本文件夹：sanxing receive 本文件夹
"""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SampleSummary:
    """What a sample holds, for printing."""

    folder: Path
    units_by_kind: dict[str, int]
    branches: int
    periods: int
    files: int
    clean_files: int
    faults_by_class: dict[str, int]
    signs_by_class: dict[str, int]
    explained: int
    labels_zh: dict[str, str]

    def lines_zh(self) -> list[str]:
        """The summary in Chinese, a line a subject."""
        units = "、".join(f"{self.labels_zh[kind]}{count}个" for kind, count in self.units_by_kind.items())
        faults = "、".join(f"{_CLASSES_ZH[name]}{count}" for name, count in self.faults_by_class.items())
        signs = "、".join(f"{_SIGNS_ZH[name]}{count}" for name, count in self.signs_by_class.items())
        return [
            f"{_MARK}已写入 {self.folder}",
            f"单位{sum(self.units_by_kind.values())}个（{units}），支部{self.branches}个，报告期{self.periods}个",
            f"报表{self.files}份，其中无差错{self.clean_files}份；预设差错{sum(self.faults_by_class.values())}处{faults and f'（{faults}）'}",
            f"另有预设疑点的单位{sum(self.signs_by_class.values())}个{signs and f'（{signs}）'}，已如实说明的特殊情况{self.explained}处",
        ]


_CLASSES_ZH = {
    "missing": "漏填",
    "text_in_number": "数字栏填文字",
    "out_of_range": "超出范围",
    "attended_over_expected": "实到大于应到等",
    "wrong_unit_code": "单位代码错",
    "wrong_period": "报告期错",
    "old_template": "旧模板",
    "copied_ledger": "照抄台账",
    "against_last": "与上期相差过大",
    "late": "迟报",
    "absent": "未报",
    "resubmitted": "更正重报",
    "unexplained": "应说明未说明",
}
_SIGNS_ZH = {
    "outlier_own_history": "与本单位历史相差过大",
    "outlier_peers": "与同类相差过大",
    "bunching": "紧贴达标线",
    "copied_rows": "部分台账行照抄",
    "too_constant": "比例长期不变",
    "digit_preference": "偏好整五整十",
}


def make_sample(
    folder: Path,
    units: int,
    first: Period,
    last: Period,
    seed: int,
    catalogue: Catalogue,
    progress: Progress | None = None,
    *,
    with_faults: bool = True,
) -> SampleSummary:
    """Write a synthetic province to `folder`; the same arguments give the same bytes of every file.

    with_faults: whether faults, signs and broken rules of severity explain are planted; weak branches, trends and model units always are.
    progress: called with (submissions done, submissions owed). Raises ValueError, in Chinese, for arguments that cannot
    be used, and for a folder that holds anything but an earlier sample, which is replaced.
    """
    _check(units, first, last, seed, catalogue)
    _clear(folder)
    entries = make_entries(seed, units, first, last, catalogue)
    content = write_registry(list(entries))
    registry = Registry(entries, sha256(content).hexdigest())
    periods = first.to(last)
    world = World(seed, catalogue, load_model(), registry, tuple(periods), plant(seed, registry, periods))
    counts = Counter("branch" if entry.is_branch else entry.kind for entry in entries)
    branches = counts.pop("branch", 0)
    # First of all, so that a sample that was cut short can be told from someone's own folder.
    faults_zh = "其中有意设置了差错和疑点" if with_faults else "没有设置差错和疑点"
    readme = _README.format(
        mark=_MARK, units=units, branches=branches, first=first, last=last, seed=seed, faults=faults_zh
    )
    _write(folder / README, readme.encode("utf-8"))
    _write(folder / REGISTRY, content)
    for period in periods:
        (folder / WORKBOOKS / str(period)).mkdir(parents=True)
    plan = plan_sample(world) if with_faults else SamplePlan()
    sent = list(_send(world, plan, folder, progress))
    receipts = [(file, stamp(time)) for files in sent for file, time in files.receipts]
    receipts.append((REGISTRY, stamp(time_of_registry(catalogue, last))))
    _write(folder / RECEIPTS, _receipts_csv(receipts))
    faults = [fault for files in sent for fault in files.faults]
    clean = [file for files in sent for file in files.clean]
    signs = [sign for files in sent for sign in files.signs]
    explained = [cell for files in sent for cell in files.explained]
    _write(folder / TRUTH, truth_json(seed, world.planted, faults, clean, signs, explained).encode("utf-8"))
    classes = Counter(fault.fault_class for fault in faults)
    return SampleSummary(
        folder=folder,
        units_by_kind={kind.code: counts[kind.code] for kind in catalogue.kinds.units},
        branches=branches,
        periods=len(periods),
        files=len(receipts) - 1,
        clean_files=len(clean),
        faults_by_class={name: classes[name] for name in _CLASSES_ZH if classes[name]},
        signs_by_class=Counter(name for name, _ in sorted({(s.sign_class, s.unit_code) for s in signs})),
        explained=len(explained),
        labels_zh=catalogue.label_zh,
    )


def _check(units: int, first: Period, last: Period, seed: int, catalogue: Catalogue) -> None:
    calendar = catalogue.calendar
    count_units(units, catalogue)
    if first > last:
        raise ValueError(f"起始报告期{first}晚于截止报告期{last}，请对调。")
    if first < calendar.first_period or last > calendar.last_period:
        raise ValueError(f"报告期应在{calendar.first_period}至{calendar.last_period}之间。")
    if seed < 0:
        raise ValueError("随机种子应为不小于0的整数。")


def _clear(folder: Path) -> None:
    """Make way in the folder: an earlier sample's own files go, anyone else's make us refuse."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder}不是文件夹，请换一个位置。")
    if not folder.exists() or not any(folder.iterdir()):
        return
    readme = folder / README
    if not readme.is_file() or not readme.read_text("utf-8", errors="replace").startswith(_MARK):
        raise ValueError(f"文件夹{folder}中已有其他内容。请换一个空文件夹，以免覆盖。")
    for name in (RECEIPTS, TRUTH):
        (folder / name).unlink(missing_ok=True)
    for name in (Path(REGISTRY).parts[0], WORKBOOKS):
        shutil.rmtree(folder / name, ignore_errors=True)


def _send(world: World, plan: SamplePlan, folder: Path, progress: Progress | None) -> Iterator[UnitFiles]:
    """What every unit sent, in the registry's order, from as many processes as pay."""
    codes = [entry.unit_code for entry in world.registry.entries if not entry.is_branch]
    owed, done = len(world.owed), 0
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES) if owed >= _PARALLEL_FROM else 1
    for files in _sent_by(processes, world, plan, folder, codes):
        done += files.periods
        if progress is not None:
            progress(done, owed)
        yield files


def _sent_by(
    processes: int, world: World, plan: SamplePlan, folder: Path, codes: list[str]
) -> Iterator[UnitFiles]:
    if processes == 1:
        for code in codes:
            yield UnitSender(world, plan, folder, world.registry.by_code[code]).send_all()
        return
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawning, initializer=_start, initargs=(world, plan, folder)) as pool:
        yield from pool.map(_send_unit, codes)


# What a worker needs for every unit, and is too much to send with each: put here once, when it starts.
_given: dict[str, tuple[World, SamplePlan, Path]] = {}


def _start(world: World, plan: SamplePlan, folder: Path) -> None:
    _given["sample"] = (world, plan, folder)


def _send_unit(code: str) -> UnitFiles:
    world, plan, folder = _given["sample"]
    return UnitSender(world, plan, folder, world.registry.by_code[code]).send_all()


def _receipts_csv(receipts: list[tuple[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("file", "received_at"))
    in_order = sorted(receipts, key=lambda receipt: receipt[::-1])
    writer.writerows(in_order)
    return text.getvalue().encode("utf-8")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

"""Who is compared with whom: kind × size band, bands of too few units joined. Source: clause O2.3 (like with like)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from expectations import Catalogue
from expectations.models.selection import Band, PeerGroups
from pipelines.registry.model import Registry, RegistryEntry

JOIN = "+"


@dataclass(frozen=True)
class PeerGroup:
    """Neighbouring bands of one kind that are compared as one, and how many units of the registry are in each."""

    kind: str
    bands: tuple[Band, ...]
    sizes: tuple[int, ...]

    @property
    def code(self) -> str:
        return group_code(self.kind, self.bands)

    @property
    def units(self) -> int:
        return sum(self.sizes)


def group_code(kind: str, bands: Sequence[Band]) -> str:
    """`school:medium`; joined bands `school:small+medium`."""
    return f"{kind}:{JOIN.join(band.code for band in bands)}"


def group_label_zh(kind_zh: str, bands: Sequence[Band]) -> str:
    """The kind and its bands in words: 中小学·不足50人、50人至149人."""
    return f"{kind_zh}·{'、'.join(band.label_zh for band in bands)}"


def possible_groups(declared: PeerGroups) -> list[tuple[Band, ...]]:
    """Every run of neighbouring bands: whichever are joined, the group has its label."""
    count = len(declared.bands)
    return [declared.bands[i:j] for i in range(count) for j in range(i + 1, count + 1)]


def joined(declared: PeerGroups, sizes: Sequence[int], least: int) -> list[PeerGroup]:
    """The groups of a kind. sizes: units in each declared band.

    From the smallest band up, a group of fewer than `least` joins the next larger one, and the last the one below it, until each
    has so many or the kind is one group. Nobody is in a band without units: it joins its neighbour as any other.
    """
    groups = [([band], [size]) for band, size in zip(declared.bands, sizes, strict=True)]
    at = 0
    while at < len(groups) and len(groups) > 1:
        if sum(groups[at][1]) >= least:
            at += 1
            continue
        low = min(at, len(groups) - 2)
        (bands, held), (more, also) = groups[low], groups[low + 1]
        groups[low : low + 2] = [(bands + more, held + also)]
        at = low
    return [PeerGroup(declared.kind, tuple(bands), tuple(held)) for bands, held in groups]


def peer_groups(catalogue: Catalogue, registry: Registry) -> list[PeerGroup]:
    """The groups of every kind, by the units and branches that are still in the registry."""
    selection = catalogue.selection
    standing: Counter[tuple[str, int]] = Counter(
        (entry.kind, _band(selection.bands_of(entry.kind), entry))
        for entry in registry.entries
        if entry.valid_to is None
    )
    return [
        group
        for declared in selection.peer_groups
        for group in joined(
            declared,
            [standing[declared.kind, i] for i in range(len(declared.bands))],
            selection.minimum_peers,
        )
    ]


def group_of(catalogue: Catalogue, registry: Registry) -> dict[str, str]:
    """The code of the group of each unit and branch, those that have left included."""
    selection = catalogue.selection
    by_band = {
        (group.kind, band.code): group.code
        for group in peer_groups(catalogue, registry)
        for band in group.bands
    }
    return {
        entry.unit_code: by_band[
            entry.kind, selection.bands_of(entry.kind)[_band(selection.bands_of(entry.kind), entry)].code
        ]
        for entry in registry.entries
    }


def _band(bands: Iterable[Band], entry: RegistryEntry) -> int:
    """The place of the highest band that the members reach."""
    return bisect_right([band.from_members for band in bands], entry.members) - 1


def dim_peer_group(catalogue: Catalogue, registry: Registry) -> pl.DataFrame:
    """peer_group, label_zh, label_en, kind, bands, units, merged, note_zh: why bands are joined, or that there are too few to judge."""
    least = catalogue.selection.minimum_peers
    rows = [
        {
            "peer_group": group.code, "label_zh": group_label_zh(catalogue.label_zh[group.kind], group.bands),
            "label_en": f"{group.kind}, {' and '.join(band.code for band in group.bands)}", "kind": group.kind,
            "bands": JOIN.join(band.code for band in group.bands), "units": group.units, "merged": len(group.bands) > 1,
            "note_zh": note_zh(group, least),
        }
        for group in peer_groups(catalogue, registry)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"units": pl.Int32, "note_zh": pl.String})


def note_zh(group: PeerGroup, least: int) -> str | None:
    """What a reader must know of the group; None where it is one band of enough units."""
    each = "个支部" if group.kind == "branch" else "个单位"
    said = []
    if len(group.bands) > 1:
        few = "、".join(
            f"“{band.label_zh}”{size}{each}"
            for band, size in zip(group.bands, group.sizes, strict=True)
            if size < least
        )
        said.append(f"{few}，不足{least}个，与相邻规模合并比较")
    if group.units < least:
        said.append(f"同类只有{group.units}{each}，不足{least}个，只列数值，不评定高低")
    return "；".join(said) + "。" if said else None

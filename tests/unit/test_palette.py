"""Colours: text on them can be read, marks stand out from paper, and neighbours stay apart for readers with any colour vision.

Contrast as in WCAG 2.2; deficient vision as simulated by Machado, Oliveira and Fernandes 2009 (full severity); differences as CIE76 in Lab.
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboards import charts, markup, theme
from dashboards.compare_charts import TICKS

Vector = NDArray[np.float64]
TEXT, MARK = 4.5, 3.0  # WCAG 1.4.3 and 1.4.11, level AA
APART = 20.0  # a difference in Lab that is seen at a glance
APART_WITH_SHAPE = 12.0  # beside each other, with a shape of its own each
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
FILLS = {**theme.STATUS, **theme.SEVERITY, **theme.LEVEL, **theme.FILLED}
STACKS = {
    "status": list(theme.STATUS.values()),
    "severity": list(theme.SEVERITY.values()),
    "level": list(theme.LEVEL.values()),
    "filled": list(theme.FILLED.values()),
}
STYLE = theme.STYLE.read_text("utf-8")


def linear(colour: str) -> Vector:
    """#rrggbb as linear light."""
    part = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    light: Vector = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return light


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: str, vision: str) -> Vector:
    """The colour as such a reader sees it, in CIE Lab (D65)."""
    seen = np.clip(VISIONS[vision] @ linear(colour), 0, 1)
    ratio = TO_XYZ @ seen / (TO_XYZ @ np.ones(3))
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: str, other: str, vision: str) -> float:
    return float(np.linalg.norm(lab(one, vision) - lab(other, vision)))


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ground", [theme.PAPER, theme.WASH])
@pytest.mark.parametrize("ink", [theme.INK, theme.MUTED, theme.ACCENT])
def test_text_can_be_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= TEXT


@pytest.mark.parametrize("code", theme.STATUS | theme.SEVERITY | theme.LEVEL)
def test_a_figure_on_a_fill_can_be_read(code: str) -> None:
    assert contrast(theme.PAPER if code in theme.ON_DARK else theme.INK, FILLS[code]) >= TEXT


@pytest.mark.parametrize(("place", "fill"), enumerate(theme.RAMP))
def test_a_figure_on_a_tile_can_be_read(place: int, fill: str) -> None:
    assert contrast(theme.PAPER if place >= charts.DARK_FROM else theme.INK, fill) >= TEXT


@pytest.mark.parametrize("fill", [*FILLS.values(), *(colour for colour, *_ in theme.SERIES)])
def test_a_mark_stands_out_from_paper_by_its_fill_or_its_edge(fill: str) -> None:
    assert max(contrast(colour, theme.PAPER) for colour in (fill, theme.EDGE.get(fill, fill))) >= MARK


@pytest.mark.parametrize(
    "line", [theme.ACCENT, theme.MUTED, theme.MEDIAN, theme.SPREAD, theme.STATUS["not_met"]]
)
def test_a_line_stands_out_from_paper(line: str) -> None:
    assert contrast(line, theme.PAPER) >= MARK


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", STACKS)
def test_the_parts_of_a_bar_stay_apart(name: str, vision: str) -> None:
    close = [
        pair for pair in combinations(dict.fromkeys(STACKS[name]), 2) if difference(*pair, vision) < APART
    ]
    assert close == []


@pytest.mark.parametrize("vision", VISIONS)
def test_units_side_by_side_stay_apart_and_have_each_a_shape(vision: str) -> None:
    colours, shapes, signs = zip(*theme.SERIES, strict=True)
    close = [pair for pair in combinations(colours, 2) if difference(*pair, vision) < APART_WITH_SHAPE]
    assert close == []
    assert len(set(shapes)) == len(set(signs)) == len(colours)


@pytest.mark.parametrize("vision", VISIONS)
def test_the_ramp_gets_darker_step_by_step(vision: str) -> None:
    lightness = [lab(colour, vision)[0] for colour in theme.RAMP]
    assert all(lighter - darker >= 5 for lighter, darker in pairwise(lightness))


def test_standard_and_median_are_told_apart_without_colour() -> None:
    assert len({symbol for symbol, *_ in TICKS.values()}) == len(TICKS)


@pytest.mark.parametrize("kind", [theme.STATUS, theme.SEVERITY, theme.LEVEL])
def test_every_state_has_a_sign_of_its_own(kind: dict[str, str]) -> None:
    signs = [markup.SIGNS[code] for code in kind]
    assert all(signs)
    assert len(set(signs)) == len(signs)


def test_every_ink_of_the_style_can_be_read() -> None:
    grounds = {"#fff": [theme.INK, theme.ACCENT]}  # white stands on the bubble of a term
    inks = set(re.findall(r"[^-]color: (#[0-9a-f]{3,6})", STYLE))
    assert theme.INK in inks
    for ink in inks:
        on = grounds.get(ink, [theme.PAPER, theme.WASH])
        full = ink if len(ink) == 7 else "#" + "".join(part * 2 for part in ink[1:])
        assert min(contrast(full, ground) for ground in on) >= TEXT, ink

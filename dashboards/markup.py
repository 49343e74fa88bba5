"""The only place that writes HTML.

Everything that comes in is text and leaves escaped; no page writes tags itself.

No Streamlit and no data: `parts.py` puts the result on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from pipelines.exports.cells import csv_bytes

# A sign beside the colour, so that no meaning hangs on colour alone.
SIGNS = {
    "met": "✓",
    "not_met": "✕",
    "on_pace": "↗",
    "behind": "↘",
    "not_due": "·",
    "not_applicable": "·",
    "not_calculable": "?",
    "accepted": "✓",
    "returned": "↩",
    "refused": "✕",
    "superseded": "·",
    "received": "·",
    "block": "✕",
    "explain": "?",
    "inform": "i",
    "red": "▲",
    "amber": "◆",
    "watch": "●",
}


@dataclass(frozen=True)
class Link:
    """A link to a page of this dashboard: `unit?unit=S0001&period=2025Q4`."""

    text: str
    page: str
    query: tuple[tuple[str, str], ...]

    def html(self) -> str:
        href = f"{self.page}?{urlencode(self.query)}"
        return f'<a href="{escape(href)}" target="_self">{escape(self.text)}</a>'


@dataclass(frozen=True)
class Badge:
    """A code with its sign, colour and Chinese name."""

    code: str
    text: str

    def html(self) -> str:
        sign = SIGNS.get(self.code, "")
        return f'<span class="sx-badge sx-{escape(self.code)}"><i>{sign}</i>{escape(self.text)}</span>'


@dataclass(frozen=True)
class Term:
    """A code that says what it means when it is pointed at."""

    text: str
    meaning: str

    def html(self) -> str:
        return f'<abbr title="{escape(self.meaning)}">{escape(self.text)}</abbr>'


@dataclass(frozen=True)
class Mark:
    """A finding with a sign of its own, in the colour of its tone (better, worse or none), that says what it means when it is pointed at."""

    tone: str
    sign: str
    name: str
    meaning: str

    @property
    def text(self) -> str:
        return f"{self.sign} {self.name}".strip()

    def html(self) -> str:
        tone = f" sx-{escape(self.tone)}" if self.tone else ""
        sign = f"<i>{escape(self.sign)}</i>" if self.sign else ""
        return f'<abbr class="sx-mark{tone}" title="{escape(self.meaning)}">{sign}{escape(self.name)}</abbr>'


@dataclass(frozen=True)
class Again:
    """The same as in the row above: blank to the eye, written out in a file."""

    text: str


@dataclass(frozen=True)
class Judged:
    """A figure that leads to its source, with the sign of its status, and below it in small type where it stands."""

    figure: Link
    status: Badge | None
    remark: str

    @property
    def text(self) -> str:
        status = f" {self.status.text}" if self.status else ""
        return f"{self.figure.text}{status}" + (f"（{self.remark}）" if self.remark else "")

    def html(self) -> str:
        status = f" {self.status.html()}" if self.status else ""
        remark = f'<span class="sx-remark">{escape(self.remark)}</span>' if self.remark else ""
        return self.figure.html() + status + remark


Cell = str | Link | Badge | Term | Mark | Again | Judged | None


def text_of(cell: Cell) -> str:
    """What the cell says, without markup."""
    return "" if cell is None else cell if isinstance(cell, str) else cell.text


def _html_of(cell: Cell) -> str:
    if isinstance(cell, Link | Badge | Term | Mark | Judged):
        return cell.html()
    if isinstance(cell, Again):
        return ""
    return escape(cell or "").replace("\n", "<br>")


@dataclass(frozen=True)
class Column:
    """A column of a shown table.

    `figures` are right-aligned in tabular numerals; `narrow` never wraps; `grow` takes what room there
    is; `prose` keeps a sentence from being squeezed; `phrases` wraps between words that 、 parts; `path` wraps anywhere; `headed` wraps
    its long heading.
    """

    title: str
    figures: bool = False
    narrow: bool = False
    grow: bool = False
    prose: bool = False
    phrases: bool = False
    path: bool = False
    headed: bool = False

    @property
    def css(self) -> str:
        classes = {
            "sx-fig": self.figures,
            "sx-narrow": self.narrow,
            "sx-grow": self.grow,
            "sx-prose": self.prose,
            "sx-phrases": self.phrases,
            "sx-path": self.path,
            "sx-headed": self.headed,
        }
        return " ".join(name for name, on in classes.items() if on)


@dataclass(frozen=True)
class Table:
    """Rows ready to be read.

    Cells in the order of the columns; `groups` are (first row, heading) of bands of rows; a page with a `wide` table prints in landscape.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: str
    groups: Sequence[tuple[int, str]] = ()
    wide: bool = False

    def html(self, start: int = 0, stop: int | None = None) -> str:
        """The table, or the rows from `start` to `stop` of it, with its caption for screen readers."""
        if not self.rows:
            return empty_state(self.empty)
        head = "".join(
            f'<th scope="col" class="{column.css}">{escape(column.title)}</th>' for column in self.columns
        )
        headings = dict(self.groups)
        body: list[str] = []
        for index, row in enumerate(self.rows[start:stop], start):
            if index in headings:
                body.append(
                    f'<tr class="sx-group"><th colspan="{len(self.columns)}" scope="rowgroup">'
                    f"{escape(headings[index])}</th></tr>"
                )
            cells = zip(self.columns, row, strict=True)
            body.append(
                "<tr>" + "".join(f'<td class="{c.css}">{_html_of(cell)}</td>' for c, cell in cells) + "</tr>"
            )
        return (
            f'<div class="sx-scroll{" sx-wide" if self.wide else ""}" tabindex="0" role="region" aria-label="{escape(self.caption)}">'
            f'<table class="sx-table"><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
        )

    def csv(self) -> bytes:
        """The whole table as shown, as CSV for Excel and WPS."""
        return csv_bytes(
            [column.title for column in self.columns], [[text_of(cell) for cell in row] for row in self.rows]
        )


def heading(title: str, aside: str = "", level: int = 2, on_paper: bool = True) -> str:
    """A heading with a quiet remark beside it; one on what only a screen can do stands on no paper."""
    remark = (
        f'<span class="sx-aside{"" if on_paper else " sx-screen"}">{escape(aside)}</span>' if aside else ""
    )
    return f'<div class="sx-heading"><h{level}>{escape(title)}</h{level}>{remark}</div>'


def reading(text: str) -> str:
    """The one-line reading of a chart or table in words."""
    return f'<p class="sx-reading">{escape(text)}</p>'


def note(text: str, on_paper: bool = True) -> str:
    """How a figure was made, in small type; what only a screen can do stands on no paper."""
    return f'<p class="sx-note{"" if on_paper else " sx-screen"}">{escape(text)}</p>'


def empty_state(text: str) -> str:
    """Nothing to show, and why."""
    return f'<p class="sx-empty">{escape(text)}</p>'


def banner(text: str) -> str:
    """A remark that holds for the whole page."""
    return f'<div class="sx-banner" role="note">{escape(text)}</div>'


def figures(items: Sequence[tuple[str, str, str]]) -> str:
    """Key figures side by side: (what, figure, remark)."""
    cells = "".join(
        f'<div class="sx-figure"><dt>{escape(what)}</dt>'
        f"<dd>{escape(figure)}<small>{escape(remark)}</small></dd></div>"
        for what, figure, remark in items
    )
    return f'<dl class="sx-figures">{cells}</dl>'


def facts(items: Sequence[tuple[str, Cell]]) -> str:
    """Facts in one line: 单位代码 S0001 · 类别 小学."""
    cells = "".join(f"<div><dt>{escape(what)}</dt><dd>{_html_of(value)}</dd></div>" for what, value in items)
    return f'<dl class="sx-facts">{cells}</dl>'

"""The only place that writes HTML.

Everything that comes in is text and leaves escaped; no page writes tags itself.

No Streamlit and no data: `parts.py` puts the result on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from dashboards import glossary
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
        text = escape(self.text).replace("\u3000", '<span class="sx-gap">\u3000</span>')
        return f'<a href="{escape(href)}">{text}</a>'


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
    """A code that says what it means when it is pointed at or reached by keyboard."""

    text: str
    meaning: str

    def html(self) -> str:
        return _explained(escape(self.text), self.meaning)


@dataclass(frozen=True)
class Mark:
    """A finding with a sign of its own, in the colour of its tone (better, worse or none), that says what it means as a term does."""

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
        return _explained(f"{sign}{escape(self.name)}", self.meaning, f"sx-mark{tone}")


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
    its long heading. `meaning`: what the title means here; the glossary's where it is None, none where it is empty.
    """

    title: str
    figures: bool = False
    narrow: bool = False
    grow: bool = False
    prose: bool = False
    phrases: bool = False
    path: bool = False
    headed: bool = False
    meaning: str | None = None

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

    Cells in the order of the columns; `groups` are (first row, heading) of bands of rows; a page with a `wide` table prints in landscape; a
    `snug` one, of few short columns, is no wider than they need.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: str
    groups: Sequence[tuple[int, str]] = ()
    wide: bool = False
    snug: bool = False

    def html(self, start: int = 0, stop: int | None = None) -> str:
        """The table, or the rows from `start` to `stop` of it, with its caption for screen readers."""
        if not self.rows:
            return empty_state(self.empty)
        head = "".join(
            f'<th scope="col" class="{column.css}">{_head(column.title, column.meaning)}</th>'
            for column in self.columns
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
            f'<div class="sx-scroll{" sx-wide" if self.wide else ""}{" sx-snug" if self.snug else ""}" tabindex="0" role="region" aria-label="{escape(self.caption)}">'
            f'<table class="sx-table"><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
        )

    def csv(self) -> bytes:
        """The whole table as shown, as CSV for Excel and WPS."""
        return csv_bytes(
            [column.title for column in self.columns], [[text_of(cell) for cell in row] for row in self.rows]
        )


def _explained(html: str, meaning: str, css: str = "") -> str:
    """Words with their meaning one hover or one press of Tab away: style.css shows it, screen readers get it as a description."""
    told = escape(meaning)
    return (
        f'<abbr class="{f"sx-term {css}".strip()}" tabindex="0" data-meaning="{told}" aria-description="{told}">'
        f"{html}</abbr>"
    )


def _prose(text: str) -> str:
    """A text with its terms explained."""
    return "".join(
        escape(piece) if meaning is None else _explained(escape(piece), meaning)
        for piece, meaning in glossary.pieces(text)
    )


def _head(text: str, meaning: str | None = None) -> str:
    """The head of a column, or the name of a figure or fact: explained as a whole where it is a term, else in its parts."""
    known = glossary.meaning(text) if meaning is None else meaning
    if known:
        return _explained(escape(text), known)
    return _prose(text) if known is None else escape(text)


def heading(title: str, aside: str = "", level: int = 2, on_paper: bool = True) -> str:
    """A heading with a quiet remark beside it; one on what only a screen can do stands on no paper.

    Terms are explained in both, but not in the title of a page.
    """
    css = "sx-aside" if on_paper else "sx-aside sx-screen"
    remark = f'<span class="{css}">{_prose(aside)}</span>' if aside else ""
    named = escape(title) if level == 1 else _prose(title)
    return f'<div class="sx-heading"><h{level}>{named}</h{level}>{remark}</div>'


def reading(text: str) -> str:
    """The one-line reading of a chart or table in words."""
    return f'<p class="sx-reading">{_prose(text)}</p>'


def note(text: str, on_paper: bool = True) -> str:
    """How a figure was made, in small type; what only a screen can do stands on no paper."""
    return f'<p class="sx-note{"" if on_paper else " sx-screen"}">{_prose(text)}</p>'


def empty_state(text: str) -> str:
    """Nothing to show, and why."""
    return f'<p class="sx-empty">{escape(text)}</p>'


def banner(text: str) -> str:
    """A remark that holds for the whole page."""
    return f'<div class="sx-banner" role="note">{escape(text)}</div>'


def figures(items: Sequence[tuple[str, str, str]]) -> str:
    """Key figures side by side: (what, figure, remark)."""
    cells = "".join(
        f'<div class="sx-figure"><dt>{_head(what)}</dt>'
        f"<dd>{escape(figure)}<small>{escape(remark)}</small></dd></div>"
        for what, figure, remark in items
    )
    return f'<dl class="sx-figures">{cells}</dl>'


def facts(items: Sequence[tuple[str, Cell]]) -> str:
    """Facts in one line: 单位代码 S0001 · 类别 小学."""
    cells = "".join(f"<div><dt>{_head(what)}</dt><dd>{_html_of(value)}</dd></div>" for what, value in items)
    return f'<dl class="sx-facts">{cells}</dl>'

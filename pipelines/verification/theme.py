"""What a document takes from its theme and its table of fonts: neither may turn black into white, or letters into signs."""

from __future__ import annotations

from pipelines.verification.found import Beside
from pipelines.verification.markup import Parser

SYMBOLS = ("wingdings", "webdings", "symbol", "mt extra", "marlett", "zapfdingbats", "opensymbol")
_COLOURS = {"dk1": ("windowText", "000000"), "lt1": ("window", "FFFFFF")}


def is_symbol(font: str) -> bool:
    """Whether a font shows signs in place of letters."""
    return font.strip().lower().startswith(SYMBOLS)


class Theme(Parser):
    """The part of a theme, or that of the fonts."""

    def __init__(self, beside: Beside) -> None:
        super().__init__()
        self._beside, self._font, self._colour = beside, "", ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "font":
            self._font = _value(attributes, "name")
        elif name in _COLOURS:
            self._colour = name
        elif name in ("sysClr", "srgbClr") and attributes.get("val") not in _COLOURS.get(
            self._colour, (attributes.get("val"),)
        ):
            self._beside.strange("主题中的文字或底色与导出时不同")
        if is_symbol(attributes.get("typeface", "")):
            self._beside.strange("主题中有符号字体")
        if (
            name == "altName"
            and not is_symbol(self._font)
            and is_symbol(_value(attributes, "val").split(",")[0])
        ):
            self._beside.strange(f"字体“{self._font[:40]}”由符号字体代替")

    def end(self, name: str) -> None:
        if name == self._colour:
            self._colour = ""


def _value(attributes: dict[str, str], name: str) -> str:
    """An attribute in whatever namespace."""
    return next((value for key, value in attributes.items() if key.rpartition(" ")[2] == name), "")

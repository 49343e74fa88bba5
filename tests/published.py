"""The published and recomputed numbers of tests/reference/, each file with its source and tolerance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def published(topic: str) -> dict[str, Any]:
    """The file of a topic: `topic`, `source`, `tolerance`, and its cases."""
    path = Path(__file__).with_name("reference") / f"{topic}.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content

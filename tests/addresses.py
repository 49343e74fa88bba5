"""The views that lie behind the first one of a page: each tab and row of buttons that shows something else."""

from __future__ import annotations

from dashboards.views.unit import TABS

# page → what its address says besides
BEHIND: tuple[tuple[str, dict[str, str]], ...] = (
    ("start", {"changed": "met", "next": "returned"}),
    ("start", {"changed": "received"}),
    ("flags", {"shown": "parts"}),
    ("reporting", {"behind": "late"}),
    *(("unit", {"tab": tab}) for tab in list(TABS)[1:]),
    ("shortlist", {"view": "trial"}),
    ("shortlist", {"view": "contacts"}),
)

"""scipy takes a second to load: commands that need no statistics do not pay for it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["pipelines.cli.main", "pipelines.statistics"])
def test_scipy_is_not_loaded_by_what_every_command_imports(module: str) -> None:
    probe = f"import sys, {module}; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False, timeout=120).returncode == 0

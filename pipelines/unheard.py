"""What the fork server of forked.py imports first: nothing that it or its processes print while they start or die reaches a terminal.

That is for the authors of parsers, and a process whose parent has ended meanwhile says so at length. A fork server can be told what to
import and nothing else, so this is the one module whose import does something. Nothing else may import it.
"""

from __future__ import annotations

import os

os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
# The processes share the cores among them: one that multiplies matrices in threads of its own takes the others' time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

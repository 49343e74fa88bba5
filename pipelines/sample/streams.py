"""Random streams by name: what one unit draws depends on the seed and its own code, never on how many others there are."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *names: object) -> np.random.Generator:
    """The generator for these names: the same for the same seed and names, independent of every other."""
    text = "\x1f".join(map(str, (seed, *names)))
    entropy = int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:16], "little")
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(entropy)))

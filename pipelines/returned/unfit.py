"""Why a file cannot be edited by its bytes, or cannot be given back at all."""

from __future__ import annotations


class Unfit(Exception):
    """A package that is sound for a reader and not written as office programs write it: a fresh template is given back instead."""


class NotReturned(Exception):
    """Nothing can be given back for this file. The message is one Chinese sentence."""

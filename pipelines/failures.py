"""The two ways in which a command ends without its result: something that a user can mend, and something that is our fault."""

from __future__ import annotations


class UserMistake(Exception):
    """What was given, or what is there so far, does not allow it. The message is Chinese and says what to do."""


class RunFailed(Exception):
    """A run that ended in an error of ours; the message names the step. What was published before is untouched."""

"""How a node ends: the stable numbers, and the exception that carries one.

A node that cannot be sure stops. The supervisor starts it again and replay decides what is true; nothing is
retried inside the process and no flag turns a check off.
"""

GOOD = 0
USAGE = 2
FAULT_FOUND = 4
"""`node verify` found a row or a piece of evidence that is not what it should be."""
AMBIGUOUS = 70
"""A commit was not clean: what was in doubt is answered after the restart."""
DRIFT = 71
"""Replay gave other bytes, a row or snapshot is corrupt, an invariant is broken, or the state machine raised."""
FENCED = 72
"""Another node has taken over this journal."""
START_CHECK = 73
"""A check at the start failed: nothing was changed."""


class Stop(Exception):
    """Ends the node with `exit_code`; `why` is for people."""

    def __init__(self, exit_code: int, why: str) -> None:
        super().__init__(why)
        self.exit_code = exit_code
        self.why = why


class Drift(Stop):
    """What was computed now is not what was recorded, or a rule that must always hold does not."""

    def __init__(self, why: str) -> None:
        super().__init__(DRIFT, why)


class StartCheck(Stop):
    """The node does not start like this."""

    def __init__(self, why: str) -> None:
        super().__init__(START_CHECK, why)

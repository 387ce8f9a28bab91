"""What a refusal is: a value that names the broken rule and carries a stable number.

Every layer keeps its own enum of refusals below this base; members are written
`NAME = code, "the rule in one sentence"`. Codes are u16, unique over all enums and never reused
(`tests/house/test_refusals.py` proves it); order of members is precedence, first rule first.
"""

from enum import Enum


class Refusal(Enum):
    """Base of all refusal enums: has no members of its own.

    >>> class Door(Refusal):
    ...     ID_IS_ZERO = 10, "ids are non-zero"
    >>> Door.ID_IS_ZERO.code, Door.ID_IS_ZERO.rule
    (10, 'ids are non-zero')
    """

    def __init__(self, code: int, rule: str) -> None:
        self.code = code
        self.rule = rule

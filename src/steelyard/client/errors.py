"""What can go wrong between a client and a node. A refusal by rule is none of these: it is an answer."""

from steelyard.client.types import Problem


class ClientError(Exception):
    """Base of all."""


class AddressError(ClientError, ValueError):
    """A text is no address of a node."""


class KeyFault(ClientError, ValueError):
    """A key cannot be used; the message never holds any of it."""


class KeyIsMalformed(ClientError, ValueError):
    """An idempotency key has 1 to 255 visible ASCII characters."""


class Unreachable(ClientError):
    """The node was not reached; nothing of the request got to it."""


class OutcomeUnknown(ClientError):
    """The request got to the node, but not its answer, in all the time there was.

    Sending the same request under the same key is always safe; `key` is the Idempotency-Key it had.
    """

    def __init__(self, why: str, key: str = "") -> None:
        super().__init__(why)
        self.key = key


class AnswerIsStrange(ClientError):
    """What came back is not what this release understands as an answer."""


class ProblemError(ClientError):
    """The node answered with a problem: the request was not done.

    `in_doubt` says that an earlier try of the same request may have been done nevertheless.
    """

    def __init__(self, problem: Problem, *, in_doubt: bool = False) -> None:
        super().__init__(told(problem))
        self.problem = problem
        self.in_doubt = in_doubt

    @property
    def code(self) -> str:
        """The stable word for what went wrong."""
        return self.problem.code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status


def reason(problem: Problem) -> str:
    """Say why something was refused: the refusal in words, and the rule that does not hold.

    >>> reason(Problem("/problems/refusals/NO", "No", 200, "NO", "The rule that does not hold: yes"))
    'No. The rule that does not hold: yes'
    """
    return f"{problem.title}. {problem.detail}" if problem.detail else problem.title


def told(problem: Problem) -> str:
    """Say a problem in one line: code, title, detail and its faults.

    >>> told(Problem("/problems/not-found", "There is no such thing", 404, "not-found"))
    'not-found: There is no such thing'
    """
    line = f"{problem.code}: {problem.title}"
    if problem.detail and problem.detail not in (fault.message for fault in problem.errors):
        line += f" ({problem.detail})"
    faults = [f"{fault.pointer or '/'} {fault.message}".strip() for fault in problem.errors]
    return f"{line}: {'; '.join(faults)}" if faults else line

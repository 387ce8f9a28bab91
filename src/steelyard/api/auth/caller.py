"""Who is asking: an actor who acts for an owner, in roles, by a key or a session."""

from msgspec import Struct

from steelyard.members.rights import Right, Scope, may
from steelyard.members.roles import Role

KEY, SESSION = "key", "session"


class Caller(Struct, frozen=True):
    """An authenticated caller. `way` is key or session, `token` what limits are counted by (never a secret).

    `scopes` are those of an API key, empty for all its holder may; it is narrowed where it has some, or is good
    from some addresses alone. `csrf` and `stepped_up_at` are a session's.
    """

    actor: str
    owner: str
    kind: str
    roles: tuple[Role, ...]
    way: str
    token: str
    scopes: tuple[str, ...] = ()
    session: bytes = b""
    csrf: str = ""
    stepped_up_at: int = 0
    is_narrowed: bool = False

    def right(self, action: str) -> Right | None:
        """Give the row by which the caller may do something, None where it may not."""
        if self.scopes and action not in self.scopes:
            return None
        return may(self.roles).get(action)

    @property
    def reach(self) -> Scope | None:
        """How far the caller's reading reaches."""
        right = self.right("read")
        return right.scope if right is not None else None

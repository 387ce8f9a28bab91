"""Reads engine scenes: a line an act, columns parted by two spaces or more, the outcome last.

    account  NAME [KIND]        [floor=N ceiling=N funded=N]
    limit    NUMBER KIND        CAP  ACCOUNT ...
    move     ID                 LEGS  [kind=K policy=at_end releasing=ID]   OUTCOME
    reserve  ID                 LEGS  [kind=K within=SECONDS]               OUTCOME
    settle   ID                 [AMOUNT ...]                                OUTCOME
    release | pin | expire  ID                                              OUTCOME
    reverse  ID                 AMOUNT ...                                  OUTCOME
    block | freeze | unblock    NAME
    reset    NUMBER
    wait     SECONDS
    balance  NAME               BALANCE [AVAILABLE]

LEGS is `anna -> bram 50, bram -> cleo 50`; a bare owner means its NOR settlement account. OUTCOME is `done` or
the refusal in lower case, with the leg where one is to blame. `#` begins a comment.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Policy
from steelyard.engine.invariants import first_broken
from steelyard.engine.legs import Act, Leg
from steelyard.engine.limits import LimitKind
from steelyard.engine.state import Engine
from tests.engine.world import SECOND, Small

LEG = re.compile(r"(\S+) -> (\S+) (-?[\d_]+)")


def lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the number and the columns of every line that says something."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        said = line.partition("#")[0].strip()
        if said:
            yield number, re.split(r"\s{2,}", said)


def options(columns: list[str]) -> tuple[list[str], dict[str, str]]:
    """Part plain words from name=value."""
    words = " ".join(columns).split()
    return [word for word in words if "=" not in word], dict(w.split("=") for w in words if "=" in w)


class Scene:
    """One scene as it plays."""

    def __init__(self) -> None:
        self.world = Small()
        self.ids: dict[str, int] = {}
        self.records: dict[str, bytes] = {}

    @property
    def engine(self) -> Engine:
        return self.world.engine

    def play(self, columns: list[str]) -> str:
        """Play one line and give what came of it, in the words of its last column."""
        verb, *rest = columns
        said: str = getattr(self, f"do_{verb}")(*rest)
        assert first_broken(self.engine) is None
        return said

    def act(self, id: str, act: Act) -> str:
        taken = self.engine.take_records()
        assert bool(taken) == (act.refusal is None)
        if taken:
            self.records[id] = taken
        self.world.at += 1
        if act.refusal is None:
            return "done"
        return act.refusal.name.lower() + (f" leg {act.leg}" if act.leg >= 0 else "")

    def bundle(self, id: str, legs: str, more: dict[str, str]) -> Bundle:
        made = tuple(
            Leg(self.world.no(source), self.world.no(target), int(amount))
            for source, target, amount in LEG.findall(legs)
        )
        self.ids[id] = self.world.id()
        kind = Kind[more.get("kind", "payment").upper()]
        policy = Policy[more.get("policy", "each_leg").upper()]
        within = more.get("within", "60")
        deadline = self.world.at + int(within) * SECOND if within != "none" else 0
        return Bundle(self.ids[id], kind, made, policy, deadline_at=deadline)

    def do_account(self, name: str, *rest: str) -> str:
        words, more = options(list(rest))
        funded = int(more.pop("funded", "0"))
        kind = AccountKind[(words or ["settlement"])[0].upper()]
        self.world.open(name, kind, **{key: int(value) for key, value in more.items()})
        if funded:
            self.world.fund(name, funded)
            self.engine.take_records()
        return ""

    def do_limit(self, number: str, kind: str, cap: str, accounts: str) -> str:
        names = accounts.split()
        sides = {"owner": names[0], "other": names[1]} if kind == "pair" else {}
        found = self.engine.open_limit(LimitKind[kind.upper()], self.world.nor, int(cap), **sides)
        assert int(number) == found
        counted = names[:1] if kind == "pair" else names
        assert self.engine.attach_limit(int(number), [self.world.no(name) for name in counted]) is None
        return ""

    def do_move(self, id: str, legs: str, *rest: str) -> str:
        _, more = options(list(rest))
        releasing = [self.ids[id] for id in more.get("releasing", "").split(",") if id]
        bundle, authority = self.bundle(id, legs, more), self.world.everyone
        return self.act(
            id, self.engine.move(bundle, at=self.world.at, authority=authority, releasing=releasing)
        )

    def do_reserve(self, id: str, legs: str, *rest: str) -> str:
        _, more = options(list(rest))
        bundle, authority = self.bundle(id, legs, more), self.world.everyone
        return self.act(id, self.engine.reserve(bundle, at=self.world.at, authority=authority))

    def do_settle(self, id: str, *amounts: str) -> str:
        parts = [int(part) for part in " ".join(amounts).split()] or None
        return self.act(id, self.engine.settle(self.ids[id], parts, at=self.world.at))

    def do_release(self, id: str) -> str:
        return self.act(id, self.engine.release(self.ids[id], at=self.world.at))

    def do_pin(self, id: str) -> str:
        return self.act(id, self.engine.pin(self.ids[id], at=self.world.at))

    def do_expire(self, id: str) -> str:
        assert self.ids[id] in [expiry.bundle_id for expiry in self.engine.due(self.world.at)]
        return self.act(id, self.engine.expire(self.ids[id], at=self.world.at))

    def do_reverse(self, id: str, amounts: str) -> str:
        parts, empty = [int(part) for part in amounts.split()], self.world.bundle(kind=Kind.CORRECTION)
        original, everyone = self.records[id], self.world.everyone
        act = self.engine.reverse(empty, original, parts, at=self.world.at, authority=everyone)
        return self.act("reversal", act)

    def do_block(self, name: str) -> str:
        assert self.engine.block(self.world.no(name)) is None
        return ""

    def do_freeze(self, name: str) -> str:
        assert self.engine.block(self.world.no(name), freeze=True) is None
        return ""

    def do_unblock(self, name: str) -> str:
        assert self.engine.unblock(self.world.no(name), people=2) is None
        return ""

    def do_reset(self, number: str) -> str:
        assert self.engine.reset_window(int(number)) is None
        return ""

    def do_wait(self, seconds: str) -> str:
        self.world.at += int(seconds) * SECOND
        return ""

    def do_balance(self, name: str, expected: str) -> str:
        found = self.engine.balance(self.world.no(name))
        return " ".join(str(part) for part in found[: len(expected.split())])

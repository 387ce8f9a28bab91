"""A register of receipts as a reader of the rulebook would keep it: plain dictionaries and one `if` for each rule.

It shares no code with the source. Goods are single tonnes with the day on which each came in, so that what a split,
a merger or a release does to them can be counted.
"""

MOVABLE = "held"


class NaiveRegister:
    """Receipts by name: who holds them, which tonnes they are for, and the one thing that binds them."""

    def __init__(self, certified: int) -> None:
        self.certified = certified
        self.live: dict[str, dict] = {}

    def tonnes(self) -> int:
        return sum(len(one["goods"]) for one in self.live.values())

    def held(self, holder: str) -> int:
        return sum(len(one["goods"]) for one in self.live.values() if one["holder"] == holder)

    def issue(self, name: str, holder: str, tonnes: int, day: int) -> bool:
        if self.tonnes() + tonnes > self.certified:
            return False
        self.live[name] = {"holder": holder, "goods": [day] * tonnes, "bound": MOVABLE, "frozen": False}
        return True

    def free(self, name: str) -> bool:
        one = self.live.get(name)
        return one is not None and one["bound"] == MOVABLE and not one["frozen"]

    def transfer(self, name: str, holder: str) -> bool:
        if not self.free(name):
            return False
        self.live[name]["holder"] = holder
        return True

    def bind(self, name: str, how: str) -> bool:
        if not self.free(name):
            return False
        self.live[name]["bound"] = how
        return True

    def unbind(self, name: str, how: str) -> bool:
        one = self.live.get(name)
        if one is None or one["bound"] != how or one["frozen"]:
            return False
        one["bound"] = MOVABLE
        return True

    def freeze(self, name: str, frozen: bool) -> bool:
        one = self.live.get(name)
        if one is None or one["frozen"] == frozen:
            return False
        one["frozen"] = frozen
        return True

    def split(self, name: str, first: str, second: str, tonnes: int) -> bool:
        if not self.free(name) or not 0 < tonnes < len(self.live[name]["goods"]):
            return False
        old = self.live.pop(name)
        self.live[first] = {**old, "goods": old["goods"][:tonnes]}
        self.live[second] = {**old, "goods": old["goods"][tonnes:]}
        return True

    def merge(self, one: str, other: str, name: str) -> bool:
        if one == other or not (self.free(one) and self.free(other)):
            return False
        if self.live[one]["holder"] != self.live[other]["holder"]:
            return False
        a, b = self.live.pop(one), self.live.pop(other)
        self.live[name] = {**a, "goods": sorted(a["goods"] + b["goods"])}
        return True

    def leave(self, name: str, tonnes: int) -> bool:
        one = self.live.get(name)
        if one is None or one["bound"] != "out" or one["frozen"] or not 0 < tonnes <= len(one["goods"]):
            return False
        del one["goods"][:tonnes]
        self.certified -= tonnes
        if not one["goods"]:
            del self.live[name]
        return True

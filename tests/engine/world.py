"""A small world for engine tests: one currency NOR, its issuer STAG, and owners with settlement accounts."""

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.legs import Act
from steelyard.engine.state import Engine
from steelyard.values.asset import AssetClass

AT = 1_900_000_000_000_000_000  # an instant in 2030
SECOND = 1_000_000_000


class Small:
    """An engine with NOR and the named owners; ids run on, time stands still unless moved."""

    def __init__(self, *owners: str, engine: Engine | None = None, funded: int = 0) -> None:
        self.engine = engine or Engine()
        self.at = AT
        self.count = 0
        self.nor = number(self.engine.open_asset("NOR", AssetClass.CURRENCY, scale=2, issuer="STAG"))
        self.issuer = self.open("STAG/NOR/issue", AccountKind.ISSUER)
        for owner in owners:
            self.open(f"{owner}/NOR")
            if funded:
                self.fund(owner, funded)
        self.engine.take_records()

    def open(self, name: str, kind: AccountKind = AccountKind.SETTLEMENT, **bounds: int) -> int:
        owner, asset, *_ = name.split("/")
        asset_no = self.engine.asset_no(asset)
        assert asset_no is not None
        return number(self.engine.open_account(name, owner, asset_no, kind, **bounds))

    def no(self, name: str) -> int:
        """The number of an account; a bare owner means its NOR settlement account."""
        found = self.engine.account_no(name if "/" in name else f"{name}/NOR")
        assert found is not None, name
        return found

    def owner(self, *owners: str) -> tuple[int, ...]:
        return tuple(self.engine.add_owner(owner) for owner in owners)

    @property
    def everyone(self) -> tuple[int, ...]:
        return tuple(range(1, len(self.engine.owners)))

    def id(self) -> int:
        self.count += 1
        return (self.at // 1_000_000) << 80 | self.count

    def leg(self, source: str, target: str, amount: int, asset_no: int = 0) -> Leg:
        return Leg(self.no(source), self.no(target), amount, asset_no)

    def bundle(self, *legs: tuple[str, str, int], kind: int = Kind.PAYMENT, **rest: object) -> Bundle:
        made = tuple(self.leg(*leg) for leg in legs)
        return Bundle(rest.pop("bundle_id", None) or self.id(), kind, made, **rest)

    def fund(self, owner: str, amount: int) -> None:
        assert self.move(("STAG/NOR/issue", owner, amount), kind=Kind.ISSUE) == Act()

    def move(
        self, *legs: tuple[str, str, int], authority: tuple[int, ...] | None = None, **rest: object
    ) -> Act:
        bundle = self.bundle(*legs, **rest)
        authority = self.everyone if authority is None else authority
        return self.engine.move(bundle, at=self.at, authority=authority)

    def reserve(
        self, *legs: tuple[str, str, int], authority: tuple[int, ...] | None = None, **rest: object
    ) -> tuple[int, Act]:
        rest.setdefault("deadline_at", self.at + 60 * SECOND)
        bundle = self.bundle(*legs, **rest)
        authority = self.everyone if authority is None else authority
        return bundle.bundle_id, self.engine.reserve(bundle, at=self.at, authority=authority)

    def balance(self, name: str) -> int:
        return self.engine.balance(self.no(name)).balance

    def available(self, name: str) -> int:
        return self.engine.balance(self.no(name)).available


def number(found: object) -> int:
    """Give what a setting answered, which must be a number."""
    assert isinstance(found, int), found
    return found


def crowded(*owners: str) -> Small:
    """Give plain accounts, one that is nearly full, a transit account, a blocked one and another book."""
    made = Small(*owners, funded=100)
    made.open("d/NOR/full", ceiling=50)
    made.open("operator/NOR/transit", AccountKind.TRANSIT)
    blocked = made.open("b/NOR/shut", AccountKind.CLIENT)
    assert made.engine.block(blocked) is None
    number(made.engine.open_asset("SUD", AssetClass.CURRENCY, scale=2, issuer="STAG"))
    made.open("a/SUD")
    return made

"""Group `dvp_pvp`: a receipt against the buyer's money, with the exchange into the seller's: all of it or nothing."""

from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged, same
from steelyard.cli.vectors.market.values import number, whole
from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.state import Engine
from steelyard.market.dvp import Deal, exchange
from steelyard.market.receipts import Receipt, ReceiptState
from steelyard.market.titles import ReceiptClass, Site, Titles
from steelyard.values.asset import AssetClass
from steelyard.values.instants import DAY

ROLES = ("buyer", "seller", "fx")
BANK, HOUSE, GOODS = "bank", "warehouse", "GOODS"
AT = 20_000 * DAY
KG = 1_000


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    case = _Case(given)
    checks: dict[str, Check] = {
        "settled": lambda one: same("settled", one, case.settled),
        "receipt_holder": lambda one: same("receipt_holder", one, case.titles.receipts[b"receipt"].holder),
    }
    for role in ROLES:
        for currency in case.currencies:
            name = f"{role}_{currency}"
            checks[name] = lambda one, name=name: number(name, one, case.balance(name))  # type: ignore[misc]
    return [Failure(f"input.{name}", rule="unknown input") for name in case.unknown] + judged(expect, checks)


class _Case:
    """The engine and the register of a case, after the deal was tried."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.engine, self.titles, self.number = Engine(), Titles(), 0
        money = {name: value for name, value in given.items() if name.partition("_")[0] in ROLES}
        prices = {name[6:]: whole(value) for name, value in given.items() if name.startswith("price_")}
        known = {*money, "receipt_holder", "receipt_pledged", *(f"price_{one}" for one in prices)}
        self.unknown = [name for name in given if name not in known]
        self.currencies = sorted({*prices, *(name.partition("_")[2] for name in money)})
        for currency in self.currencies:
            self._open(currency, AssetClass.CURRENCY, BANK)
        for name, value in money.items():
            if whole(value):
                self._issue(name, whole(value))
        self.settled = self._try(given, prices)

    def balance(self, name: str) -> int:
        """Give what a role has of a currency."""
        return self.engine.balance(self._account(*name.split("_", 1))).balance

    def _try(self, given: dict[str, Any], prices: dict[str, int]) -> bool:
        holder = given.get("receipt_holder", "seller")
        self._open(GOODS, AssetClass.TITLE, HOUSE)
        self._issue(f"{holder}_{GOODS}", KG)
        self.titles.sites["site"] = Site("site", HOUSE, "inspector", KG, KG, "", 0)
        self.titles.classes[GOODS] = ReceiptClass(GOODS, "site", "grade", "crop")
        state = ReceiptState.PLEDGED if given.get("receipt_pledged", False) else ReceiptState.ISSUED
        self.titles.put(Receipt(b"receipt", GOODS, holder, KG, ((KG, 0),), state))
        owners = [self.engine.add_owner(role) for role in (*ROLES, holder)]
        deal = Deal((b"receipt",), "seller", "buyer", tuple(self._money(given, prices)))
        refusal = exchange(
            self.engine, self.titles, deal, self._account, number=self._next(), authority=owners, at=AT
        )
        return refusal is None

    def _money(self, given: dict[str, Any], prices: dict[str, int]) -> list[Leg]:
        """Give the buyer's leg and, where the seller has another currency, the provider's."""
        mine = [currency for currency in prices if f"buyer_{currency}" in given] or list(prices)
        paid = mine[0]
        gets = next((currency for currency in prices if currency != paid), paid)
        if gets == paid:
            return [Leg(self._account("buyer", paid), self._account("seller", paid), prices[paid])]
        return [
            Leg(self._account("buyer", paid), self._account("fx", paid), prices[paid]),
            Leg(self._account("fx", gets), self._account("seller", gets), prices[gets]),
        ]

    def _account(self, owner: str, asset: str) -> int:
        """Give an account, opened when it is first asked for."""
        found = self.engine.account_no(f"{owner}/{asset}")
        if found is not None:
            return found
        title = asset == GOODS
        opened = self.engine.open_account(
            f"{owner}/{asset}",
            owner,
            self.engine.asset_nos[asset],
            AccountKind.ESCROW if title else AccountKind.SETTLEMENT,
            made_by=Kind.DVP if title else 0,
        )
        assert isinstance(opened, int), opened
        return opened

    def _open(self, asset: str, kind: AssetClass, issuer: str) -> None:
        number = self.engine.open_asset(asset, kind, scale=0, issuer=issuer)
        assert isinstance(number, int), number
        account = AccountKind.TITLE_ISSUER if kind is AssetClass.TITLE else AccountKind.ISSUER
        self.engine.open_account(f"{issuer}/{asset}/issuer", issuer, number, account)

    def _issue(self, name: str, amount: int) -> None:
        owner, _, asset = name.partition("_")
        issuer = HOUSE if asset == GOODS else BANK
        source = self.engine.account_no(f"{issuer}/{asset}/issuer")
        assert source is not None
        leg = Leg(source, self._account(owner, asset), amount)
        owners = [self.engine.add_owner(issuer)]
        kind = Kind.DVP if asset == GOODS else Kind.ISSUE
        act = self.engine.move(Bundle(self._next(), kind, (leg,)), authority=owners, at=AT)
        assert act.refusal is None, act

    def _next(self) -> int:
        self.number += 1
        return AT // 1_000_000 << 80 | self.number

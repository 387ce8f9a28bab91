"""The waterfall of a default in one currency, as one bundle.

The loss is what the member owes out of margin runs, and what its closed portfolio has lost since it was last marked.
The layers pay into the clearing account; from there go, in this order, what gainers of earlier runs wait for, what the
house advanced, and what the next run needs for the portfolio, which stands under the house's own name until then.

An assessment is taken from the survivor's settlement account; where that does not hold it, it becomes his dated claim.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import structs

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import clearing_convert
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_claims import settle_claim
from steelyard.flows.clearing_facts import CollateralMoved, LossBorne
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.market.clearing import positions
from steelyard.market.clearing.collateral import WHOLE_BP
from steelyard.market.clearing.default import Borne, Case
from steelyard.market.clearing.house import HOUSE
from steelyard.market.clearing.margin import up
from steelyard.market.clearing.variation import Owed, pay_claim
from steelyard.market.clearing.waterfall import Waterfall, waterfall
from steelyard.members.accounts import SETTLEMENT
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant

ASSESSMENT = "assessment"


def convert(world: World, diary: Diary, case: Case, at: Instant) -> None:
    """Turn a defaulter's cash in other currencies into those of his losses, as far as firm quotes go."""
    losses = {asset: loss_of(world, case, asset) for asset in sorted(world.clearing.desks)}
    for asset, loss in losses.items():
        if loss:
            clearing_convert.into(world, diary, case, asset, loss, losses, at)


def cover(world: World, diary: Diary, case: Case, asset: str, at: Instant) -> EngineRefusal | None:
    """Bear a case's loss in a currency, or give why the house's accounts do not let it; then nothing has changed."""
    house = world.clearing
    owed = house.owed_by(case.member, asset)
    lost = _portfolio_loss(world, case, asset)
    loss = sum(one.minor for one in owed) + lost
    if not loss:
        return None
    borne = _waterfall(world, case, asset, loss, owed)
    after = [structs.replace(one, unpaid=dict(one.unpaid)) for one in owed]
    _cut(after, borne.gains)
    cash = borne.margin + borne.own_fund + borne.capital + sum(borne.survivors.values())
    moves = _sources(world, case, asset, borne)
    done = _pay(world, diary, case, asset, after, moves, cash, at)
    if isinstance(done, EngineRefusal):
        return done
    left = done
    more = sum(
        _assess(world, diary, case, bic, asset, minor, at)
        for bic, minor in borne.assessments.items()
        if minor
    )
    if more:
        rest = _pay(world, diary, case, asset, after, [], more, at)
        left += more if isinstance(rest, EngineRefusal) else rest
    for claim, kept in zip(owed, after, strict=True):
        settle_claim(world, claim, kept)
    if lost:
        _to_the_house(world, case, asset)
    if left:
        house.cover[asset] = house.cover.get(asset, 0) + left
    case.borne = [*case.borne, Borne(asset, str(loss), *_layers(borne))]
    diary.fact(
        LossBorne(
            case.case_id, asset, str(loss), borne.margin, borne.own_fund, borne.capital, money.rows(borne.survivors),
            money.rows(borne.assessments), money.rows(borne.gains), str(borne.uncovered),
        )
    )  # fmt: skip
    for bic, minor in borne.survivors.items():
        diary.tell(bic, "clearing.fund_used", case.case_id, asset, minor)
    for bic, minor in borne.gains.items():
        diary.tell(bic, "clearing.gain_is_cut", case.case_id, asset, minor)
    return None


def _pay(
    world: World,
    diary: Diary,
    case: Case,
    asset: str,
    owed: list[Owed],
    moves: list[money.Move],
    cash: int,
    at: Instant,
) -> int | EngineRefusal:
    """Pay claims with what layers bring, as one bundle; give what stays on the clearing account, or the refusal.

    `owed` are copies: they sink as far as they are paid.
    """
    before = [structs.replace(one, unpaid=dict(one.unpaid)) for one in owed]
    gainers, liquidity, left = _spend(owed, cash)
    clearing = money.account(world, money.CLEARING, OPERATOR, asset)
    moves = list(moves)
    if liquidity:
        moves.append((clearing, money.account(world, money.LIQUIDITY, OPERATOR, asset), liquidity))
    done = money.book_paying(
        world, moves, gainers, asset=asset, subject=case.case_id, what=f"loss {asset} {len(moves)}", at=at
    )
    if done.refusal is not None:
        for one, old in zip(owed, before, strict=True):
            one.advanced_minor, one.unpaid = old.advanced_minor, old.unpaid
        return done.refusal
    world.clearing.keep(asset, done.kept)
    for bic, minor in gainers.items():
        diary.tell(bic, "clearing.margin_paid", case.case_id, asset, minor)
    money.went_in(world, diary, gainers, asset, at)
    return left


def _assess(world: World, diary: Diary, case: Case, bic: str, asset: str, minor: int, at: Instant) -> int:
    """Take an assessment from a survivor's settlement account whole; else it owes it from today on."""
    source = money.account(world, SETTLEMENT, bic, asset)
    target = money.account(world, money.CLEARING, OPERATOR, asset)
    act, bundle_id = money.book(
        world,
        [(source, target, minor)],
        subject=case.case_id,
        what=f"assess {asset} {bic}",
        at=at,
        owners=[bic],
    )
    taken = minor if act.refusal is None else 0
    diary.tell(bic, "clearing.assessed", case.case_id, asset, minor, minor - taken)
    if taken:
        diary.fact(CollateralMoved(bic, ASSESSMENT, asset, minor, bundle_id))
    else:
        world.clearing.owe(Owed(case.case_id, bic, asset, money.today(world, asset, at), minor, {}))
    return taken


def loss_of(world: World, case: Case, asset: str) -> int:
    """Give what a member owes out of runs and has lost with its portfolio, in a currency."""
    owed = sum(one.minor for one in world.clearing.owed_by(case.member, asset))
    return owed + _portfolio_loss(world, case, asset)


def _portfolio_loss(world: World, case: Case, asset: str) -> int:
    """Give what the closed positions of a member have lost, rounded up, with room for how the next run rounds."""
    house = world.clearing
    exact, contracts = Fraction(0), 0
    for contract in sorted(house.book):
        held = house.book[contract].get(case.member)
        if held is not None and house.terms[contract].asset == asset:
            exact += held.gain(0) * house.terms[contract].unit
            contracts += 1
    return up(-exact) + contracts - 1 if exact < 0 else 0


def _to_the_house(world: World, case: Case, asset: str) -> None:
    """Put the closed positions of a member under the house's name: the next run pays for them."""
    house = world.clearing
    for contract in sorted(house.book):
        held = house.book[contract].get(case.member)
        if held is not None and house.terms[contract].asset == asset:
            positions.put(house.book, contract, case.member, 0, -held.cost)
            positions.put(house.book, contract, HOUSE, 0, held.cost)


def _waterfall(world: World, case: Case, asset: str, loss: int, owed: list[Owed]) -> Waterfall:
    house = world.clearing
    desk = house.desks[asset]
    survivors = {
        bic: minor
        for bic in sorted(house.members)
        if bic != case.member
        and bic not in house.cases
        and not house.members[bic].expelled
        and (minor := money.held(world, money.FUND, bic, asset))
    }
    waits: dict[str, int] = {}
    for one in owed:
        for bic, minor in one.unpaid.items():
            waits[bic] = waits.get(bic, 0) + minor
    idle = [bic for bic in survivors if bic not in case.bidders] if desk.non_bidders_first else []
    return waterfall(
        loss,
        margin=money.held(world, money.MARGIN, case.member, asset),
        own_fund=money.held(world, money.FUND, case.member, asset),
        capital=money.held(world, money.CAPITAL, OPERATOR, asset),
        survivors=survivors,
        assessments=Fraction(desk.assessments_bp, WHOLE_BP),
        gains=waits,
        first=idle,
    )


def _sources(world: World, case: Case, asset: str, borne: Waterfall) -> list[money.Move]:
    """Give the legs of the layers into the clearing account, assessments apart."""
    clearing = money.account(world, money.CLEARING, OPERATOR, asset)
    layers = [
        (money.MARGIN, case.member, borne.margin),
        (money.FUND, case.member, borne.own_fund),
        (money.CAPITAL, OPERATOR, borne.capital),
        *((money.FUND, bic, minor) for bic, minor in borne.survivors.items()),
    ]
    return [
        (money.account(world, purpose, owner, asset), clearing, minor)
        for purpose, owner, minor in layers
        if minor
    ]


def _cut(owed: list[Owed], gains: Mapping[str, int]) -> None:
    """Take the haircut off what gainers wait for, oldest claim first."""
    for bic, cut in gains.items():
        left = cut
        for one in owed:
            part = min(left, one.unpaid.get(bic, 0))
            if part:
                one.unpaid[bic] -= part
                left -= part
    for one in owed:
        one.unpaid = {bic: minor for bic, minor in one.unpaid.items() if minor}


def _spend(owed: list[Owed], cash: int) -> tuple[dict[str, int], int, int]:
    """Pay claims with money of the layers, oldest first; give what gainers get, liquidity gets, and the rest."""
    gainers: dict[str, int] = {}
    liquidity = 0
    for claim in owed:
        parts, back = pay_claim(claim, min(cash, claim.minor))
        for bic, minor in parts.items():
            gainers[bic] = gainers.get(bic, 0) + minor
        liquidity += back
        cash -= sum(parts.values()) + back
    return gainers, liquidity, cash


def _layers(borne: Waterfall) -> tuple[int, int, int, dict[str, int], dict[str, int], dict[str, int], str]:
    return (
        borne.margin, borne.own_fund, borne.capital, borne.survivors, borne.assessments, borne.gains,
        str(borne.uncovered),
    )  # fmt: skip

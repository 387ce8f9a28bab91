"""Interest of credit lines: counted at every close, rounded at a month's end or at repayment, paid as a leg of its own.

It goes to the lender's fee account. What cannot be paid stays owed and is tried again at every close, and so does what
could be paid only with what covers shorts in the PvP queue. The interest of a member line that nobody has repaid is
taken from the line itself, as a lot like any other.
"""

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, pvp_cover
from steelyard.flows.credit_lines import owner_of, use_minor
from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import CreditInterest
from steelyard.flows.world import World
from steelyard.liquidity.credit import Accrued, Line, LineKind
from steelyard.values.instants import Day, Instant


def accrue(world: World, line: Line, on: Day) -> None:
    """Count a date's interest on what is used at its close."""
    if line.kind is LineKind.SWAP:
        uses: dict[int, int] = {}
        for lot in line.lots:
            uses[lot.account_no] = uses.get(lot.account_no, 0) + lot.open_minor
        line.accrue(sorted(uses.items()), on)
    elif (used := use_minor(world, line)) > 0:
        line.accrue([(line.account_no, used)], on)


def fix(world: World, diary: Diary, line: Line, account_no: int, at: Instant, *, payer_no: int = 0) -> None:
    """Round what an account owes, and take it: from the account that repays, else from the one that owes."""
    line.interest[account_no] = line.interest_of(account_no).fixed()
    paid = collect(world, diary, line, account_no, at, payer_no=payer_no)
    due_minor = line.interest_of(account_no).due_minor
    if due_minor and not paid:
        diary.fact(CreditInterest(line.line_id, owner_of(world, account_no), due_minor))


def collect(
    world: World, diary: Diary, line: Line, account_no: int, at: Instant, *, payer_no: int = 0
) -> bool:
    """Take the interest that is due from who owes it; tell whether it was taken."""
    owed = line.interest_of(account_no)
    if owed == Accrued():
        line.interest.pop(account_no, None)
        return False
    source, target = payer_no or account_no, world.members.fee_account(line.lender, line.asset)
    if not owed.due_minor or target is None:
        return False
    payer = owner_of(world, source)
    if pvp_cover.keeps(world, payer, source, owed.due_minor):
        return False
    number = booking.bundle_id(line.seed(b"interest"), world.commands, at)
    bundle = Bundle(
        number, Kind.FEE, (Leg(source, target, owed.due_minor),),
        reference=int.from_bytes(line.line_id, "big"),
    )  # fmt: skip
    act = world.engine.move(bundle, authority=[world.engine.owner_nos[payer]], at=at)
    if act.refusal is not None:
        return False
    line.acts += 1
    diary.fact(CreditInterest(line.line_id, payer, owed.due_minor, number.to_bytes(16, "big")))
    line.interest[account_no] = owed.paid()
    if line.interest[account_no] == Accrued():
        del line.interest[account_no]
    return True

"""Receipts: the table, single steps, and the register against a naive one over any sequence of acts."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from steelyard.market.receipts import (
    DOCUMENTS_MAX,
    LAYERS_MAX,
    LIVE,
    STEPS,
    Receipt,
    ReceiptEvent,
    ReceiptState,
    merge,
    moved,
    release,
    split,
    step,
    storage_minor,
)
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.titles import ReceiptClass, Site, Titles, quantity_refusal
from tests.market.naive_register import NaiveRegister

S, E = ReceiptState, ReceiptEvent
SITE = Site("PORT", "WAREHOUS", "INSPECTR", 1_000_000, 900_000, "NOR", 3)
RYE = ReceiptClass("RYE-1-26", "PORT", "RYE 1", "2026")


def receipt(name=b"r", kg=50, state=S.ISSUED, **more):
    """Give a receipt of Anna's over 20 kg of day 7 and the rest of day 9."""
    return Receipt(name, RYE.code, more.pop("holder", "ANNA"), kg, ((20, 7), (kg - 20, 9)), state, **more)


def register(certified=100_000):
    """Give a register with a site and a class, and some stock certified."""
    titles = Titles()
    titles.sites[SITE.site], titles.classes[RYE.code] = SITE, RYE
    titles.certify("PORT", RYE.grade, certified, document=b"d", at=1)
    return titles


@pytest.mark.parametrize("event", [E.TRANSFERRED, E.PLEDGED, E.LOCKED, E.SPLIT, E.MERGED, E.ORDERED_OUT])
@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (S.PLEDGED, TitleRefusal.RECEIPT_IS_PLEDGED),
        (S.LOCKED, TitleRefusal.RECEIPT_IS_LOCKED),
        (S.COMMITTED, TitleRefusal.RECEIPT_IS_LOCKED),
        (S.FROZEN, TitleRefusal.RECEIPT_IS_FROZEN),
        (S.DRAFT, TitleRefusal.RECEIPT_STATE_FORBIDS),
    ],
)
def test_what_serves_one_thing_serves_nothing_else(state, refusal, event):
    """A pledged receipt is not pledged again, sold, locked or ordered out, and so for every other state."""
    if state in (S.LOCKED, S.COMMITTED) and event is E.SPLIT:
        return  # a delivery splits what it has locked among its buyers, the market what an order took

    assert refusal is moved(receipt(state=state), event)


@pytest.mark.parametrize("state", [S.CANCELLED, S.REPLACED])
def test_what_is_over_stays_over(state):
    """No event leads out of an end."""
    assert {} == STEPS[state]
    assert all(step(state, event) is None for event in E)


def test_every_live_state_can_be_frozen_and_thawed_into_itself():
    """A freeze is of no consequence for what a receipt was bound to."""
    for state in LIVE:
        if state is S.FROZEN:
            continue
        held = receipt(state=state, pledgee="BANK", bound_to=b"x")
        frozen = moved(held, E.FROZEN)

        assert held == moved(frozen, E.THAWED)
        assert TitleRefusal.RECEIPT_IS_FROZEN is moved(frozen, E.FROZEN)


def test_a_release_by_the_pledgee_ends_the_pledge():
    """The receipt is its holder's again, and nobody controls it."""
    freed = moved(receipt(state=S.PLEDGED, pledgee="BANK"), E.RELEASED)

    assert (S.ISSUED, "") == (freed.state, freed.pledgee)


def test_an_expired_receipt_is_not_sold():
    """RECEIPT_HAS_EXPIRED; it is graded anew, loaded out or auctioned."""
    assert TitleRefusal.RECEIPT_HAS_EXPIRED is moved(receipt(state=S.EXPIRED), E.TRANSFERRED)
    assert {S.ISSUED, S.LOAD_OUT_REQUESTED, S.FROZEN} == set(STEPS[S.EXPIRED].values())


@pytest.mark.parametrize("parts", [[50], [20, 20], [20, 40], [50, 0], [60, -10]])
def test_parts_add_up(parts):
    """RECEIPT_PARTS_DO_NOT_ADD_UP."""
    named = [(b"%d" % number, kg) for number, kg in enumerate(parts)]

    assert TitleRefusal.RECEIPT_PARTS_DO_NOT_ADD_UP is split(receipt(), named)


@given(st.lists(st.integers(1, 40), min_size=2, max_size=6))
def test_a_split_and_a_merger_give_the_same_goods_back(parts):
    """Every kg with its day of intake."""
    whole = receipt(kg=sum(parts) + 20, documents=(b"p",))
    made = split(whole, [(b"%d" % number, kg) for number, kg in enumerate([*parts, 20])])

    assert whole == merge(made, whole.receipt_id)
    assert whole.kg == sum(one.kg for one in made)
    assert all(one.kg == sum(kg for kg, _ in one.layers) for one in made)


def test_unlike_receipts_are_not_merged():
    """RECEIPTS_ARE_UNLIKE: another holder, another class, or one alone."""
    other = receipt(b"o", holder="BRAM")
    sort = Receipt(b"o", "OATS", "ANNA", 20, ((20, 7),), S.ISSUED)

    for pair in ([receipt(), other], [receipt(), sort], [receipt()]):
        assert TitleRefusal.RECEIPTS_ARE_UNLIKE is merge(pair, b"m")


def test_a_merged_receipt_is_valid_as_long_as_its_parts_and_carries_their_papers():
    """The shortest grade counts; a paper that both have stands once."""
    one = receipt(b"a", valid_until=9, documents=(b"p",))
    two = receipt(b"b", valid_until=5, documents=(b"p", b"q"))
    three = receipt(b"c")

    made = merge([one, two, three], b"m")

    assert (5, (b"p", b"q"), 150) == (made.valid_until, made.documents, made.kg)


def test_a_merger_stays_within_what_a_receipt_can_carry():
    """Days of intake, papers and kg are bounded."""
    days = [Receipt(b"%d" % day, RYE.code, "ANNA", 1, ((1, day),), S.ISSUED) for day in range(LAYERS_MAX + 1)]
    papers = [receipt(b"%d" % one, documents=(b"%d" % one,)) for one in range(DOCUMENTS_MAX + 1)]
    heavy = [receipt(b"%d" % one, kg=10**18 - 1) for one in range(2)]

    assert TitleRefusal.TITLES_ARE_FULL is merge(days, b"m")
    assert TitleRefusal.TITLES_ARE_FULL is merge(papers, b"m")
    assert TitleRefusal.RECEIPT_QUANTITY_OUT_OF_RANGE is merge(heavy, b"m")


def test_the_oldest_goods_leave_first_and_all_of_them_cancel_the_receipt():
    """25 of 50 kg, then the rest."""
    asked = receipt(state=S.LOAD_OUT_REQUESTED)
    half, gone = release(asked, 25)
    empty, rest = release(half, 25)

    assert (S.PARTIALLY_RELEASED, 25, ((20, 7), (5, 9))) == (half.state, half.kg, gone)
    assert (S.CANCELLED, 0, ((25, 9),)) == (empty.state, empty.kg, rest)


@pytest.mark.parametrize(
    ("kg", "refusal"),
    [
        (0, TitleRefusal.RECEIPT_QUANTITY_OUT_OF_RANGE),
        (-1, TitleRefusal.RECEIPT_QUANTITY_OUT_OF_RANGE),
        (51, TitleRefusal.RELEASE_IS_TOO_LARGE),
    ],
)
def test_no_more_leaves_than_there_is(kg, refusal):
    """Nor nothing, nor less."""
    assert refusal is release(receipt(state=S.LOAD_OUT_REQUESTED), kg)


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 30)), min_size=1, max_size=5),
    st.integers(0, 999),
)
def test_storage_of_parts_is_that_of_the_whole_but_for_one_rounding_each(layers, rate):
    """Half a minor unit a part at most."""
    whole = storage_minor(layers, on=31, rate_minor=rate)
    parts = sum(storage_minor([layer], on=31, rate_minor=rate) for layer in layers)

    assert 2 * abs(whole - parts) <= len(layers) + 1


def test_storage_counts_days_from_intake_and_never_backwards():
    """50 t for 10 days and half a tonne for 8, at 3 a tonne and day: 1,500 and 12."""
    assert 1_512 == storage_minor([(50_000, 10), (500, 12)], on=20, rate_minor=3)
    assert 0 == storage_minor([(50_000, 30)], on=20, rate_minor=3)


@pytest.mark.parametrize(
    ("kg", "refusal"),
    [(100_000, None), (100_001, TitleRefusal.STOCK_WOULD_BE_EXCEEDED)],
)
def test_receipts_stay_within_certified_stock(kg, refusal):
    """To the kg: a receipt beyond it is a false one."""
    assert refusal is register().issue_refusal(RYE.code, kg)


def test_receipts_of_a_site_stay_within_its_limit():
    """The smaller of audited capacity and capital, over all its grades."""
    titles = register(2_000_000)
    oats = ReceiptClass("OATS-26", "PORT", "OATS", "2026")
    titles.classes[oats.code] = oats
    titles.certify("PORT", "OATS", 2_000_000, document=b"d", at=1)
    titles.put(Receipt(b"o", oats.code, "BRAM", 800_000, ((800_000, 1),), S.ISSUED))

    assert titles.issue_refusal(RYE.code, 100_000) is None
    assert TitleRefusal.SITE_LIMIT_WOULD_BE_EXCEEDED is titles.issue_refusal(RYE.code, 100_001)


@pytest.mark.parametrize(
    ("weighed", "inspected", "found"),
    [(50, 50, 0), (49, 50, -1), (50, 49, -1), (50, 51, 1), (51, 51, 1), (49, 52, -1)],
)
def test_a_difference_of_stock_is_a_case_that_stops_issues(weighed, inspected, found):
    """Until people have decided it; the first one found stands."""
    titles = register()
    titles.put(receipt())

    assert found == titles.reconcile("PORT", RYE.grade, weighed_kg=weighed, inspected_kg=inspected, case=b"c")
    assert (TitleRefusal.STOCK_CASE_IS_OPEN if found else None) is titles.issue_refusal(RYE.code, 1)
    titles.reconcile("PORT", RYE.grade, weighed_kg=50, inspected_kg=50, case=b"later")
    assert (b"c" if found else b"") == titles.stock("PORT", RYE.grade).case
    titles.close_case("PORT", RYE.grade)
    assert titles.issue_refusal(RYE.code, 1) is None


@pytest.mark.parametrize("kg", [0, -1, 10**18])
def test_a_weight_is_an_amount(kg):
    """RECEIPT_QUANTITY_OUT_OF_RANGE."""
    assert TitleRefusal.RECEIPT_QUANTITY_OUT_OF_RANGE is quantity_refusal(kg)


def test_a_receipt_that_was_never_there_is_not_found():
    """RECEIPT_NOT_FOUND."""
    assert TitleRefusal.RECEIPT_NOT_FOUND is register().get(b"none")


@dataclass
class Pair:
    """The register and the naive one, and the names in use."""

    titles: Titles = field(default_factory=lambda: register(60))
    naive: NaiveRegister = field(default_factory=lambda: NaiveRegister(60))
    number: int = 0


HOLDERS = ("ANNA", "BRAM", "CLEO")
picks = st.integers(0, 30)


class Registers(RuleBasedStateMachine):
    """Any sequence of acts: the register says yes where the naive one does, and both then hold the same."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()

    def name(self) -> str:
        self.pair.number += 1
        return f"r{self.pair.number}"

    def pick(self, number: int) -> str:
        names = sorted(self.pair.naive.live)
        return names[number % len(names)] if names else "none"

    def change(self, name: str, event: ReceiptEvent, **changes) -> bool:
        """Let an event happen to a receipt of the register."""
        held = self.pair.titles.get(name.encode())
        after = held if isinstance(held, TitleRefusal) else moved(held, event)
        if isinstance(after, TitleRefusal):
            return False
        kept = {key: getattr(after, key) for key in after.__struct_fields__} | changes
        self.pair.titles.put(Receipt(**kept))
        return True

    @rule(holder=st.sampled_from(HOLDERS), tonnes=st.integers(1, 25), day=st.integers(1, 9))
    def issue(self, holder: str, tonnes: int, day: int) -> None:
        name, titles = self.name(), self.pair.titles
        may = titles.issue_refusal(RYE.code, tonnes) is None
        if may:
            titles.put(Receipt(name.encode(), RYE.code, holder, tonnes, ((tonnes, day),), S.ISSUED))

        assert self.pair.naive.issue(name, holder, tonnes, day) == may

    @rule(pick=picks, holder=st.sampled_from(HOLDERS))
    def transfer(self, pick: int, holder: str) -> None:
        name = self.pick(pick)

        assert self.pair.naive.transfer(name, holder) == self.change(name, E.TRANSFERRED, holder=holder)

    @rule(
        pick=picks,
        how=st.sampled_from([("pledged", E.PLEDGED), ("locked", E.LOCKED), ("out", E.ORDERED_OUT)]),
    )
    def bind(self, pick: int, how) -> None:
        name = self.pick(pick)

        assert self.pair.naive.bind(name, how[0]) == self.change(name, how[1])

    @rule(
        pick=picks,
        how=st.sampled_from([("pledged", E.RELEASED), ("locked", E.UNLOCKED), ("out", E.WITHDRAWN)]),
    )
    def unbind(self, pick: int, how) -> None:
        name = self.pick(pick)

        assert self.pair.naive.unbind(name, how[0]) == self.change(name, how[1])

    @rule(pick=picks, frozen=st.booleans())
    def freeze(self, pick: int, frozen: bool) -> None:
        name = self.pick(pick)

        assert self.pair.naive.freeze(name, frozen) == self.change(name, E.FROZEN if frozen else E.THAWED)

    @rule(pick=picks, tonnes=st.integers(0, 25))
    def split(self, pick: int, tonnes: int) -> None:
        name, titles = self.pick(pick), self.pair.titles
        first, second = self.name(), self.name()
        held = titles.get(name.encode())
        made = (
            held
            if isinstance(held, TitleRefusal) or held.state is not S.ISSUED
            else split(held, [(first.encode(), tonnes), (second.encode(), held.kg - tonnes)])
        )
        if isinstance(made, list):
            self.change(name, E.SPLIT)
            for part in made:
                titles.put(part)

        assert self.pair.naive.split(name, first, second, tonnes) == isinstance(made, list)

    @precondition(lambda self: len(self.pair.naive.live) > 1)
    @rule(one=picks, other=picks)
    def merge(self, one: int, other: int) -> None:
        titles, name = self.pair.titles, self.name()
        names = [self.pick(one), self.pick(other)]
        held = [titles.receipts[each.encode()] for each in dict.fromkeys(names)]
        made = merge(held, name.encode())
        if isinstance(made, Receipt):
            for each in names:
                self.change(each, E.MERGED)
            titles.put(made)

        assert self.pair.naive.merge(*names, name) == isinstance(made, Receipt)

    @rule(pick=picks, tonnes=st.integers(0, 25))
    def leave(self, pick: int, tonnes: int) -> None:
        name, titles = self.pick(pick), self.pair.titles
        held = titles.get(name.encode())
        done = held if isinstance(held, TitleRefusal) else release(held, tonnes)
        if isinstance(done, tuple):
            titles.put(done[0])
            titles.left("PORT", RYE.grade, tonnes)

        assert self.pair.naive.leave(name, tonnes) == isinstance(done, tuple)

    @invariant()
    def both_hold_the_same(self) -> None:
        titles, naive = self.pair.titles, self.pair.naive
        goods = {
            one.receipt_id.decode(): [day for kg, day in one.layers for _ in range(kg)]
            for one in titles.receipts.values()
        }

        assert {name: one["goods"] for name, one in naive.live.items()} == goods
        assert (
            naive.tonnes()
            == titles.live_kg("PORT", RYE.grade)
            <= titles.stock("PORT", RYE.grade).certified_kg
        )
        for holder in HOLDERS:
            assert naive.held(holder) == titles.held_kg(holder, RYE.code)
            assert naive.held(holder) == sum(one.kg for one in titles.of_holder(holder))

    @invariant()
    def what_can_be_frozen_or_thawed_is_found_by_site(self) -> None:
        titles = self.pair.titles
        for event in (E.FROZEN, E.THAWED):
            able = sorted(
                one.receipt_id for one in titles.receipts.values() if isinstance(moved(one, event), Receipt)
            )

            assert able[:3] == titles.orderable("PORT", event, 3)
            assert able == titles.orderable("PORT", event, 1_000)

    @invariant()
    def bytes_come_back(self) -> None:
        encoded = self.pair.titles.encode()

        assert encoded == Titles.decode(encoded).encode()


Registers.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestRegisters = Registers.TestCase

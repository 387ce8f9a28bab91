"""What the projection must be on every database. A subclass gives `address`: where empty tables go."""

import random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.flows import facts
from steelyard.storage import gather, segments
from steelyard.storage.database import DatabaseFault
from steelyard.storage.generations import Generations
from steelyard.storage.journal import CorruptJournal
from steelyard.storage.memory import MemoryJournal
from steelyard.storage.projection import Projection, Projector, rebuild
from steelyard.storage.queries import ORDER, Reader, place_of
from steelyard.storage.tables import PROJECTION
from tests.contracts.projection.model import Journal
from tests.storage.making import BANKS, Maker

ACCOUNTS = 12


def journal_of(seed: int, count: int = 30):
    """Make rows of every kind: settled at once, waiting over rows, refused, rare changes, day ends."""
    maker = Maker(seed)
    draw = random.Random(seed)
    rows, open_steps, days = [maker.accounts(ACCOUNTS)], [], 0
    while len(rows) < count:
        acts = []
        for _ in range(draw.randint(1, 6)):
            what = draw.random()
            if what < 0.5:
                acts += [maker.quote(), maker.payment(ACCOUNTS)]
            elif what < 0.7:
                open_steps.append(maker.waiting(ACCOUNTS))
                acts.append(open_steps[-1].pop(0))
            elif what < 0.75:
                acts += [maker.refused(), maker.rare()]
            elif what < 0.8:
                days += 1
                counters = Journal([*rows, maker_row(acts, maker)]).counters()
                closing = {number: abs(sums[1] - sums[0]) for number, sums in counters.items()}
                acts.append(maker.day_end(20_000 + days, closing, days))
            elif open_steps:
                step = draw.choice(open_steps)
                acts.append(step.pop(0))
                open_steps = [each for each in open_steps if each]
        acts = [
            (msgspec.structs.replace(act[0], at_ns=maker.now + place), *act[1:])
            for place, act in enumerate(acts)
        ]
        maker.now += 1_000
        if acts:
            rows.append(maker.row(acts))
    return rows


def maker_row(acts, maker):
    """Frame acts as the next row without taking its place."""
    head, made = maker.head, maker.row(acts)
    maker.head = head
    return made


def dump(database):
    """Give the content of every table, sorted; legs over all segments."""
    found = {name: sorted(database.all(f"SELECT * FROM {name}"), key=repr) for name in PROJECTION.tables}
    del found["leg_segment"]
    found["leg"] = database.all("SELECT * FROM leg ORDER BY key")
    return found


class ProjectionContract:
    """Inherited by one class per database."""

    segment_legs = 40

    def made(self, address, rows, *, step=5):
        """Project rows in small transactions over small segments, indexes made now and then."""
        projection = Projection(Generations(address).open(1), segment_legs=self.segment_legs)
        for at in range(0, len(rows), step):
            projection.apply(rows[at : at + step])
            if at % 2:
                projection._tend()
        return projection

    @pytest.fixture(params=[1, 2, 3])
    def told(self, request, address):
        """Rows, the model of them, and a reader of their projection."""
        yield from self.tell(address, request.param)

    def tell(self, address, seed):
        rows = journal_of(seed, 60)
        projection = self.made(address, rows)
        assert len(projection._segments) > 2
        reader = Reader(address)
        yield Journal(rows), reader, projection
        reader.close()
        projection.close()

    def test_counters_are_the_sums_of_the_legs(self, told):
        model, reader, _ = told
        expected = model.counters()
        found = {row["account_no"]: row for row in reader.page("account", limit=1000)}

        assert len(expected) == ACCOUNTS
        names = ("debits_settled", "credits_settled", "debits_reserved", "credits_reserved")
        assert expected == {number: [int(found[number][name]) for name in names] for number in expected}

    @pytest.mark.parametrize("newest_first", [False, True])
    @pytest.mark.parametrize("limit", [1, 7, 1000])
    def test_the_legs_of_an_account_page_without_gap(self, told, newest_first, limit):
        model, reader, _ = told
        for account in range(1, ACCOUNTS + 1):
            found, bounds = [], {}
            while page := reader.account_legs(account, limit=limit, newest_first=newest_first, **bounds):
                assert len(page) <= limit
                found += page
                bounds = {"before" if newest_first else "after": page[-1]["key"]}
            keys = model.account_legs(account)

            assert [row["key"] for row in found] == (keys[::-1] if newest_first else keys)

    def test_every_field_of_a_leg_is_kept(self, told):
        model, reader, _ = told
        for key, _, _ in model.commands:
            rows = reader.command_legs(key)
            legs = [(place, leg) for place, leg in model.legs if (leg.seq, leg.position) == place_of(key)]

            assert len(legs) == len(rows)
            for (place, leg), row in zip(legs, rows, strict=True):
                big = {
                    name: getattr(leg, name).to_bytes(16, "big")
                    for name in ("bundle_id", "reference", "original")
                }
                expected = leg._asdict() | big | {"key": place, "at_ns": leg.at}
                del expected["at"]
                assert {n: v or 0 for n, v in row.items()} == {
                    n: (0 if v == bytes(16) else v or 0) for n, v in expected.items()
                }

    def test_bundles_references_and_payments_find_their_legs(self, told):
        model, reader, _ = told
        bundles = {leg.bundle_id for _, leg in model.legs}
        for bundle in bundles:
            keys = [key for key, leg in model.legs if leg.bundle_id == bundle]
            assert keys == [row["key"] for row in reader.bundle_legs(bundle.to_bytes(16, "big"))]
        for uetr in model.states():
            keys = [key for key, leg in model.legs if leg.reference.to_bytes(16, "big") == uetr]
            assert keys == [row["key"] for row in reader.payment_legs(uetr)]
            assert keys == [row["key"] for row in reader.reference_legs(uetr)]

    def test_payments_stand_where_their_facts_left_them(self, told):
        model, reader, _ = told
        found = {row["uetr"]: (row["state"], row["refusal"]) for row in reader.page("payment", limit=1000)}

        assert model.states() == found
        for uetr, (state, _) in model.states().items():
            moves = [f for _, _, f in model.facts(facts.PaymentMoved) if f.uetr == uetr]
            assert [(m.before, m.event, m.after) for m in moves] == [
                (row["before"], row["event"], row["after"]) for row in reader.timeline(uetr)
            ]
            row = reader.one("payment", uetr=uetr)
            assert bool(row["settled_at"]) == (state == 9)
            bundles = [m.bundle_id for m in moves if m.bundle_id]
            entered = next(f for _, _, f in model.facts(facts.PaymentEntered) if f.uetr == uetr)
            assert row["bundle_id"] == (bundles[-1] if bundles else entered.bundle_id)
            priced = [f for _, _, f in model.facts(facts.PaymentPriced) if f.uetr == uetr]
            assert row["providers"] == " ".join((priced or [entered])[-1].providers)
            waits = [f for _, _, f in model.facts(facts.PaymentWaits) if f.uetr == uetr]
            assert row["waits"] == (waits or [entered])[-1].waits

    @pytest.mark.parametrize("newest_first", [False, True])
    def test_an_agents_payments_page_without_gap(self, told, newest_first):
        model, reader, _ = told
        for bank in BANKS:
            found, after = [], ()
            mine = [("debtor_agent", "=", bank), ("creditor_agent", "=", bank)]
            while page := reader.page(
                "payment", any_of=mine, after=after, limit=3, newest_first=newest_first
            ):
                found += page
                after = [page[-1][name] for name in ORDER["payment"]]
            expected = model.payments(bank)
            assert [row["uetr"] for row in found] == (expected[::-1] if newest_first else expected)

    def test_what_banks_paid_and_sent_in_sums_by_date(self, told):
        _, reader, _ = told
        every = reader.page("payment", limit=1000)
        paid: dict[tuple, list[int]] = {}
        sent: dict[tuple, int] = {}
        for row in every:
            pair = (
                row["debtor_agent"],
                row["creditor_agent"],
                row["source"],
                row["target"],
                row["settlement_on"],
            )
            settled = (
                row["target_minor"] - row["abandoned_minor"]
                if 9 <= row["state"] <= 11
                else row["settled_minor"]
            )
            if 9 <= row["state"] <= 11 or settled:
                sums = paid.setdefault(pair, [0, 0])
                sums[0] += row["source_minor"]
                sums[1] += settled
            if row["state"] < 20:
                key = row["debtor_agent"], row["source"], row["settlement_on"]
                sent[key] = sent.get(key, 0) + row["source_minor"]
        names = ("debtor_agent", "creditor_agent", "source", "target", "settlement_on")
        found = {
            tuple(row[name] for name in names): [row["sold_minor"], row["bought_minor"]]
            for row in reader.paid_by_day(0)
        }

        assert paid == found
        assert paid
        for asset in {asset for _, asset, _ in sent}:
            rows = reader.sent_by_day(asset, 0, 1 << 40)
            assert {key: minor for key, minor in sent.items() if key[1] == asset} == {
                (row["debtor_agent"], asset, row["settlement_on"]): row["sent_minor"] for row in rows
            }
            for on in {on for _, its, on in sent if its == asset}:
                day = reader.sent_on(asset, on)
                assert sum(row["source_minor"] for row in day) == sum(
                    minor for key, minor in sent.items() if key[1:] == (asset, on)
                )

    def test_filters_narrow_and_unknown_ones_are_refused(self, told):
        model, reader, _ = told
        settled = [uetr for uetr, (state, _) in model.states().items() if state == 9]
        found = reader.page("payment", [("state", "in", [9]), ("source_minor", ">", 0)], limit=1000)

        assert settled == [row["uetr"] for row in found]
        assert reader.page("payment", [("state", "in", [])]) == []
        with pytest.raises(ValueError, match="no column"):
            reader.page("payment", [("state; DROP", "=", 1)])
        with pytest.raises(ValueError, match="no operator"):
            reader.page("payment", [("state", "LIKE", 1)])

    def test_events_come_in_order_to_each_recipient(self, told):
        model, reader, _ = told
        everything = reader.page("event", limit=10_000)

        assert [(key, n, item.kind, item.subject) for key, n, item in model.events] == [
            (row["key"], row["n"], row["kind"], row["subject"]) for row in everything
        ]
        for bank in BANKS:
            mine = [(key, n) for key, n, notice in model.events if notice.recipient == bank]
            half = len(mine) // 2
            found = reader.page("event", [("recipient", "=", bank)], after=mine[half], limit=1000)
            assert mine[half + 1 :] == [(row["key"], row["n"]) for row in found]

    def test_commands_are_found_by_id_and_place(self, told):
        model, reader, _ = told
        for key, command, outcome in model.commands:
            assert reader.command_place(command.id) == place_of(key)
            row = reader.one("command", key=key)
            assert (row["name"], row["sender"], row["at_ns"]) == (command.name, command.sender, command.at_ns)
            assert (row["code"], row["refusal"]) == (outcome.code, outcome.refusal)
        assert reader.command_place(bytes(15) + b"x") is None
        key, leg = model.legs[-1]
        first = next(leg for _, leg in model.legs if leg.bundle_id == model.legs[-1][1].bundle_id)
        assert reader.command_place(leg.bundle_id.to_bytes(16, "big")) == (first.seq, first.position)

    def test_statements_add_up_from_their_entries(self, told):
        model, reader, _ = told
        days = model.facts(facts.DayEnded)
        assert days
        opening = {}
        for key, _, day in days:
            for account, number, closing in day.statements:
                found = reader.statement(account, day.on)
                assert (found["statement_no"], int(found["closing_minor"])) == (number, closing)
                assert int(found["opening_minor"]) == opening.get(account, 0)
                entries = reader.statement_legs(found)
                keys = [
                    place
                    for place, leg in model.legs
                    if account in (leg.source, leg.target)
                    and (leg.act in (1, 3) and leg.amount_minor)
                    and found["opened_key"] <= place < found["closed_key"]
                ]
                assert keys == [row["key"] for row in entries]
                assert all((row["seq"], row["position"]) <= place_of(key) for row in entries)
                opening[account] = closing

    def test_what_changes_rarely_stands_as_last_told(self, told):
        model, reader, _ = told
        last = {type(fact).__name__: fact for _, _, fact in model.told}

        assert last["MemberMoved"].state == reader.one("member", code="NO")["state"]
        assert last["RatePut"].num == int(reader.one("rate", base="NOR")["num"])
        changed = reader.one("account", account_no=last["AccountChanged"].account_no)
        assert (changed["state"], int(changed["floor_minor"])) == ("blocked", -(10**18))
        funding = last["FundingMoved"]
        funded = reader.one("funding", id=funding.funding)
        assert (funded["state"], funded["participant"]) == (funding.state, funding.participant)
        assert msgspec.msgpack.decode(
            reader.one("setting", name="line", owner=last["SettingChanged"].owner)["value"]
        )
        limit = last["LimitSet"]
        assert reader.one("own_limit", limit_no=limit.limit_no)["owner"] == limit.owner
        checks = reader.page("reserve_check", [("asset", "=", "NOR")], limit=1000)
        assert len(checks) == len(model.facts(facts.ReserveStated, facts.ReserveCleared))
        assert {check["what"] for check in checks} == {"stated", "cleared"}
        quotes = model.facts(facts.QuoteGiven)
        assert len(quotes) == len(reader.page("quote", limit=1000))
        assert ("maker checker", "person") == (reader.one("actor")["roles"], reader.one("actor")["kind"])

    def test_a_batch_is_kept_with_its_report_and_what_it_did_for_whom(self, told):
        _, reader, _ = told
        batch = reader.page("batch", limit=1)[0]
        report = msgspec.json.decode(batch["report"])
        members = reader.page("batch_member", [("number", "=", batch["number"])])

        assert ("A4", "210", str(2**70), 1) == tuple(
            batch[name] for name in ("algorithm", "settled", "bound", "proved")
        )
        assert set(facts.BatchReported.__struct_fields__) == set(report)
        assert bytes(batch["batch_id"]).hex() == report["batch_id"]
        assert {("70", "70", str(2**70)), ("70", "70", "10")} == {
            (row["paid"], row["received"], row["remaining"]) for row in members
        }
        assert batch["number"] == reader.one("batch", batch_id=batch["batch_id"])["number"]

    def test_a_cycle_is_kept_with_its_plan_its_report_and_its_members(self, told):
        _, reader, _ = told
        cycle = reader.page("cycle", limit=1)[0]
        members = reader.page("cycle_member", [("number", "=", cycle["number"])])

        assert ("NOR SUD", "calendar", "CLOSED", "A4", 1, 5, 7, 12) == tuple(
            cycle[name]
            for name in (
                "assets",
                "trigger",
                "state",
                "algorithm",
                "proved",
                "cut_at",
                "cut_seq",
                "closed_at",
            )
        )
        assert set(facts.CyclePlanned.__struct_fields__) == set(msgspec.json.decode(cycle["plan"]))
        assert set(facts.CycleReported.__struct_fields__) == set(msgspec.json.decode(cycle["report"]))
        assert {("70", "30", 40, 40), ("30", "70", 0, 0)} == {
            (row["paid_out"], row["received"], row["called_minor"], row["paid_in_minor"]) for row in members
        }
        assert "600 660" == reader.one("cycle_schedule", assets="NOR SUD")["cuts"]

    def test_the_cursor_counts_what_it_passed(self, told):
        model, reader, projection = told
        cursor = projection.cursor

        assert reader.applied_seq() == cursor.seq == projection.applied_seq
        assert (cursor.commands, cursor.legs) == (len(model.commands), len(model.legs))
        last = projection.database.one("SELECT commands, legs FROM journal_row ORDER BY seq DESC LIMIT 1")
        assert last == (cursor.commands, cursor.legs)

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 99), data=st.data())
    def test_how_rows_are_split_into_transactions_is_invisible(self, address, seed, data):
        rows = journal_of(seed, 14)
        dumps = []
        for generation in (1, 2):
            generations = Generations(address)
            generations.serve(3)
            generations.drop(generation)
            projection = Projection(generations.open(generation), segment_legs=25)
            at = 0
            while at < len(rows):
                step = 1 if generation == 1 else data.draw(st.integers(1, 9))
                projection.apply(rows[at : at + step])
                at += step
                if generation == 2 and data.draw(st.booleans()):
                    projection.close()
                    projection = Projection(generations.open(generation), segment_legs=25)
            dumps.append(dump(projection.database))
            projection.close()

        assert dumps[0] == dumps[1]

    def test_a_row_that_does_not_follow_changes_nothing(self, address):
        rows = journal_of(1, 8)
        projection = self.made(address, rows[:3])
        before = dump(projection.database)
        for wrong in ([rows[4]], [rows[3], rows[5]], [msgspec.structs.replace(rows[3], prev_hash=bytes(32))]):
            with pytest.raises(CorruptJournal):
                projection.apply(wrong)
        with pytest.raises(CorruptJournal, match="cut short"):
            projection.apply([msgspec.structs.replace(rows[3], body=rows[3].body[:-1])])

        assert before == dump(projection.database)
        projection.apply(rows[3:])
        assert projection.applied_seq == 8
        projection.close()

    def test_a_second_writer_is_found_out(self, address):
        rows = journal_of(1, 8)
        first, second = self.made(address, rows[:4]), Projection(Generations(address).open(1))
        first.apply(rows[4:6])

        with pytest.raises((CorruptJournal, DatabaseFault)):
            second.apply(rows[4:6])
        assert first.apply(rows[6:]) >= 0
        first.close()
        second.close()

    def test_a_rebuild_serves_at_once_when_it_is_done(self, address):
        rows = journal_of(4, 40)
        journal = MemoryJournal()
        journal.shelf.rows += rows
        projector = Projector(address, segment_legs=30)
        while projector.take(journal):
            pass
        before = dump(projector.projection.database)
        reader = Reader(address)
        assert reader.applied_seq() == 40
        with projector.projection.database.writing() as tables:
            tables.run("UPDATE payment SET state = 99")
        heard = []

        assert rebuild(address, journal, tell=heard.append, segment_legs=30) == 40
        assert heard[-1] == 40
        assert {row["state"] for row in reader.page("payment", limit=1000)} != {99}
        more = Maker(9)
        more.head = more.head.__class__(40, rows[-1].hash, 1, rows[-1].time_last)
        journal.shelf.rows.append(more.row([more.payment(ACCOUNTS)]))
        assert projector.take(journal) == 1
        assert reader.applied_seq() == 41
        journal.shelf.rows.pop()
        assert rebuild(address, journal, segment_legs=30) == 40
        fresh = Projector(address)
        assert before == dump(fresh.projection.database)
        for each in (projector, reader, fresh):
            each.close()

    def test_a_reader_without_a_projection_says_so(self, address):
        with pytest.raises(DatabaseFault):
            Reader(address).applied_seq()

    def test_amounts_near_the_bound_do_not_wrap(self, address):
        maker = Maker(3)
        rows = [maker.accounts(4)]
        big = 10**18 - 1
        for _ in range(3):
            legs = [maker.leg(1, 2, big) for _ in range(40)]
            rows.append(maker.row([(maker.command(), maker.refused()[1], legs)]))
        projection = self.made(address, rows)
        reader = Reader(address)

        assert int(reader.one("account", account_no=1)["debits_settled"]) == 120 * big
        assert int(reader.one("account", account_no=2)["credits_settled"]) == 120 * big
        reader.close()
        projection.close()


def test_every_fact_has_its_table_or_a_reason():
    """PaymentStands answers a repeat and changes nothing; PaymentsSettled is taken as what it stands for.

    What is asked about energy is read from the state until it is answered; swept residuals are legs like any other;
    which fields of refused terms are at fault is an answer to their sender.
    """
    assert {one.__name__ for one in set(facts.FACTS) - set(gather.HANDLERS)} == {
        "PaymentStands", "PaymentsSettled", "EnergyAsked", "ResidualsSwept", "TermsFaulted",
    }  # fmt: skip


def test_segments_keep_within_what_a_view_can_join():
    assert segments.SEGMENT_LEGS * 500 > 10**9

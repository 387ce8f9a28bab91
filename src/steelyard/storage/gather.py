"""From journal rows to table rows: each command, fact and notice finds its table.

A `Batch` is what one transaction of the projection adds. Facts are written down as they stand; nothing is
decided again. What grows with payments is collected column by column; what changes rarely (members,
settings, fundings) goes through the statements of `_UPSERTS` in the order in which it happened.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw, Struct

from steelyard.flows import facts, liquidity_facts, settled_rows
from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.command import Command, decode_command, encode
from steelyard.flows.cycle_propose import ProposeFields as CycleFields
from steelyard.flows.fact import Fact
from steelyard.flows.facts import AnyFact
from steelyard.flows.fx_fill import FillFields
from steelyard.flows.set_off import ProposeFields as SetOffFields
from steelyard.storage.frames import LEG_BYTES, CorruptRow, iter_acts
from steelyard.storage.journal import CorruptJournal, Row
from steelyard.storage.leg_rows import ROW_BITS

SETTLED_STATES = (9, 10, 11)
"""P9 SETTLED, P10 CREDITED, P11 UNPOSTED: the money is final."""

COMMAND = ("key", "id", "name", "sender", "actor", "at_ns", "code", "refusal", "leg_key", "legs")
PAYMENT = (
    "number", "uetr", "kind", "service", "debtor_agent", "creditor_agent", "source", "source_minor", "target",
    "target_minor", "debit_minor", "payee_minor", "num", "den", "fees", "providers", "settlement_on", "state",
    "refusal", "waits", "not_before_at", "screening", "quote_id", "message_digest", "party_digest", "ordinal",
    "bundle_id", "entered_at", "moved_at", "settled_at", "entered", "moved", "n", "split", "settled_minor",
    "abandoned_minor", "priority", "reason",
)  # fmt: skip
MOVE = ("payment", "key", "n", "before", "event", "after", "refusal", "at_ns", "bundle_id", "detail")
EVENT = ("key", "n", "recipient", "kind", "subject", "at_ns", "data")
QUOTE = (
    "quote_id", "rank", "debtor_agent", "providers", "source", "target", "source_minor", "target_minor",
    "debit_minor", "payee_minor", "num", "den", "detail", "disclosure", "issued_at", "expires_at",
    "lock_until", "ended", "entered", "n",
)  # fmt: skip
_STATE, _REFUSAL, _WAITS = PAYMENT.index("state"), PAYMENT.index("refusal"), PAYMENT.index("waits")
_BUNDLE, _SETTLED_AT = PAYMENT.index("bundle_id"), PAYMENT.index("settled_at")
_ENDED = QUOTE.index("ended")
_KEPT = ("urgent", "high")
_PARTS = ("PART_SETTLED", "CLOSED_PARTLY")
_MOVED_AT, _MOVED = PAYMENT.index("moved_at"), PAYMENT.index("moved")


class _Notice(Struct, array_like=True, frozen=True, gc=False):
    """A notice whose data stays packed."""

    recipient: str
    kind: str
    subject: bytes
    data: Raw = Raw(b"\x90")


class _Outcome(Struct, array_like=True, frozen=True, gc=False):
    """An outcome whose facts stay packed until asked for."""

    code: int
    refusal: int = 0
    leg: int = -1
    facts: tuple[AnyFact, ...] = ()
    notices: tuple[_Notice, ...] = ()


class Moved(Struct, gc=False):
    """Where a payment stands that had entered before this batch."""

    state: int
    refusal: int
    at: int
    key: int
    bundle_id: bytes
    settled_at: int


_decode_outcome = msgspec.msgpack.Decoder(_Outcome).decode
_json = msgspec.json.Encoder().encode


class Batch:
    """What some rows of the journal add to the tables. `payments` is the number of the last known one."""

    def __init__(self, payments: int) -> None:
        self.payments = payments
        self.rows: list[tuple[int, int, int, int]] = []
        self.commands: list[tuple[Any, ...]] = []
        self.legs = 0
        self.leg_parts: list[memoryview] = []
        self.entered: dict[bytes, list[Any]] = {}
        self.moved: dict[bytes, Moved] = {}
        self.moves: list[tuple[bytes, tuple[Any, ...]]] = []
        self.events: list[tuple[Any, ...]] = []
        self.quotes: dict[bytes, list[Any]] = {}
        self.upserts: list[tuple[str, tuple[Any, ...]]] = []
        self.days_ended = 0
        self._leg_key = 0
        self._certificates = b""

    def add(self, row: Row) -> None:
        """Take one row; `CorruptJournal` names it where it cannot be read."""
        before, base, count = self.legs, row.seq << ROW_BITS, 0
        try:
            for act in iter_acts(row.body):
                key, first = base | act.position, base + self.legs - before
                many = len(act.legs) // LEG_BYTES
                if many:
                    self.leg_parts.append(act.legs)
                    self.legs += many
                self._leg_key = first + many
                self._add(key, first, many, act.command, act.outcome)
                count += 1
        except (CorruptRow, msgspec.MsgspecError) as error:
            raise CorruptJournal(row.seq, str(error)) from error
        self.rows.append((row.seq, count, self.legs - before, row.time_last))

    def _add(self, key: int, leg_key: int, legs: int, command: memoryview, outcome: memoryview) -> None:
        asked = decode_command(command)
        done = _decode_outcome(outcome)
        at = asked.at_ns
        self.commands.append(
            (key, asked.id, asked.name, asked.sender, asked.actor, at, done.code, done.refusal, leg_key, legs)
        )
        self._certificates = _certificates_of(asked) if asked.name in _PROPOSALS and not done.code else b""
        for n, notice in enumerate(done.notices):
            data = bytes(notice.data)
            self.events.append((key, n, notice.recipient, notice.kind, notice.subject, at, data))
        n, told = 0, len(done.notices)
        for fact in done.facts:
            if isinstance(fact, facts.PaymentsSettled):
                n, told = self._payments_settled(fact, key, n, told, at)
                continue
            handler = _HANDLERS.get(type(fact))
            if handler is not None:
                handler(self, fact, key, n, at)
            n += 1

    def _payments_settled(
        self, fact: facts.PaymentsSettled, key: int, n: int, told: int, at: int
    ) -> tuple[int, int]:
        """Add what a packed fact stands for; give the numbers of the next fact and the next notice behind."""
        for moved in settled_rows.moves(fact):
            self._payment_moved(moved, key, n, at)
            n += 1
        for notice in settled_rows.notices(fact):
            self.events.append(
                (key, told, notice.recipient, notice.kind, notice.subject, at, encode(notice.data))
            )
            told += 1
        return n, told

    def _batch_asked(self, fact: liquidity_facts.BatchRequested, key: int, n: int, at: int) -> None:
        self.upserts.append(
            (
                "batch.asked",
                (fact.number, fact.batch_id, fact.kind, " ".join(fact.assets), fact.trigger, fact.snapshot_seq, at,
                 fact.tries, b"", key),
            )
        )  # fmt: skip

    def _batch_over(self, fact: liquidity_facts.BatchReported, key: int, n: int, at: int) -> None:
        """Keep a batch's report whole, and what it did for each participant."""
        report = _json(_named(fact)).decode()
        values = (
            fact.applied_at, fact.tries, fact.algorithm, str(int(fact.settled) + int(fact.parts)), fact.bound,
            fact.distance_bp, int(fact.proved), report, self._certificates, fact.number,
        )  # fmt: skip
        self.upserts.append(("batch.over", values))
        self.upserts += (("batch.member", (fact.number, *row)) for row in fact.participants)

    def _cycle_moved(self, fact: liquidity_facts.CycleMoved, key: int, n: int, at: int) -> None:
        self.upserts.append((
            "cycle",
            (fact.number, fact.cycle_id, " ".join(fact.assets), fact.trigger, fact.after, at, fact.cut_at,
             fact.cut_seq, fact.due_at, fact.deadline_at, fact.reason, b"", key),
        ))  # fmt: skip

    def _cycle_planned(self, fact: liquidity_facts.CyclePlanned, key: int, n: int, at: int) -> None:
        """Keep a cycle's plan whole, and what it means for each participant."""
        plan = _json(_named(fact)).decode()
        values = (fact.algorithm, int(fact.proved), plan, self._certificates, fact.number)
        self.upserts += [("cycle.planned", values), ("cycle.anew", (fact.number,))]
        self.upserts += (("cycle.member", (fact.number, *row, 0)) for row in fact.nets)

    def _cycle_over(self, fact: liquidity_facts.CycleReported, key: int, n: int, at: int) -> None:
        self.upserts.append(("cycle.over", (fact.closed_at, _json(_named(fact)).decode(), fact.number)))

    def _payment_entered(self, fact: facts.PaymentEntered, key: int, n: int, at: int) -> None:
        self.payments += 1
        self.entered[fact.uetr] = [
            self.payments, fact.uetr, fact.kind, fact.service, fact.debtor_agent, fact.creditor_agent,
            fact.source, fact.source_minor, fact.target, fact.target_minor, fact.debit_minor, fact.payee_minor,
            str(fact.num), str(fact.den), _list(fact.fees), " ".join(fact.providers), fact.settlement_on,
            fact.state, fact.refusal, fact.waits, fact.not_before_at, fact.screening, fact.quote_id,
            fact.message_digest, fact.party_digest, fact.ordinal, fact.bundle_id, at, at,
            at if fact.state in SETTLED_STATES else 0, key, key, n, fact.split, 0, 0,
            fact.priority, fact.reason,
        ]  # fmt: skip

    def _payment_moved(self, fact: facts.PaymentMoved, key: int, n: int, at: int) -> None:
        bundle = fact.bundle_id or None
        detail = _list(fact.detail) or None
        move = (key, n, fact.before, fact.event, fact.after, fact.refusal, at, bundle, detail)
        self.moves.append((fact.uetr, move))
        if fact.event in _PARTS:
            self._parts(fact)
        settled = at if fact.after in SETTLED_STATES else 0
        row = self.entered.get(fact.uetr)
        if row is not None:
            row[_STATE], row[_REFUSAL], row[_MOVED], row[_MOVED_AT] = fact.after, fact.refusal, key, at
            row[_BUNDLE] = fact.bundle_id or row[_BUNDLE]
            row[_SETTLED_AT] = row[_SETTLED_AT] or settled
            return
        before = self.moved.get(fact.uetr)
        self.moved[fact.uetr] = Moved(
            fact.after,
            fact.refusal,
            at,
            key,
            fact.bundle_id or (before.bundle_id if before else b""),
            (before.settled_at if before else 0) or settled,
        )

    def _parts(self, fact: facts.PaymentMoved) -> None:
        """Note what of a payment has settled and what was given up; a payment in parts is not new here."""
        if fact.event == "PART_SETTLED":
            self.upserts.append(("payment.parts", (fact.detail[2], 0, fact.uetr)))
        elif fact.event == "CLOSED_PARTLY":
            self.upserts.append(("payment.parts", (*fact.detail[:2], fact.uetr)))

    def _payment_priced(self, fact: facts.PaymentPriced, key: int, n: int, at: int) -> None:
        priced = (
            fact.source_minor, fact.target_minor, fact.debit_minor, fact.payee_minor, str(fact.num),
            str(fact.den), _list(fact.fees), " ".join(fact.providers), fact.quote_id, fact.uetr,
        )  # fmt: skip
        self.upserts.append(("payment.priced", priced))

    def _payment_waits(self, fact: facts.PaymentWaits, key: int, n: int, at: int) -> None:
        waits = (fact.waits, fact.not_before_at, fact.settlement_on, fact.reason, fact.uetr)
        self.upserts.append(("payment.waits", waits))

    def _ring_moved(self, fact: liquidity_facts.RingMoved, key: int, n: int, at: int) -> None:
        """Keep a ring, and who has a part in it."""
        self.upserts.append((
            "ring",
            (fact.ring_id, _list(fact.swaps), " ".join(fact.consents), fact.expires_at, fact.state, fact.refusal,
             fact.bundle_id, at, at, key, n),
        ))  # fmt: skip
        for holder in sorted({swap[0] for swap in fact.swaps}):
            self.upserts.append(("ring.holder", (holder, key, n, fact.ring_id)))

    def _credits_late(self, fact: facts.CreditsLate, key: int, n: int, at: int) -> None:
        self.upserts += (("payment.late", (uetr,)) for uetr in fact.uetrs)

    def _quote_given(self, fact: facts.QuoteGiven, key: int, n: int, at: int) -> None:
        detail = {
            "fees": fact.fees, "hops": fact.hops, "reference": fact.reference, "margin_bp": fact.margin_bp,
            "earliest_at": fact.earliest_at, "latest_at": fact.latest_at, "hint": fact.hint,
        }  # fmt: skip
        self.quotes[fact.quote_id] = [
            fact.quote_id, fact.rank, fact.debtor_agent, " ".join(fact.providers), fact.source, fact.target,
            fact.source_minor, fact.target_minor, fact.debit_minor, fact.payee_minor, str(fact.num),
            str(fact.den), _json(detail).decode(), fact.disclosure, fact.issued_at, fact.expires_at,
            fact.lock_until, "", key, n,
        ]  # fmt: skip

    def _quote_ended(self, fact: facts.QuoteEnded, key: int, n: int, at: int) -> None:
        given = self.quotes.get(fact.quote_id)
        if given is not None:
            given[_ENDED] = fact.how
        else:
            self.upserts.append(("quote.ended", (fact.how, fact.quote_id)))

    def _day_ended(self, fact: facts.DayEnded, key: int, n: int, at: int) -> None:
        self.days_ended += 1
        for account_no, number, closing in fact.statements:
            same = (account_no,)
            day = (account_no, fact.on, number, *same, str(closing), fact.closed_at, *same, self._leg_key)
            self.upserts.append(("day", day))


def _named(fact: Fact) -> dict[str, Any]:
    """Give a report by name, bytes as hex."""
    return {name: _plain(getattr(fact, name)) for name in fact.__struct_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


_PROPOSALS: dict[str, type[ProposeFields | FillFields | CycleFields | SetOffFields]] = {
    "batch.propose": ProposeFields,
    "fx_batch.propose": FillFields,
    "cycle.propose": CycleFields,
    "set_off.propose": SetOffFields,
}


def _certificates_of(asked: Command) -> bytes:
    """Give the certificates of a proposal, as a list of the bytes of each."""
    proposed = msgspec.msgpack.decode(asked.fields, type=_PROPOSALS[asked.name])
    return msgspec.msgpack.encode(proposed.certificates)


def _list(items: tuple[Any, ...]) -> str:
    """Give a list as JSON text, nothing for an empty one."""
    return _json(items).decode() if items else ""


def _simple(kind: str, *names: str) -> Callable[[Batch, Any, int, int, int], None]:
    """Make the handler of a fact whose fields (and key, n, at) are the values of one statement."""

    def handle(batch: Batch, fact: Any, key: int, n: int, at: int) -> None:
        given = {"key": key, "n": n, "at": at}
        values = [given[name] if name in given else getattr(fact, name) for name in names]
        batch.upserts.append((kind, tuple(" ".join(v) if isinstance(v, tuple) else v for v in values)))

    return handle


def _put(table: str, columns: str, keys: str, *, keep: str = "") -> str:
    """Give the statement that inserts a row, or brings it up to date but for `keep`."""
    names = columns.split()
    fixed = {*keys.split(), *keep.split()}
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in fixed)
    marks = ", ".join("?" * len(names))
    then = f"DO UPDATE SET {updates}" if updates else "DO NOTHING"
    columns_, keys_ = ", ".join(names), ", ".join(keys.split())
    return f"INSERT INTO {table} ({columns_}) VALUES ({marks}) ON CONFLICT ({keys_}) {then}"


_FIRST = "entered_at entered n"
_MONEY = "id participant asset amount_minor state reason bundle_id entered_at changed_at entered n"
STATEMENTS = {
    "asset": _put("asset", "asset_no code class scale issuer key", "asset_no"),
    "account": _put("account", "account_no name owner asset_no kind state key", "account_no"),
    "account.changed": "UPDATE account SET state = ?, floor_minor = ?, ceiling_minor = ?, key = ?"
    " WHERE account_no = ?",
    "member": _put("member", "code asset settlement_agent state changed_at key", "code"),
    "participant": _put("participant", "bic member state reason changed_at key", "bic"),
    "actor": _put("actor", "actor owner kind roles state holder changed_at key", "actor owner"),
    "approval": _put(
        "approval",
        "proposal state command owner maker shown expires_at decided_by entered_at changed_at entered n",
        "proposal",
        keep=_FIRST,
    ),
    "calendar": _put("calendar", "asset revision in_force_from key", "asset revision"),
    "pack": _put("pack", "kind pack_id version digest in_force_from key", "kind pack_id version"),
    "rule": _put("rule", "rule from_at key", "rule"),
    "funding": _put("funding", _MONEY, "id", keep=_FIRST),
    "redemption": _put("redemption", _MONEY, "id", keep=_FIRST),
    "sheet": _put("sheet", "provider sell buy version valid_from valid_until key", "provider sell buy"),
    "rate": _put("rate", "base quote kind num den source at_ns flags key", "base quote kind"),
    "fx_trade": _put(
        "fx_trade",
        "trade first second first_pays first_minor second_pays second_minor value_on state bundle_id"
        " entered_at changed_at entered n",
        "trade",
        keep=_FIRST,
    ),
    "limit": _put("own_limit", "limit_no owner kind asset cap_minor other key", "limit_no"),
    "own_rule": _put("own_rule", "owner asset kind other minor key", "owner asset kind other"),
    "reserve": _put(
        "reserve_check",
        "key n asset what statement until_at closing_minor issued_minor agreed unlike at_ns",
        "key n",
    ),
    "reserve.cleared": _put("reserve_check", "key n asset what count reason at_ns", "key n"),
    "fx_order": _put(
        "fx_order",
        "order_id owner sell buy amount_minor open_minor bought_minor limit_num limit_den good_until_at state"
        " refusal leaving entered_at changed_at entered n",
        "order_id",
        keep=_FIRST,
    ),
    "fx_fill": _put(
        "fx_fill",
        "key n order_id batch_id owner sell buy sold_minor bought_minor sell_price buy_price rates bundle_id at_ns",
        "key n",
    ),
    "fx_batch": "UPDATE batch SET exchange = ? WHERE batch_id = ?",
    "batch.asked": _put(
        "batch",
        "number batch_id kind assets trigger snapshot_seq started_at tries certificates key",
        "number",
        keep="started_at key",
    ),
    "batch.over": "UPDATE batch SET applied_at = ?, tries = ?, algorithm = ?, settled = ?, bound = ?,"
    " distance_bp = ?, proved = ?, report = ?, certificates = ? WHERE number = ?",
    "cycle": _put(
        "cycle",
        "number cycle_id assets trigger state opened_at cut_at cut_seq due_at deadline_at reason certificates key",
        "number",
        keep="cycle_id assets trigger opened_at certificates key",
    ),
    "cycle.planned": "UPDATE cycle SET algorithm = ?, proved = ?, plan = ?, certificates = ? WHERE number = ?",
    "cycle.anew": "UPDATE cycle_member SET paid_out = '0', received = '0' WHERE number = ?",
    "cycle.member": _put(
        "cycle_member",
        "number participant asset paid_out received called_minor paid_in_minor",
        "number participant asset",
        keep="paid_in_minor",
    ),
    "cycle.paid": "UPDATE cycle_member SET paid_in_minor = ? WHERE participant = ? AND asset = ? AND number ="
    " (SELECT number FROM cycle WHERE cycle_id = ?)",
    "cycle.over": "UPDATE cycle SET closed_at = ?, report = ? WHERE number = ?",
    "cycle.schedule": _put("cycle_schedule", "assets cuts key", "assets"),
    "batch.member": _put(
        "batch_member",
        "number participant asset paid_minor received_minor left_minor",
        "number participant asset",
    ),
    "pool": _put("pool_choice", "participant currencies home cap_minor key", "participant"),
    "credit": _put(
        "credit_line",
        "line_id kind lender borrower asset cap_minor most_minor rate_bp from_at to_at state auto_draw"
        " cycle_cap_minor key",
        "line_id",
    ),
    "credit.used": _put(
        "credit_use",
        "key n line_id lot_no what minor open_minor owner on_day bundle_id pledged_minor num den due_at"
        " reverse_id cycle at_ns",
        "key n",
    ),
    "credit.interest": _put(
        "credit_use", "key n line_id what minor owner bundle_id reverse_id cycle at_ns", "key n"
    ),
    "credit.case": _put(
        "credit_case",
        "case_id line_id kind state minor lot_no entered_at changed_at entered n",
        "case_id",
        keep=_FIRST,
    ),
    "claim": _put(
        "claim",
        "claim_id debtor creditor asset amount_minor open_minor due_on document_hash consent_debtor"
        " consent_creditor filer state entered_at changed_at entered n",
        "claim_id",
        keep=_FIRST,
    ),
    "claim.set_off": _put(
        "claim_part", "key n claim_id batch_id asset minor left_minor bundle_id at_ns", "key n"
    ),
    "pace": _put(
        "pace",
        "key n participant asset on_day submitted submitted_minor settled settled_minor mean_wait own_day_minor"
        " early missed published ranks fee_minor entry_fee_minor saved_minor due_minor bundle_id",
        "key n",
    ),
    "ring": _put(
        "ring",
        "ring_id swaps consents expires_at state refusal bundle_id entered_at changed_at entered n",
        "ring_id",
        keep=_FIRST,
    ),
    "ring.holder": _put("ring_holder", "holder entered n ring_id", "holder ring_id", keep="entered n"),
    "surplus": _put("surplus_offer", "owner held wanted amount_minor keep_minor key", "owner held"),
    "setting": _put("setting", "owner name value key", "owner name"),
    "payment.priced": "UPDATE payment SET source_minor = ?, target_minor = ?, debit_minor = ?, payee_minor = ?,"
    " num = ?, den = ?, fees = ?, providers = ?, quote_id = ? WHERE uetr = ?",
    "payment.waits": "UPDATE payment SET waits = ?, not_before_at = ?, settlement_on = ?, reason = ?"
    " WHERE uetr = ?",
    "payment.queue": "UPDATE payment SET priority = ?, not_before_at = ? WHERE uetr = ?",
    "payment.parts": "UPDATE payment SET settled_minor = ?, abandoned_minor = ? WHERE uetr = ?",
    "payment.late": "UPDATE payment SET late = 1 WHERE uetr = ?",
    "payment.cancel_asked": "UPDATE payment SET cancel_asked = ? WHERE uetr = ?",
    "quote.ended": "UPDATE quote SET ended = ? WHERE quote_id = ?",
    "day": "INSERT INTO balance_day (account_no, on_day, statement_no, opening_minor, closing_minor, closed_at,"
    " opened_key, closed_key) VALUES (?, ?, ?, coalesce((SELECT closing_minor FROM balance_day"
    " WHERE account_no = ? ORDER BY on_day DESC LIMIT 1), '0'), ?, ?, coalesce((SELECT closed_key"
    " FROM balance_day WHERE account_no = ? ORDER BY on_day DESC LIMIT 1), 0), ?)",
}
"""What a fact does to its table. Order of values as in `_HANDLERS`."""

_HANDLERS: dict[type, Callable[[Batch, Any, int, int, int], None]] = {
    liquidity_facts.BatchRequested: Batch._batch_asked,
    liquidity_facts.BatchReported: Batch._batch_over,
    liquidity_facts.CycleMoved: Batch._cycle_moved,
    liquidity_facts.CyclePlanned: Batch._cycle_planned,
    liquidity_facts.CycleReported: Batch._cycle_over,
    liquidity_facts.CyclePaid: _simple("cycle.paid", "paid_minor", "participant", "asset", "cycle_id"),
    liquidity_facts.CycleScheduled: lambda batch, fact, key, n, at: batch.upserts.append(
        ("cycle.schedule", (" ".join(fact.assets), " ".join(map(str, fact.cuts)), key))
    ),
    liquidity_facts.PoolChosen: _simple("pool", "participant", "currencies", "home", "cap_minor", "key"),
    facts.AssetOpened: _simple("asset", "asset_no", "code", "asset_class", "scale", "issuer", "key"),
    facts.AccountOpened: lambda batch, fact, key, n, at: batch.upserts.append(
        ("account", (fact.account_no, fact.name, fact.owner, fact.asset_no, fact.kind, "open", key))
    ),
    facts.AccountChanged: lambda batch, fact, key, n, at: batch.upserts.append(
        ("account.changed", (fact.state, str(fact.floor_minor), str(fact.ceiling_minor), key, fact.account_no))
    ),
    facts.MemberMoved: _simple("member", "code", "asset", "settlement_agent", "state", "at", "key"),
    facts.ParticipantMoved: _simple("participant", "bic", "member", "state", "reason", "at", "key"),
    facts.ActorChanged: _simple("actor", "actor", "owner", "kind", "roles", "state", "holder", "at", "key"),
    facts.ApprovalMoved: _simple(
        "approval", "proposal", "state", "command", "owner", "maker", "shown", "expires_at", "decided_by",
        "at", "at", "key", "n",
    ),
    facts.CalendarAmended: _simple("calendar", "asset", "revision", "in_force_from", "key"),
    facts.PackLoaded: _simple("pack", "kind", "pack_id", "version", "digest", "in_force_from", "key"),
    facts.RuleActivated: _simple("rule", "rule", "from_at", "key"),
    facts.FundingMoved: _simple(
        "funding", "funding", "participant", "asset", "amount_minor", "state", "reason", "bundle_id", "at",
        "at", "key", "n",
    ),
    facts.RedemptionMoved: _simple(
        "redemption", "redemption", "participant", "asset", "amount_minor", "state", "reason", "bundle_id",
        "at", "at", "key", "n",
    ),
    facts.SheetPut: _simple(
        "sheet", "provider", "sell", "buy", "version", "valid_from", "valid_until", "key"
    ),
    facts.RatePut: lambda batch, fact, key, n, at: batch.upserts.append(
        (
            "rate",
            (
                fact.base, fact.quote, fact.kind, str(fact.num), str(fact.den), fact.source, fact.at, fact.flags, key,
            ),
        )
    ),
    facts.QuoteGiven: Batch._quote_given,
    facts.QuoteEnded: Batch._quote_ended,
    facts.PaymentEntered: Batch._payment_entered,
    facts.PaymentPriced: Batch._payment_priced,
    facts.PaymentWaits: Batch._payment_waits,
    liquidity_facts.OwnLimitSet: lambda batch, fact, key, n, at: batch.upserts.append(
        ("own_rule", (fact.owner, fact.asset, "limit", fact.other, fact.limit_minor, key))
    ),
    liquidity_facts.FundsReserved: lambda batch, fact, key, n, at: batch.upserts.append(
        ("own_rule", (fact.owner, fact.asset, "kept", _KEPT[fact.priority], fact.asked_minor, key))
    ),
    liquidity_facts.HoldingCapSet: lambda batch, fact, key, n, at: batch.upserts.append(
        ("own_rule", (fact.holder, fact.asset, "holding", "", fact.cap_minor, key))
    ),
    liquidity_facts.QueueChanged: _simple("payment.queue", "priority", "not_before_at", "uetr"),
    facts.CreditsLate: Batch._credits_late,
    facts.CancelAsked: _simple("payment.cancel_asked", "reason", "uetr"),
    facts.PaymentMoved: Batch._payment_moved,
    facts.TradeMoved: _simple(
        "fx_trade", "trade", "first", "second", "first_pays", "first_minor", "second_pays", "second_minor",
        "value_on", "state", "bundle_id", "at", "at", "key", "n",
    ),
    liquidity_facts.FxOrderMoved: _simple(
        "fx_order", "order_id", "owner", "sell", "buy", "amount_minor", "open_minor", "bought_minor", "limit_num",
        "limit_den", "good_until_at", "state", "refusal", "leaving", "at", "at", "key", "n",
    ),
    liquidity_facts.FxFilled: lambda batch, fact, key, n, at: batch.upserts.append((
        "fx_fill",
        (key, n, fact.order_id, fact.batch_id, fact.owner, fact.sell, fact.buy, fact.sold_minor, fact.bought_minor,
         *fact.price, _list(fact.rates), fact.bundle_id, at),
    )),
    liquidity_facts.FxBatchOver: lambda batch, fact, key, n, at: batch.upserts.append(
        ("fx_batch", (_json(fact).decode(), fact.batch_id))
    ),
    facts.DayEnded: Batch._day_ended,
    facts.LimitSet: _simple("limit", "limit_no", "owner", "kind", "asset", "cap_minor", "other", "key"),
    facts.ReserveStated: lambda batch, fact, key, n, at: batch.upserts.append((
        "reserve",
        (key, n, fact.asset, "stated", fact.statement, fact.until_at, fact.closing_minor, fact.issued_minor,
         int(fact.agreed), _list(fact.unlike), at),
    )),
    facts.ReserveCleared: lambda batch, fact, key, n, at: batch.upserts.append(
        ("reserve.cleared", (key, n, fact.asset, "cleared", fact.count, fact.reason, at))
    ),
    liquidity_facts.CreditLineSet: lambda batch, fact, key, n, at: batch.upserts.append((
        "credit",
        (fact.line_id, fact.kind, fact.lender, fact.borrower, fact.asset, fact.cap_minor, fact.most_minor,
         fact.rate_bp, fact.from_at, fact.to_at, fact.state, int(fact.auto_draw), fact.cycle_cap_minor, key),
    )),
    liquidity_facts.CreditUsed: _simple(
        "credit.used", "key", "n", "line_id", "lot_no", "event", "minor", "open_minor", "owner", "on",
        "bundle_id", "pledged_minor", "num", "den", "due_at", "reverse_id", "cycle", "at",
    ),
    liquidity_facts.CreditInterest: lambda batch, fact, key, n, at: batch.upserts.append((
        "credit.interest",
        (key, n, fact.line_id, "interest" if fact.bundle_id else "interest_owed", fact.minor, fact.owner,
         fact.bundle_id, b"", b"", at),
    )),
    liquidity_facts.CreditCaseMoved: _simple(
        "credit.case", "case_id", "line_id", "kind", "state", "minor", "lot_no", "at", "at", "key", "n"
    ),
    liquidity_facts.ClaimMoved: lambda batch, fact, key, n, at: batch.upserts.append((
        "claim",
        (fact.claim_id, fact.debtor, fact.creditor, fact.asset, fact.amount_minor, fact.open_minor, fact.due_on,
         fact.document_hash, int(fact.consent_debtor), int(fact.consent_creditor), fact.filer, fact.state, at, at,
         key, n),
    )),
    liquidity_facts.ClaimSetOff: _simple(
        "claim.set_off", "key", "n", "claim_id", "batch_id", "asset", "minor", "left_minor", "bundle_id", "at"
    ),
    liquidity_facts.PaceJudged: lambda batch, fact, key, n, at: batch.upserts.append((
        "pace",
        (key, n, fact.participant, fact.asset, fact.on, fact.submitted, str(fact.submitted_minor), fact.settled,
         str(fact.settled_minor), fact.mean_wait, str(fact.own_day_minor), _list(fact.early), fact.missed,
         int(fact.published), fact.ranks, str(fact.fee_minor), str(fact.entry_fee_minor), str(fact.saved_minor),
         str(fact.due_minor), fact.bundle_id),
    )),
    liquidity_facts.RingMoved: Batch._ring_moved,
    liquidity_facts.SurplusOffered: _simple("surplus", "owner", "held", "wanted", "amount_minor", "keep_minor", "key"),
    facts.SettingChanged: lambda batch, fact, key, n, at: batch.upserts.append(
        ("setting", (fact.owner, fact.name, bytes(fact.value), key))
    ),
}  # fmt: skip
"""PaymentStands changes no table: it answers a repeat."""

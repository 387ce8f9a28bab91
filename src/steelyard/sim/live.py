"""A day through a node that runs: every payment sent by its payer's own key, at the pace of the day or faster.

Nothing of the node is simulated: its clock is its own, it must know the banks, and they must hold what they hold.
A drawn bank stands for a bank of the keys: of the same member's country, the first for the first, round and round
where there are fewer. Amounts are minor units of the currency as the day has them.
"""

import csv
import time
import tomllib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from msgspec import Struct

from steelyard.client import Steelyard
from steelyard.client.errors import ClientError
from steelyard.client.results import SETTLED_STATES, Refused
from steelyard.client.types import Money, PaymentAsked
from steelyard.packs.reference import reference
from steelyard.sim.scenario import ScenarioIsWrong
from steelyard.sim.sending import NEVER, Sending
from steelyard.sim.synthetic import Day
from steelyard.sim.writing import bic
from steelyard.values.amount import format_minor

AT_ONCE = 8
"""Requests under way at the same time."""
LAST_LOOK_S = 2.0
CLASSES = ("URGT", "HIGH", "NORM")
Tell = Callable[[int, int, str], None]


class Sent(Struct, frozen=True):
    """What became of one payment: how it was answered, how long that took, and where it stood at the end."""

    place: int
    uetr: str
    payer: str
    payee: str
    currency: str
    amount_minor: int
    answer: str
    reason: str
    answered_ms: int
    state: str

    @property
    def settled(self) -> bool:
        """Whether it had settled when last looked at."""
        return self.state in SETTLED_STATES


class Lived(Struct, frozen=True):
    """How the day went at the node."""

    sent: list[Sent]
    seconds: float

    @property
    def told(self) -> dict[str, int | float]:
        """The figures in short; amounts of several currencies are not added up."""
        answers = sorted(one.answered_ms for one in self.sent)
        return {
            "payments": len(self.sent), "settled": sum(one.settled for one in self.sent),
            "refused": sum(one.answer == "Refused" for one in self.sent),
            "lost": sum(one.answer == "lost" for one in self.sent), "seconds": round(self.seconds, 3),
            "answer_median_ms": median(answers) if answers else 0,
            "answer_p99_ms": answers[len(answers) * 99 // 100] if answers else 0,
        }  # fmt: skip


def read_keys(path: Path) -> dict[str, str]:
    """Read API keys by the BIC of their participant from TOML: lines such as GHAFAEA0 = "key"."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ScenarioIsWrong(f"{path}: cannot be read as TOML") from fault
    if not found or not all(isinstance(key, str) for key in found.values()):
        raise ScenarioIsWrong(f"{path}: a key as text for each BIC")
    return {str(name): str(key) for name, key in found.items()}


def stand_ins(day: Day, keys: Iterable[str]) -> list[str]:
    """Give the BIC at the node of every bank of a day: its own name if that has a key, else one of its country's."""
    known = sorted(keys)
    found = []
    for place, name in enumerate(day.banks):
        member = day.members[int(day.bank_member[place])]
        if name in known or not name.startswith(member):
            found.append(name)
            continue
        own = [one for one in known if one[4:6] == bic(name, member)[4:6]]
        if not own:
            raise ScenarioIsWrong(f"no key is of a bank in {bic(name, member)[4:6]}, where {name} is")
        found.append(own[(int(name.removeprefix(member)) - 1) % len(own)])
    return found


def run_live(
    day: Day, sending: Sending, address: str, keys: dict[str, str], *, speed: int, tell: Tell | None = None
) -> Lived:
    """Send a day to a node, `speed` seconds of it in one, and see what became of every payment."""
    names = stand_ins(day, keys)
    payers = sorted({names[place] for place in set(day.payer.tolist())})
    missing = [name for name in payers if name not in keys]
    if missing:
        raise ScenarioIsWrong(f"there is no key of {', '.join(missing[:5])}")
    clients = {name: Steelyard(address, key=keys[name]) for name in payers}
    order = [place for place in sending.order.tolist() if sending.sent_s[place] != NEVER]
    begun = time.monotonic()

    def one(place: int) -> Sent:
        pause = int(sending.sent_s[place]) / speed - (time.monotonic() - begun)
        if pause > 0:
            time.sleep(pause)
        return _send(day, place, names, clients)

    try:
        with ThreadPoolExecutor(AT_ONCE) as hands:
            sent = []
            for done in hands.map(one, order):
                sent.append(done)
                if tell is not None:
                    tell(len(sent), len(order), done.payer)
            time.sleep(LAST_LOOK_S)
            looked = list(hands.map(lambda item: _look(item, clients), sent))
        return Lived(looked, time.monotonic() - begun)
    finally:
        for client in clients.values():
            client.close()


def _send(day: Day, place: int, names: list[str], clients: dict[str, Steelyard]) -> Sent:
    payer, payee = names[int(day.payer[place])], names[int(day.payee[place])]
    code, minor = day.currencies[int(day.currency[place])], int(day.amount_minor[place])
    client = clients[payer]
    uetr = client.clock.uetr()
    amount = Money(asset=code, value=format_minor(minor, reference().currencies.get(code) or 0))
    asked = PaymentAsked(
        creditor_agent=payee, settlement=amount, kind="bank", uetr=uetr,
        settlement_priority=CLASSES[int(day.priority[place])],  # type: ignore[arg-type]
    )  # fmt: skip
    start = time.monotonic()
    answer, reason, state = "lost", "", ""
    try:
        result = client.payments.send(asked)
        answer, state = type(result).__name__, result.state or ""
        reason = result.code if isinstance(result, Refused) else getattr(result, "reason", "")
    except ClientError as fault:
        reason = str(fault)
    spent = round((time.monotonic() - start) * 1000)
    return Sent(place, uetr, payer, payee, code, minor, answer, reason, spent, state)


def _look(item: Sent, clients: dict[str, Steelyard]) -> Sent:
    """Look once more at what had not settled when it was answered."""
    if item.settled or item.answer in ("Refused", "lost"):
        return item
    try:
        state = clients[item.payer].payments.get(item.uetr).state
    except ClientError:
        return item
    return Sent(
        item.place, item.uetr, item.payer, item.payee, item.currency, item.amount_minor, item.answer, item.reason,
        item.answered_ms, state,
    )  # fmt: skip


def write(lived: Lived, path: Path) -> None:
    """Write what became of every payment as CSV."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("id", *Sent.__struct_fields__[1:]))
        for item in lived.sent:
            writer.writerow(
                (f"p{item.place + 1}", *(getattr(item, name) for name in Sent.__struct_fields__[1:]))
            )

"""The bulk lane through the node: one batch is one command, with its records beside it."""

import asyncio
from hashlib import sha256

import pytest

from steelyard.engine.records import SIZE
from steelyard.flows.legs import LegsFields
from steelyard.flows.refusals import Admission
from steelyard.node.link import End, Lane, Submission
from steelyard.node.replay import prove
from steelyard.storage.frames import iter_acts
from steelyard.storage.memory import MemoryJournal, Shelf
from tests.node import toy
from tests.node.nodes import folder, run, running


def test_a_batch_is_one_command_with_its_records_and_outcomes(tmp_path):
    """Frames 4 and 5 hold what came and what became of it; a resend gives the same bytes."""
    shelf = Shelf()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            sent = toy.batch(1000)
            answer = await here.link.submit(sent)
            again = await here.link.submit(sent)
            assert (End.RECORDED, 8000) == (answer.end, len(answer.packed))
            assert (True, answer.packed, answer.seq) == (again.replayed, again.packed, again.seq)
            assert toy.MONEY - 1000 == await here.balance(0)
            after = await here.do(toy.remark("after"))
            assert after.at_ns > answer.at_ns + 999
        act = next(iter(iter_acts(shelf.rows[2].body)))
        assert sent.packed == bytes(act.packed_commands)
        assert answer.packed == bytes(act.packed_outcomes)
        assert 1000 * SIZE == len(act.legs)
        assert shelf.rows[2].time_last == answer.at_ns + 999

    run(story())
    assert 1000 < prove(MemoryJournal(shelf), after=0).legs


def test_a_batch_without_the_right_is_refused_and_recorded(tmp_path):
    """Like every command; no leg is booked."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            fields = LegsFields(1, b"")
            sent = toy.batch(1)
            fields = LegsFields(1, sha256(sent.packed).digest())
            order = toy.command("legs", fields, sender=toy.bank(0), actor="k-none")
            answer = await here.link.submit(Submission(order, packed=sent.packed, lane=Lane.BULK))
            assert (14, b"") == (answer.decoded().refusal, answer.packed)
            assert toy.MONEY == await here.balance(0)

    run(story())


@pytest.mark.parametrize("fault", ["cut", "digest", "count", "reserved", "linked", "large", "name"])
def test_a_malformed_batch_is_turned_away_whole(tmp_path, fault):
    """Before the sequencer: nothing is recorded."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            packed = bytearray(toy.batch(3).packed)
            if fault == "cut":
                del packed[-1]
            elif fault == "reserved":
                packed[127] = 1
            elif fault == "linked":
                packed[-8] = 1
            elif fault == "large":
                packed *= 3000
            digest = bytes(32) if fault == "digest" else sha256(packed).digest()
            count = len(packed) // SIZE + (fault == "count")
            name = "toy.note" if fault == "name" else "legs"
            order = toy.command(name, LegsFields(count, digest), sender=toy.bank(0), actor="k-0")
            answer = await here.link.submit(Submission(order, packed=bytes(packed), lane=Lane.BULK))
            large = Admission.COMMAND_IS_TOO_LARGE if fault == "large" else Admission.COMMAND_IS_MALFORMED
            assert (End.TURNED_AWAY, large.code) == (answer.end, answer.refusal)
            assert 2 == here.node.sequencer.watermark

    run(story())


def test_a_batch_that_is_named_but_not_sent_is_turned_away(tmp_path):
    """`legs` without records is no command."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            fields = LegsFields(0, sha256(b"").digest())
            order = toy.command("legs", fields, sender=toy.bank(0), actor="k-0")
            assert Admission.COMMAND_IS_MALFORMED.code == (await here.do(order)).refusal
            assert not here.stops

    run(story())


def test_large_batches_of_four_senders_all_come_through(tmp_path):
    """Beside payments, which do not wait for all of them."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin(banks=6)
            batches = here.link.submit_many([toy.batch(2000, source=n % 4, target=4) for n in range(12)])
            paid = here.link.submit_many([Submission(toy.payment(5, 4, 1)) for _ in range(50)])
            seqs = [answer.seq for answer in await asyncio.gather(*batches)]
            assert max(answer.seq for answer in await asyncio.gather(*paid)) < max(seqs)
            assert toy.MONEY + 24_050 == await here.balance(4)

    run(story())

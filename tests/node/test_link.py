"""Frames of the link, and what a gateway's end does when the node is silent or gone."""

import asyncio
import os
import stat

import pytest

from steelyard.flows.refusals import Admission
from steelyard.node.link import FRAME_BYTES_MAX, HEADER, End, LinkLost, Submission, frame, take_frames
from steelyard.node.link_client import StreamLink
from steelyard.storage.memory import MemoryJournal
from tests.node import toy
from tests.node.nodes import folder, run, running


def test_frames_are_cut_wherever_the_stream_is_cut():
    """Any cutting of the bytes gives the same frames."""
    whole = frame(1, b"abc") + frame(2, b"") + frame(3, b"x" * 300)
    for step in (1, 2, 7, len(whole)):
        buffer, found = bytearray(), []
        for at in range(0, len(whole), step):
            buffer += whole[at : at + step]
            found += take_frames(buffer)

        assert [(1, b"abc"), (2, b""), (3, b"x" * 300)] == found
        assert not buffer


def test_a_frame_over_the_bound_is_a_fault():
    """Nobody makes the other end keep gigabytes."""
    with pytest.raises(ValueError, match="is over"):
        take_frames(bytearray(HEADER.pack(FRAME_BYTES_MAX + 1, 1)))


class Silent(asyncio.Protocol):
    """A node that welcomes and then says nothing."""

    streams: list

    def connection_made(self, transport):
        self.transport = transport
        self.streams.append(self)
        transport.write(frame(6, bytes.fromhex("930105c2")))


@pytest.fixture
def silent_node(tmp_path):
    """Give (path, open streams) of a node that never answers, inside a running loop."""

    async def listen():
        streams = []
        kind = type("Here", (Silent,), {"streams": streams})
        server = await asyncio.get_running_loop().create_unix_server(kind, str(tmp_path / "s"))
        return server, streams

    return tmp_path / "s", listen


def test_a_lost_stream_ends_what_is_open_as_unknown(silent_node):
    """Submissions end UNKNOWN, reads raise, and so does whatever comes after."""
    path, listen = silent_node

    async def run():
        server, streams = await listen()
        link = await StreamLink.connect(str(path), name="g")
        assert 5 == link.context_version
        one = link.submit(Submission(b"x"))
        read = asyncio.ensure_future(link.read("now"))
        await asyncio.sleep(0.01)
        streams[0].transport.close()
        answer = await asyncio.wait_for(one, 5)
        with pytest.raises(LinkLost):
            await read
        with pytest.raises(LinkLost):
            await link.read("now")
        after = await link.submit(Submission(b"x"))
        server.close()
        return answer.end, after.end, link.stopping

    assert (End.UNKNOWN, End.UNKNOWN, True) == asyncio.run(run())


def test_a_deadline_that_passes_ends_as_unknown(silent_node):
    """Never as refused."""
    path, listen = silent_node

    async def run():
        server, _ = await listen()
        link = await StreamLink.connect(str(path), name="g")
        answer = await asyncio.wait_for(link.submit(Submission(b"x", deadline_ms=1)), 5)
        await link.close()
        server.close()
        return answer.end

    assert End.UNKNOWN == asyncio.run(run())


def test_one_turn_is_one_frame(silent_node):
    """Everything that one turn of the loop produced leaves together."""
    path, listen = silent_node
    received = bytearray()

    async def run():
        server, streams = await listen()
        link = await StreamLink.connect(str(path), name="g")
        streams[0].data_received = received.extend
        link.submit_many([Submission(b"c%d" % number) for number in range(100)])
        await asyncio.sleep(0.05)
        await link.close()
        server.close()

    asyncio.run(run())

    assert [2] == [kind for kind, _ in take_frames(received) if kind != 1]


def test_the_protocol_of_another_release_is_refused(tmp_path):
    """A gateway that cannot talk to the node does not begin."""

    class Other(asyncio.Protocol):
        def connection_made(self, transport):
            transport.write(frame(6, bytes.fromhex("936300c2")))

    async def run():
        server = await asyncio.get_running_loop().create_unix_server(Other, str(tmp_path / "o"))
        with pytest.raises(LinkLost):
            await StreamLink.connect(str(tmp_path / "o"), name="g")
        server.close()

    asyncio.run(run())


def test_only_this_user_may_connect(tmp_path):
    """The stream's file has no rights for others, whatever the umask; it goes with the node."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            before = os.umask(0)
            try:
                await here.node.listen()
            finally:
                os.umask(before)
            return stat.S_IMODE((tmp_path / "node.sock").stat().st_mode)

    assert 0o600 == run(story())
    assert not (tmp_path / "node.sock").exists()


def test_gateways_over_the_stream_get_what_one_in_process_gets(tmp_path):
    """Answers, balances, reads, the context and refusals, from three gateways at once."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin(banks=4)
            await here.node.listen()
            path = str(here.node.config.link_path)
            links = [here.link, *[await StreamLink.connect(path, name=f"g{n}") for n in range(2)]]
            paid = [link.submit(Submission(toy.payment(n, 3, 10 + n))) for n, link in enumerate(links)]
            answers = await asyncio.gather(*paid)
            assert [0, 0, 0] == [answer.decoded().code for answer in answers]
            for n, answer in enumerate(answers):
                left = str(toy.MONEY - 10 - n)
                assert ((2 + n, left, left),) == answer.balances
            contexts = [await link.context() for link in links]
            assert 1 == len({(context.version, context.sections["members"]) for context in contexts})
            assert "NOR" in [asset[1] for asset in contexts[0].assets]
            name = f"{toy.bank(0)}/NOR"
            mine, theirs = [
                (await links[1].read("balance", (name,), viewer=viewer)).decoded()
                for viewer in (toy.bank(0), toy.bank(1))
            ]
            assert str(toy.MONEY - 10) == mine[1]
            assert theirs is None
            assert Admission.COMMAND_IS_UNKNOWN.code == (await links[2].read("no such read")).refusal
            assert Admission.COMMAND_IS_MALFORMED.code == (await links[2].read("balance", ())).refusal
            assert "serving" == (await links[1].read("health")).decoded()["state"]
            assert "steelyard_commands_total" in (await links[1].read("metrics")).decoded()
            for link in links[1:]:
                await link.close()

    run(story())


def test_a_gateway_that_talks_nonsense_is_cut_off(tmp_path):
    """And nobody else is."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            await here.node.listen()
            path = str(here.node.config.link_path)
            good = await StreamLink.connect(path, name="good")
            for nonsense in (frame(99, b""), frame(2, b"\x90"), frame(1, b"\xff"), b"\xff" * 64):
                reader, writer = await asyncio.open_unix_connection(path)
                writer.write(nonsense)
                assert b"" == await reader.read()
                writer.close()
            bad = await StreamLink.connect(path, name="bad")
            bad._transport.write(frame(2, b"\x91\xc0"))
            await asyncio.wait_for(bad.lost.wait(), 5)
            assert 5 == len(here.node.server.faults)
            assert 0 == (await good.submit(Submission(toy.remark("still here")))).end
            await good.close()

    run(story())


def test_a_node_that_stops_turns_away_and_answers_what_it_took(tmp_path):
    """NODE_IS_STOPPING for what comes later; what was taken is answered."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            await here.node.listen()
            link = await StreamLink.connect(str(here.node.config.link_path), name="g")
            taken = link.submit_many([Submission(toy.remark(str(n))) for n in range(200)])
            await asyncio.sleep(0.01)
            here.node.server.say_stopping()
            stopping = asyncio.ensure_future(here.node.sequencer.stop())
            await asyncio.sleep(0)
            late = await link.submit(Submission(toy.remark("late")))
            assert (End.TURNED_AWAY, Admission.NODE_IS_STOPPING.code) == (late.end, late.refusal)
            assert link.stopping
            assert {End.RECORDED} == {answer.end for answer in await asyncio.gather(*taken)}
            await stopping
            await link.close()

    run(story())


def test_a_sender_over_its_bound_is_told_when_to_come_again(tmp_path):
    """NODE_IS_BUSY with a time; nothing recorded, and others come in."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            many = here.link.submit_many([Submission(toy.payment(0, 1, 1)) for _ in range(5_000)])
            other = here.link.submit(Submission(toy.payment(2, 1, 1)))
            answers = await asyncio.gather(*many)
            busy = [answer for answer in answers if answer.end == End.TURNED_AWAY]
            assert {Admission.NODE_IS_BUSY.code} == {answer.refusal for answer in busy}
            assert 904 == len(busy)
            assert all(answer.retry_after_ms >= 50 for answer in busy)
            assert 0 == (await other).decoded().code
            assert toy.MONEY - 4096 == await here.balance(0)

    run(story())


def test_a_state_that_is_nearly_full_takes_nothing_that_fills_it(tmp_path):
    """From nine tenths of all reservations on; what frees them goes on."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            engine = here.node.sequencer.machine.world.engine
            engine.reservations_max = 10
            for number in range(10):
                await here.do(toy.payment(0, 1, 1, deadline_at=2 * 10**18 + number))
            refused = await here.link.submit(toy.batch(1))
            assert Admission.NODE_IS_BUSY.code == refused.refusal
            assert 0 == (await here.do(toy.remark("frees nothing, fills nothing"))).end

    run(story())

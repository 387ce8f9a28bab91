"""No personal data in the journal: planted names, addresses and texts are in no row and no snapshot."""

from steelyard.node.link import Submission
from steelyard.node.snapshot import take
from steelyard.storage.evidence import evidence, get
from steelyard.storage.memory import MemoryJournal, Shelf
from tests.node import toy
from tests.node.nodes import folder, run, running

PLANTED = (
    "Añuli Öberg-Petrosyan", "12 Lantern Row, Sudport", "invoice 7781 for the blue boat", "NO93 8601 1117 947",
    "+47 555 01 234", "anuli@example.org", "王小明", "شارع النيل ٥",
)  # fmt: skip


def spellings(text):
    """Give the byte strings under which a text could stand somewhere."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        yield text.encode(encoding)
    yield text.encode("unicode_escape")


def test_planted_texts_stay_in_evidence(tmp_path):
    """They are in the evidence store, under their digest, and nowhere in journal, snapshot or state."""
    shelf = Shelf()
    message = "\n".join(PLANTED).encode()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            for text in PLANTED:
                party = evidence("party", text.encode(), at_ns=1)
                whole = evidence("pacs.008", message + text.encode(), at_ns=1)
                answer = await here.link.submit(Submission(toy.payment(0, 1, 5), (whole, party)))
                assert 0 == answer.decoded().code
            await here.ask("snapshot")
            assert message + PLANTED[0].encode() == get(
                here.node.evidence, evidence("pacs.008", message + PLANTED[0].encode(), at_ns=1).digest
            )
            return take(here.node.sequencer.machine.world, here.node.sequencer.watermark)

    state = run(story())
    places = [row.body for row in shelf.rows]
    places += [content for kept in (*shelf.snapshots.values(), state) for _, content in kept.sections]

    assert len(places) > 10
    for text in PLANTED:
        for spelling in spellings(text):
            assert not any(spelling in place for place in places), text


def test_the_search_would_find_one(tmp_path):
    """A note is no personal data by itself; planted there it is seen."""
    shelf = Shelf()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            await here.do(toy.remark(PLANTED[0]))

    run(story())

    assert any(PLANTED[0].encode() in row.body for row in shelf.rows)

"""What a node says of itself, while it runs and after it has gone; and what its lines may hold."""

import io
import json
import logging

import structlog

from steelyard.node.config import Config
from steelyard.node.exits import Stop
from steelyard.node.health import write_stop
from steelyard.node.logs import log, set_up_logs, where
from steelyard.storage.memory import MemoryJournal
from tests.node import toy
from tests.node.nodes import folder, run, running


def read(path):
    return json.loads((path / "health.json").read_text())


def test_health_tells_where_the_node_is(tmp_path):
    """Serving while it serves, stopped when it has; the same in the file and over the link."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            asked = await here.ask("health")
            here.node.health.write()
            written = read(tmp_path)
            assert (2, "serving", "leader", [], False) == tuple(
                asked[name] for name in ("watermark", "state", "role", "faults", "degraded")
            )
            assert asked["head_seq"] == written["head_seq"]
            assert "nor-sud" == written["network_id"]

    run(story())

    assert ("stopped", "none") == (read(tmp_path)["state"], read(tmp_path)["role"])


def test_the_reason_of_a_stop_outlives_the_process(tmp_path):
    """Beside what was said last; a file that cannot be written is no second fault."""
    path = tmp_path / "health.json"
    path.write_text('{"state": "serving", "head_seq": 7}')
    write_stop(path, Stop(70, "row 8 could not be committed"))

    assert (70, "row 8 could not be committed", 7, "stopped") == tuple(
        read(tmp_path)[name] for name in ("exit_code", "why", "head_seq", "state")
    )
    write_stop(tmp_path / "no" / "such" / "folder" / "health.json", Stop(70, "x"))


def test_metrics_count_what_is_durable(tmp_path):
    """Commands, payments, legs; no label holds a party."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            for _ in range(3):
                await here.do(toy.payment(0, 1, 5))
            await here.link.submit(toy.batch(100))
            text = await here.ask("metrics")
            assert "steelyard_commands_total 5.0" in text
            assert "steelyard_legs_total 107.0" in text
            assert "steelyard_watermark_seq 6.0" in text
            assert "steelyard_accounts 5.0" in text
            assert toy.bank(0) not in text

    run(story())


def lines(**settings):
    """Give a logger's lines as they were written."""
    out = io.StringIO()
    set_up_logs(Config(logs_form="json", **settings), process="t", stream=out)
    return out


def written(out):
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_holds_listed_fields_only():
    """Others are dropped, people are hashed, whatever the caller meant."""
    out = lines()
    log().info("row durable", seq=7, secret="sk_live_1", account="NO93", name="x", remittance="blue boat")
    (line,) = written(out)

    assert (7, "row durable", "t") == (line["seq"], line["event"], line["process"])
    assert "secret" not in line
    assert "remittance" not in line
    assert 12 == len(line["account"])
    assert "NO93" not in out.getvalue()
    assert "sk_live_1" not in out.getvalue()
    structlog.reset_defaults()


def test_party_data_is_logged_only_where_it_is_wished_for():
    """For a site that debugs with invented parties."""
    out = lines(logs_party_data=True)
    log().info("x", account="NO93")

    assert "NO93" == written(out)[0]["account"]
    structlog.reset_defaults()


def test_an_exception_is_told_by_kind_and_place_without_its_words():
    """Words of exceptions may hold what people wrote."""
    try:
        raise ValueError("Añuli Öberg")
    except ValueError as error:
        told = where(error)

    assert told.startswith("ValueError at test_health.py:")
    assert "ber" not in told


def test_what_libraries_log_is_lines_of_ours_too():
    """The web server's words as they are fixed, nobody else's; what it merely informs of is not told."""
    out = lines()
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    logging.getLogger("some.library").warning("Añuli Öberg wrote %s", "NO93")
    try:
        raise ValueError("Añuli Öberg")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    served, other, raised = written(out)

    assert ("uvicorn.error", "Invalid HTTP request received.") == (served["name"], served["why"])
    assert ("some.library", "warning") == (other["name"], other["level"])
    assert other["why"].startswith("test_health.py:")
    assert ("error", True) == (raised["level"], raised["why"].startswith("ValueError at test_health.py:"))
    assert "NO93" not in out.getvalue()
    assert "berg" not in out.getvalue()
    structlog.reset_defaults()


def test_a_level_below_the_wished_one_is_silent():
    """`logs_level` is the least that is written."""
    out = lines(logs_level="error")
    log().info("quiet")
    log().error("loud")

    assert ["loud"] == [line["event"] for line in written(out)]
    structlog.reset_defaults()

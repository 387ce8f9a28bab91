"""Lines that a caller can cause at will are told a few times and then counted."""

import io
import json
import logging

import structlog

from steelyard.node import logs
from steelyard.node.config import Config


def test_what_a_library_says_over_and_over_is_counted_instead(monkeypatch):
    """Five lines a minute of each place, and the next minute's first line says how many were left out."""
    now = [0.0]
    monkeypatch.setattr(logs.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    before = structlog.get_config()
    logs.set_up_logs(Config(logs_form="json"), process="test", stream=out)
    try:
        for _ in range(1000):
            logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
        logging.getLogger("uvicorn.error").warning("Unsupported upgrade request.")
        now[0] = 61.0
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    finally:
        root = logging.getLogger()
        for handler in [one for one in root.handlers if isinstance(one, logs._Library)]:
            root.removeHandler(handler)
        logging.captureWarnings(False)
        structlog.configure(**before)
        structlog.contextvars.clear_contextvars()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]

    assert 7 == len(lines)
    assert "Unsupported upgrade request." == lines[5]["why"]
    assert [None] * 6 + [995] == [line.get("count") for line in lines]

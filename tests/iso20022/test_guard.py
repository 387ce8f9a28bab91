"""Bad bytes: each refused by its word, in a bounded amount of memory; `bench/bad_input.py` tells the times."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from steelyard.iso20022.check import check
from steelyard.iso20022.context import FILE_TREE, MESSAGE_ROUTE, Outcome
from steelyard.iso20022.guard import guard
from tests.iso20022.bad_bytes import TABLE
from tests.iso20022.contexts import HERE, rules_context, with_fields
from tests.iso20022.messages import message


@pytest.mark.timeout(60)  # a quadratic step takes minutes
@pytest.mark.parametrize("name", TABLE)
def test_bad_bytes_are_refused_by_their_word(name):
    """One word, nothing of the input beyond forty characters in the text."""
    raw, word = TABLE[name]

    verdict = check(raw, rules_context())

    assert (verdict.outcome, verdict.codes) == (Outcome.REFUSED, [word])
    assert len(verdict.findings[0].text) <= 200


def test_what_a_thread_has_refused_before_changes_no_verdict():
    """Parsers are kept by thread, and their log goes on from one message to the next."""
    small = {name: raw for name, (raw, _) in TABLE.items() if len(raw) < 50_000}

    def told(names):
        with ThreadPoolExecutor(1) as fresh:
            return dict(fresh.map(lambda name: (name, check(small[name], rules_context()).findings), names))

    alone = {name: told([name])[name] for name in small}
    assert alone == told(small) == told(reversed(small))


def test_a_text_of_twelve_megabytes_is_over_the_parsers_own_limit_on_the_file_route():
    """Where the bytes pass, the parser's limit of 10 MB for one text holds."""
    context = with_fields(rules_context(), limits=FILE_TREE)

    verdict = check(b"<a>" + b"x" * 12_000_000 + b"</a>", context)

    assert verdict.codes == ["XML04"]


def test_fifty_megabytes_are_refused_by_size_alone():
    """No copy, no tree."""
    raw = b"<a>" + b"x" * 50_000_000

    assert check(raw, rules_context()).codes == ["XML04"]


def test_nothing_is_opened_and_nothing_is_dialled(monkeypatch, tmp_path):
    """Neither an external entity nor a schema location leads anywhere."""
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read")

    def never(*args, **kwargs):
        raise AssertionError("something was opened")

    monkeypatch.setattr(socket.socket, "connect", never)
    monkeypatch.setattr("builtins.open", never)
    located = message().replace(
        b"<BizMsg>",
        f"<BizMsg xmlns:x='http://www.w3.org/2001/XMLSchema-instance' "
        f"x:schemaLocation='urn:x {secret.as_uri()}'>".encode(),
    )
    external = f'<!DOCTYPE a [<!ENTITY f SYSTEM "{secret.as_uri()}">]><a>&f;</a>'.encode()

    refused, accepted = check(external, rules_context()), check(located, rules_context())

    assert (refused.codes, accepted.findings) == (["XML02"], ())
    assert "do not read" not in repr(refused)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + message(),
        message().replace(b"\n", b"\r\n"),
        message().replace(b'encoding="UTF-8"', b'encoding="utf-8"'),
        message().removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>\n'),
        message().replace(b"<BizMsg>", b"<BizMsg><!-- a --><?b c?>"),
    ],
)
def test_legal_forms_of_the_same_message_are_accepted(raw):
    """Byte order mark, line ends, lower case, no declaration, comments and instructions."""
    assert check(raw, rules_context()).findings == ()


def test_a_byte_order_mark_is_dropped_once():
    """A second one is a character where none may stand."""
    assert guard(b"\xef\xbb\xbf<a/>", MESSAGE_ROUTE) == b"<a/>"
    assert check(b"\xef\xbb\xbf\xef\xbb\xbf" + message(), rules_context()).codes == ["XML01"]


def test_trees_are_parsed_in_one_place_only():
    """Parsing without the options of `parse.py` anywhere would let entities and comments in."""
    source = HERE.parent.parent / "src" / "steelyard"
    allowed = {"iso20022/parse.py", "iso20022/bulk.py"}
    calls = ("etree.fromstring(", "etree.parse(", "etree.iterparse(", "etree.XML(", "etree.XMLID(")
    found = {
        str(path.relative_to(source))
        for path in Path(source).rglob("*.py")
        if any(call in path.read_text(encoding="utf-8") for call in calls)
    }

    assert found <= allowed


MEMORY = """
import resource, sys
from steelyard.iso20022.check import check
from tests.iso20022.bad_bytes import TABLE
from tests.iso20022.contexts import rules_context
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for raw, word in TABLE.values():
    check(raw, rules_context())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_the_whole_table_stays_below_256_mib():
    """Measured in a process of its own, above what importing takes."""
    root = HERE.parent.parent
    run = subprocess.run(
        [sys.executable, "-c", MEMORY],
        cwd=root,
        env={"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(run.stdout) < 256 * 1024

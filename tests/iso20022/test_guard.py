"""Bad bytes: each refused by its word, in under a second and a bounded amount of memory."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from steelyard.iso20022.check import check
from steelyard.iso20022.context import FILE_TREE, MESSAGE_ROUTE, Outcome
from steelyard.iso20022.guard import guard
from tests.iso20022.contexts import HERE, rules_context, with_fields
from tests.iso20022.messages import document, message, transaction

INSTANCE = b"http://www.w3.org/2001/XMLSchema-instance"
NESTED = (
    b'<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>'
)
QUADRATIC = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 20_000 + b'">]><a>' + b"&b;" * 400 + b"</a>"
XXE = b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]><a>&f;</a>'
REMOTE = b'<!DOCTYPE a [<!ENTITY % f SYSTEM "http://127.0.0.1:9/x.dtd">%f;]><a/>'


def inside(text: str) -> bytes:
    """Give a message with a text as its remittance."""
    return message(document(transaction(tail=f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>")))


def many(transactions: str, count: int) -> bytes:
    """Give a message with a number of transactions."""
    return message(document(transactions * count, count=count))


TABLE = {
    "empty": (b"", "XML01"),
    "blank": (b"   ", "XML01"),
    "not_xml": (b"{}", "XML01"),
    "two_roots": (b"<a/><b/>", "XML01"),
    "no_end": (b"<a>", "XML01"),
    "version_1_1": (b'<?xml version="1.1"?><a/>', "XML01"),
    "nul_inside": (b"<abc>\0</abc>", "XML01"),
    "undeclared_entity": (b"<a>&x;</a>", "XML01"),
    "control_reference": (b"<a>&#7;</a>", "XML01"),
    "nested_entities": (NESTED, "XML02"),
    "quadratic_entities": (QUADRATIC, "XML02"),
    "external_file": (XXE, "XML02"),
    "external_url": (REMOTE, "XML02"),
    "doctype_in_cdata": (inside("<![CDATA[<!DOCTYPE x>]]>"), "XML02"),
    "doctype_in_comment": (inside("<!-- <!DOCTYPE x> -->x"), "XML02"),
    "utf_16": ("<a/>".encode("utf-16"), "XML03"),
    "utf_16_without_mark": ("<a/>".encode("utf-16-le"), "XML03"),
    "utf_32": ("<a/>".encode("utf-32"), "XML03"),
    "nul_first": (b"\0<a/>", "XML03"),
    "latin_1_declared": ('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), "XML03"),
    "latin_1_declared_ascii": (b"<?xml version='1.0' encoding = 'latin1'?><a/>", "XML03"),
    "latin_1_far_away": (b'<?xml version="1.0"' + b" " * 5_000 + b'encoding="latin1"?><a/>', "XML03"),
    "latin_1_undeclared": ("<a>é</a>".encode("latin-1"), "XML03"),
    "surrogate": (b"<a>\xed\xa0\x80</a>", "XML03"),
    "overlong": (b"<a>\xc0\xaf</a>", "XML03"),
    "too_long": (b"<a>" + b" " * (4 << 20) + b"</a>", "XML04"),
    "levels": (b"<a>" * 900 + b"</a>" * 900, "XML04"),
    "levels_300000": (b"<a>" * 300_000 + b"</a>" * 300_000, "XML04"),
    "attributes": (b"<a " + b" ".join(b'a%d=""' % i for i in range(200_000)) + b"/>", "XML04"),
    "attributes_spaced": (b"<a " + b" ".join(b'a%d = ""' % i for i in range(200_000)) + b"/>", "XML04"),
    "attributes_million": (b"<a " + b" ".join(b'a%d=""' % i for i in range(1_000_000)) + b"/>", "XML04"),
    "empty_transactions": (many("<CdtTrfTxInf/>", 100_000), "XSD01"),
    "wrappers_wide": (b"<a>" + b"<b/>" * 390_000 + b"</a>", "BAH01"),
    "wrappers_deep": (b"<a>" * 200 + b"</a>" * 200, "BAH01"),
    "instance_nil": (message().replace(b"<Dbtr>", b"<Dbtr xmlns:i='" + INSTANCE + b"' i:nil='true'>"), "XSD01"),
    "instance_type": (
        message().replace(b"<Dbtr>", b"<Dbtr xmlns:i='" + INSTANCE.replace(b"w", b"&#119;") + b"' i:type='x'>"),
        "XSD01",
    ),
    "faulty_siblings": (message(document("<CdtTrfTxInf>" + "<X/>" * 20_000 + "</CdtTrfTxInf>")), "XML04"),
    "faulty_siblings_in_last": (
        message(document(transaction() + "<CdtTrfTxInf>" + "<X/>" * 20_000 + "</CdtTrfTxInf>", count=2)),
        "XML04",
    ),
    "faulty_siblings_in_group": (message(document(transaction(), sums="<X/>" * 20_000)), "XSD01"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_bad_bytes_are_refused_by_their_word_within_a_second(name):
    """One word, nothing of the input beyond forty characters in the text."""
    raw, word = TABLE[name]
    start = time.process_time()

    verdict = check(raw, rules_context())

    assert time.process_time() - start < 1
    assert (verdict.outcome, verdict.codes) == (Outcome.REFUSED, [word])
    assert len(verdict.findings[0].text) <= 200


def test_a_text_of_twelve_megabytes_is_over_the_parsers_own_limit_on_the_file_route():
    """Where the bytes pass, the parser's limit of 10 MB for one text holds."""
    context = with_fields(rules_context(), limits=FILE_TREE)

    verdict = check(b"<a>" + b"x" * 12_000_000 + b"</a>", context)

    assert verdict.codes == ["XML04"]


def test_fifty_megabytes_are_refused_by_size_alone():
    """No copy, no tree."""
    raw = b"<a>" + b"x" * 50_000_000
    start = time.process_time()

    assert check(raw, rules_context()).codes == ["XML04"]
    assert time.process_time() - start < 0.5


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
from tests.iso20022.contexts import rules_context
from tests.iso20022 import test_guard
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for raw, word in test_guard.TABLE.values():
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

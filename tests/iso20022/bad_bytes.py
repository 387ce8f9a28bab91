"""Bad bytes by name, each with the word it is refused by. `bench/bad_input.py` times the same table."""

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

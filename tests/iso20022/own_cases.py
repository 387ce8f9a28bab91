"""Our own rule cases: one message per name of the rules table, with invented parties.

`python -m tests.iso20022.own_cases` writes them to `own/` with their index; a test compares the files with
what this module makes. They judge the same as the cases of the shared data, under the same profile file.
"""

from pathlib import Path

from tests.iso20022.messages import DOCUMENT, agent, document, header, message, transaction

HERE = Path(__file__).parent / "own"
ACCEPT, REFUSE = "ACCEPT", "admi.002"
FX = (
    '<IntrBkSttlmAmt Ccy="INR">1488.00</IntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>'
    '<InstdAmt Ccy="BRL">100.00</InstdAmt><XchgRate>14.8800</XchgRate>'
)
DATE = "<IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>"
STREET = "<StrtNm>Largo do Porto</StrtNm><BldgNb>3</BldgNb><PstCd>40015-160</PstCd>"


def check_digits(text: str) -> str:
    """Give the two check digits (mod 97-10) for a text that ends in 00 where they will stand."""
    digits = "".join(str(int(c, 36)) for c in text)
    return f"{98 - int(digits) % 97:02d}"


def lei(stem: str) -> str:
    """Give a LEI of 18 characters and their check digits."""
    return stem + check_digits(stem + "00")


def iban(country: str, account: str) -> str:
    """Give an IBAN with its check digits."""
    return country + check_digits(account + country + "00") + account


def wrong(code: str) -> str:
    """Give an identifier with its last character changed."""
    return code[:-1] + ("1" if code[-1] != "1" else "2")


DEBTOR_LEI, CREDITOR_LEI = lei("STEELYARDDEBTOR001"), lei("STEELYARDCREDTR002")
DEBTOR_IBAN = iban("BR", "00000000000010000123456C1")
REFERENCE = "RF" + check_digits("INV2031" + "RF" + "00") + "INV2031"


def party(
    tag: str,
    *,
    name: str | None,
    address: str | None = None,
    town: str = "Salvador",
    country: str = "BR",
    lei_code: str = "",
) -> str:
    """Give a debtor or creditor."""
    named = f"<Nm>{name}</Nm>" if name else ""
    held = f"{STREET}<TwnNm>{town}</TwnNm><Ctry>{country}</Ctry>" if address is None else address
    id_ = f"<Id><OrgId><LEI>{lei_code}</LEI></OrgId></Id>" if lei_code else ""
    return f"<{tag}>{named}<PstlAdr>{held}</PstlAdr>{id_}</{tag}>"


def debtor(name: str | None = "Bahia Cacao Cooperative", **changes: str) -> str:
    """Give the debtor."""
    return party("Dbtr", name=name, **({"lei_code": DEBTOR_LEI} | changes))


def creditor(name: str | None = "Malabar Spice Mills", **changes: str) -> str:
    """Give the creditor."""
    fields = {"town": "Kochi", "country": "IN", "lei_code": CREDITOR_LEI}
    return party("Cdtr", name=name, **(fields | changes))


def one(**changes: str) -> str:
    """Give a transaction in two currencies between our two parties."""
    fields = {
        "amounts": FX,
        "debtor": debtor(),
        "creditor": creditor(),
        "debtor_account": f"<Id><IBAN>{DEBTOR_IBAN}</IBAN></Id>",
    }
    return transaction(**(fields | changes))


def sent(transactions: str | None = None, *, head: dict[str, str] | None = None, **group: str | int) -> bytes:
    """Give a message."""
    body = document(one() if transactions is None else transactions, **group)
    return message(body, head=header(**(head or {})))


def amounts(currency: str, text: str) -> str:
    """Give a settlement amount with its date."""
    return f'<IntrBkSttlmAmt Ccy="{currency}">{text}</IntrBkSttlmAmt>{DATE}'


def dated(day: str) -> str:
    """Give the amounts with another settlement date."""
    return FX.replace("2026-11-25", day)


def remitted(inner: str) -> str:
    """Give the end of a transaction with a remittance."""
    return f"<RmtInf>{inner}</RmtInf>"


def typed(inner: str) -> str:
    """Give a payment type."""
    return f"<PmtTpInf>{inner}</PmtTpInf>"


def charge(amount: str = "1.00") -> str:
    """Give a charge of the debtor agent."""
    return f'<ChrgsInf><Amt Ccy="INR">{amount}</Amt>{agent("Agt", "AAAABRSPXXX")}</ChrgsInf>'


BASE = sent()
THREE = "".join(one(number=n) for n in (1, 2, 3))
PREFIXED = (
    BASE.decode()
    .partition("<Document")[2]
    .replace("</", "\0")
    .replace("<", "<p:")
    .replace("\0", "</p:")
    .replace("</p:BizMsg>", "</BizMsg>")
    .replace(" xmlns=", " xmlns:p=", 1)
)
KOCHI = "<TwnNm>Kochi</TwnNm><Ctry>IN</Ctry>"
LINES = "<AdrLine>Pier 4, gate B</AdrLine><AdrLine>Second floor</AdrLine>"
HYBRID = f"<TwnNm>Salvador</TwnNm><Ctry>BR</Ctry>{LINES}"


def at_creditor_agent(bic: str) -> bytes:
    """Give a message with another creditor agent."""
    ends = "</BICFI></FinInstnId></CdtrAgt>"
    return sent(one().replace("BBBBINBBXXX" + ends, bic + ends))


CASES: dict[str, tuple[bytes, str, str]] = {
    # accepted: the exact reading
    "base": (BASE, ACCEPT, ""),
    "multi": (sent(THREE, count=3, sums="<CtrlSum>4464.00</CtrlSum>"), ACCEPT, ""),
    "prefixed": ((BASE.decode().partition("<Document")[0] + "<p:Document" + PREFIXED).encode(), ACCEPT, ""),
    "entities": (sent(one(debtor=debtor("Bahia &amp; Sons &#67;o"))), ACCEPT, ""),
    "cdata": (sent(one(tail=remitted("<Ustrd>a<![CDATA[ & ]]>b</Ustrd>"))), ACCEPT, ""),
    "comments": (
        sent(one(amounts=FX.replace("1488.00", "14<!-- 9 -->88<?x y?>.00"))),
        ACCEPT,
        "",
    ),
    "crlf": (BASE.replace(b"\n", b"\r\n").replace(b"><", b">\r\n<"), ACCEPT, ""),
    "bom": (b"\xef\xbb\xbf" + BASE, ACCEPT, ""),
    "hybrid_address": (sent(one(debtor=debtor(address=HYBRID))), ACCEPT, ""),
    "same_currency": (
        sent(one(amounts=amounts("INR", "1488.00") + '<InstdAmt Ccy="INR">1488.00</InstdAmt>')),
        ACCEPT,
        "",
    ),
    "no_decimals": (sent(one(amounts=amounts("INR", "1488"))), ACCEPT, ""),
    "e2e_notprovided": (sent(one(end_to_end_id="NOTPROVIDED")), ACCEPT, ""),
    # refused: before any rule of business
    "xml_broken": (BASE.replace(b"</Nm>", b"", 1), REFUSE, "XML01"),
    "xml_doctype": (
        BASE.replace(b"<BizMsg>", b'<!DOCTYPE BizMsg [<!ENTITY x "y">]>\n<BizMsg>'),
        REFUSE,
        "XML02",
    ),
    "xml_xxe": (
        BASE.replace(b"<BizMsg>", b'<!DOCTYPE BizMsg SYSTEM "file:///nowhere">\n<BizMsg>'),
        REFUSE,
        "XML02",
    ),
    "xml_bad_utf8": (BASE.replace(b"Cacao", b"Cac\xe3o"), REFUSE, "XML03"),
    "xsd_order": (
        sent(one(bearer="").replace("<IntrBkSttlmAmt", "<ChrgBr>SHAR</ChrgBr><IntrBkSttlmAmt")),
        REFUSE,
        "XSD01",
    ),
    "xsd_enum": (sent(one(bearer="<ChrgBr>OURS</ChrgBr>")), REFUSE, "XSD01"),
    "xsd_len36": (sent(message_id="M" * 36, head={"message_id": "M" * 36}), REFUSE, "XSD01"),
    "xsd_uetr": (sent(one(uetr="7a1c2b3d-4e5f-1a6b-8c7d-9e0f1a2b3c4d")), REFUSE, "XSD01"),
    "xsd_bic": (at_creditor_agent("BBBBINBBXX"), REFUSE, "XSD01"),
    "xsd_negative": (sent(one(amounts=amounts("INR", "-1.00"))), REFUSE, "XSD01"),
    "xsd_exponent": (sent(one(amounts=amounts("INR", "1.488E3"))), REFUSE, "XSD01"),
    "xsd_empty": (BASE.replace(b"<EndToEndId>E1<", b"<EndToEndId><"), REFUSE, "XSD01"),
    "bah_defid": (sent(head={"definition": "pacs.009.001.08"}), REFUSE, "BAH03"),
    "bah_bizid": (sent(head={"message_id": "M2"}), REFUSE, "BAH04"),
    "bah_ns_unsupported": (BASE.replace(DOCUMENT.encode(), DOCUMENT[:-2].encode() + b"98"), REFUSE, "BAH02"),
    # rejected: one business rule
    "bah_from": (sent(head={"sender": "BBBBINBBXXX"}), "pacs.002", "AGNT"),
    "bah_to": (sent(head={"receiver": "CCCCZAJJXXX"}), "pacs.002", "AGNT"),
    "count": (sent(count=2), "pacs.002", "AM19"),
    "ctrlsum": (sent(sums="<CtrlSum>1488.01</CtrlSum>"), "pacs.002", "AM16"),
    "ctrlsum_multi": (sent(THREE, count=3, sums="<CtrlSum>2976.00</CtrlSum>"), "pacs.002", "AM16"),
    "decimals": (sent(one(amounts=amounts("INR", "1488.005"))), "pacs.002", "CH20"),
    "zero": (sent(one(amounts=FX.replace("1488.00", "0.00"))), "pacs.002", "AM01"),
    "ccy_unknown": (sent(one(amounts=amounts("QQQ", "1.00"))), "pacs.002", "AM11"),
    "ccy_not_listed": (sent(one(amounts=amounts("NOK", "1.00"))), "pacs.002", "AM03"),
    "ccy_metal": (sent(one(amounts=amounts("XAG", "1"))), "pacs.002", "AM03"),
    "uetr_missing": (sent(one(uetr="")), "pacs.002", "CH21"),
    "uetr_dup_in_msg": (
        sent(one(number=1) + one(number=2, uetr="7a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b0001"), count=2),
        "pacs.002",
        "DU03",
    ),
    "iban_check": (
        sent(one(debtor_account=f"<Id><IBAN>BR00{DEBTOR_IBAN[4:]}</IBAN></Id>")),
        "pacs.002",
        "AC02",
    ),
    "iban_country_len": (
        sent(one(debtor_account=f"<Id><IBAN>{iban('BR', '0000001234567890')}</IBAN></Id>")),
        "pacs.002",
        "AC02",
    ),
    "lei_check": (sent(one(debtor=debtor(lei_code=wrong(DEBTOR_LEI)))), "pacs.002", "BE16"),
    "lei_check_cdtr": (sent(one(creditor=creditor(lei_code=wrong(CREDITOR_LEI)))), "pacs.002", "BE17"),
    "bic_country": (at_creditor_agent("BBBBXXBBXXX"),
        "pacs.002",
        "RC07",
    ),
    "bic_not_member": (at_creditor_agent("DDDDINBBXXX"),
        "pacs.002",
        "CNOR",
    ),
    "ctry_code_dbtr": (sent(one(debtor=debtor(country="QX"))), "pacs.002", "BE10"),
    "ctry_code_cdtr": (sent(one(creditor=creditor(country="QX"))), "pacs.002", "BE11"),
    "adr_unstructured": (
        sent(one(creditor=creditor(address="<AdrLine>4 Mill Road</AdrLine><AdrLine>Kochi, India</AdrLine>"))),
        "pacs.002",
        "BE04",
    ),
    "adr_no_town": (sent(one(debtor=debtor(address=f"{STREET}<Ctry>BR</Ctry>"))), "pacs.002", "BE07"),
    "adr_three_lines": (
        sent(one(creditor=creditor(address=f"{KOCHI}{LINES}<AdrLine>Left</AdrLine>"))),
        "pacs.002",
        "BE04",
    ),
    "adr_repeat": (
        sent(one(creditor=creditor(address=f"{KOCHI}<AdrLine>4 Mill Road, KOCHI</AdrLine>"))),
        "pacs.002",
        "BE04",
    ),
    "name_dbtr": (sent(one(debtor=debtor(None))), "pacs.002", "BE08"),
    "name_cdtr": (sent(one(creditor=creditor(None))), "pacs.002", "BE22"),
    "charset_id": (sent(one(end_to_end_id="E_1Ж")), "pacs.002", "RR10"),
    "charset_name": (sent(one(debtor=debtor("Баия Какао"))), "pacs.002", "RR10"),
    "slash_instrid": (sent(one(instruction_id="/I1")), "pacs.002", "CH16"),
    "slash_double": (sent(one(instruction_id="I//1")), "pacs.002", "CH16"),
    "cred_no_chrgs": (sent(one(bearer="<ChrgBr>CRED</ChrgBr>")), "pacs.002", "CH21"),
    "debt_two_chrgs": (
        sent(one(bearer="<ChrgBr>DEBT</ChrgBr>", between=charge() + charge())),
        "pacs.002",
        "CH17",
    ),
    "rmt_both": (
        sent(one(tail=remitted(f"<Ustrd>x</Ustrd><Strd><CdtrRefInf><Ref>{REFERENCE}</Ref></CdtrRefInf></Strd>"))),
        "pacs.002",
        "RR07",
    ),
    "rf_ref": (
        sent(one(tail=remitted(f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>{wrong(REFERENCE)}</Ref></CdtrRefInf></Strd>"))),
        "pacs.002",
        "RR09",
    ),
    "date_past": (sent(one(amounts=dated("2026-11-20"))), "pacs.002", "DT01"),
    "date_weekend": (sent(one(amounts=dated("2026-11-28"))), "pacs.002", "DT03"),
    "date_far": (sent(one(amounts=dated("2028-02-01"))), "pacs.002", "DT04"),
    "creation_future": (sent(created_at="2026-11-25T12:00:00Z"), "pacs.002", "DT02"),
    "creation_no_offset": (sent(created_at="2026-11-23T11:00:00"), "pacs.002", "DT02"),
    "rate_missing": (
        sent(one(amounts=FX.replace("<XchgRate>14.8800</XchgRate>", ""))),
        "pacs.002",
        "CH21",
    ),
    "rate_mismatch": (sent(one(amounts=FX.replace("14.8800", "13.3920"))), "pacs.002", "AM09"),
    "rate_same_ccy": (
        sent(one(amounts=amounts("INR", "10.00") + '<InstdAmt Ccy="INR">10.00</InstdAmt><XchgRate>1</XchgRate>')),
        "pacs.002",
        "CH17",
    ),
    "sttlm_method": (
        sent(settlement="<SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf>"),
        "pacs.002",
        "CH16",
    ),
    "clr_sys": (
        sent(settlement="<SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Prtry>ELSE</Prtry></ClrSys></SttlmInf>"),
        "pacs.002",
        "CH16",
    ),
    "svc_level": (sent(one(payment_type=typed("<SvcLvl><Cd>QQ01</Cd></SvcLvl>"))), "pacs.002", "FF04"),
    "ctgy_purp": (sent(one(payment_type=typed("<CtgyPurp><Cd>QQ01</Cd></CtgyPurp>"))), "pacs.002", "FF06"),
    "purpose": (sent(one(tail="<Purp><Cd>QQ01</Cd></Purp>")), "pacs.002", "FF07"),
}  # fmt: skip


def index() -> str:
    """Give the index: one line per case."""
    rows = ["file\trule\texpected\tanswer_message\taccepted_reason_codes"]
    for number, (name, (_, answer, code)) in enumerate(CASES.items(), 1):
        expected = answer if answer == ACCEPT else "REJECT"
        message_ = "pacs.002" if answer == ACCEPT else answer
        rows.append(f"{number:03d}_{name}.xml\t{name}\t{expected}\t{message_}\t{code}")
    return "\n".join(rows) + "\n"


def file_name(name: str) -> str:
    """Give the file of a case."""
    return f"{list(CASES).index(name) + 1:03d}_{name}.xml"


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for case, (raw, _, _) in CASES.items():
        (HERE / file_name(case)).write_bytes(raw)
    (HERE / "INDEX.tsv").write_text(index(), encoding="utf-8")

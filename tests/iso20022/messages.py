"""Our own messages for tests: a valid pacs.008, built from parts so that a test names what it changes."""

HEADER = "urn:iso:std:iso:20022:tech:xsd:head.001.001.02"
DOCUMENT = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"
UETR = "7a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"

DEBTOR = (
    "<Dbtr><Nm>Planalto Fruits Ltda</Nm><PstlAdr><StrtNm>Rua das Laranjeiras</StrtNm><BldgNb>88</BldgNb>"
    "<PstCd>22240-003</PstCd><TwnNm>Rio de Janeiro</TwnNm><Ctry>BR</Ctry></PstlAdr></Dbtr>"
)
CREDITOR = (
    "<Cdtr><Nm>Deccan Looms Private Limited</Nm><PstlAdr><StrtNm>Mill Road</StrtNm><BldgNb>4</BldgNb>"
    "<PstCd>411001</PstCd><TwnNm>Pune</TwnNm><Ctry>IN</Ctry></PstlAdr></Cdtr>"
)


def agent(tag: str, bic: str) -> str:
    """Give an agent element."""
    return f"<{tag}><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></{tag}>"


def transaction(
    *,
    number: int = 1,
    uetr: str | None = None,
    amounts: str | None = None,
    between: str = "",
    debtor: str = DEBTOR,
    creditor: str = CREDITOR,
    debtor_account: str = "<Id><Othr><Id>0001-123456</Id></Othr></Id>",
    creditor_account: str = "<Id><Othr><Id>50210077</Id></Othr></Id>",
    instruction_id: str | None = None,
    end_to_end_id: str | None = None,
    tail: str = "<Purp><Cd>GDDS</Cd></Purp><RmtInf><Ustrd>Invoice 7 of May</Ustrd></RmtInf>",
    payment_type: str = "<PmtTpInf><SvcLvl><Cd>G001</Cd></SvcLvl></PmtTpInf>",
    bearer: str = "<ChrgBr>SHAR</ChrgBr>",
) -> str:
    """Give one transaction in rupees; `between` stands after ChrgBr, `tail` after the creditor account."""
    uetr_text = UETR[:-4] + f"{number:04x}" if uetr is None else uetr
    uetr_element = f"<UETR>{uetr_text}</UETR>" if uetr_text else ""
    money = (
        '<IntrBkSttlmAmt Ccy="INR">1000.00</IntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>'
        if amounts is None
        else amounts
    )
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>{instruction_id or f'I{number}'}</InstrId>"
        f"<EndToEndId>{end_to_end_id or f'E{number}'}</EndToEndId>{uetr_element}</PmtId>{payment_type}{money}"
        f"{bearer}{between}{agent('InstgAgt', 'AAAABRSPXXX')}{agent('InstdAgt', 'BBBBINBBXXX')}{debtor}"
        f"<DbtrAcct>{debtor_account}</DbtrAcct>{agent('DbtrAgt', 'AAAABRSPXXX')}"
        f"{agent('CdtrAgt', 'BBBBINBBXXX')}{creditor}<CdtrAcct>{creditor_account}</CdtrAcct>{tail}</CdtTrfTxInf>"
    )


def header(
    *,
    sender: str = "AAAABRSPXXX",
    receiver: str = "HUBXZAJJXXX",
    message_id: str = "M1",
    definition: str = "pacs.008.001.08",
    created_at: str = "2026-11-23T11:00:00Z",
    tail: str = "",
) -> str:
    """Give a header."""
    return (
        f'<AppHdr xmlns="{HEADER}"><Fr><FIId><FinInstnId><BICFI>{sender}</BICFI></FinInstnId></FIId></Fr>'
        f"<To><FIId><FinInstnId><BICFI>{receiver}</BICFI></FinInstnId></FIId></To>"
        f"<BizMsgIdr>{message_id}</BizMsgIdr><MsgDefIdr>{definition}</MsgDefIdr>"
        f"<BizSvc>hub.xborder.01</BizSvc><CreDt>{created_at}</CreDt>{tail}</AppHdr>"
    )


def document(
    transactions: str,
    *,
    message_id: str = "M1",
    count: int = 1,
    created_at: str = "2026-11-23T11:00:00Z",
    sums: str = "",
    settlement: str = "<SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Prtry>HUBX</Prtry></ClrSys></SttlmInf>",
    tail: str = "",
) -> str:
    """Give a pacs.008 Document; `tail` stands after the settlement information."""
    return (
        f'<Document xmlns="{DOCUMENT}"><FIToFICstmrCdtTrf><GrpHdr><MsgId>{message_id}</MsgId>'
        f"<CreDtTm>{created_at}</CreDtTm><NbOfTxs>{count}</NbOfTxs>{sums}{settlement}{tail}</GrpHdr>"
        f"{transactions}</FIToFICstmrCdtTrf></Document>"
    )


def message(parts: str | None = None, *, head: str | None = None, root: str = "BizMsg") -> bytes:
    """Give a whole message: a header and a Document in a wrapper."""
    head = header() if head is None else head
    body = document(transaction()) if parts is None else parts
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{head}{body}</{root}>'.encode()


BANK_DOCUMENT = "urn:iso:std:iso:20022:tech:xsd:pacs.009.001.08"


def bank_transaction(
    *,
    number: int = 1,
    agents: str | None = None,
    payment_type: str = "<PmtTpInf><SvcLvl><Cd>G004</Cd></SvcLvl></PmtTpInf>",
    money: str = '<IntrBkSttlmAmt Ccy="INR">1000.00</IntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>',
    tail: str = "",
) -> str:
    """Give one transaction between banks; `tail` stands after the creditor."""
    parties = (
        f"<Dbtr>{_institution('AAAABRSPXXX')}</Dbtr><Cdtr>{_institution('BBBBINBBXXX')}</Cdtr>"
        if agents is None
        else agents
    )
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>B{number}</InstrId><EndToEndId>F{number}</EndToEndId>"
        f"<UETR>{UETR[:-4]}{number:04x}</UETR></PmtId>{payment_type}{money}"
        f"{agent('InstgAgt', 'AAAABRSPXXX')}{agent('InstdAgt', 'BBBBINBBXXX')}{parties}{tail}</CdtTrfTxInf>"
    )


def bank_message(
    transactions: str | None = None, *, count: int = 1, service: str = "hub.xborder.01"
) -> bytes:
    """Give a pacs.009."""
    body = bank_transaction() if transactions is None else transactions
    head = header(definition="pacs.009.001.08").replace("hub.xborder.01", service)
    parts = (
        document(body, count=count).replace(DOCUMENT, BANK_DOCUMENT).replace("FIToFICstmrCdtTrf", "FICdtTrf")
    )
    return message(parts, head=head)


def _institution(bic: str) -> str:
    return f"<FinInstnId><BICFI>{bic}</BICFI></FinInstnId>"

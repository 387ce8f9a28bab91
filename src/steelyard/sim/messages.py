"""What a bank's own system sends: a pacs.008.001.08 with its header, made from one planned payment.

This is the other side of the wire, so it shares no code with the reader: what it writes is what a bank's
engineer would write by the book of the `hub` profile.
"""

from html import escape

from steelyard.sim.day import Planned
from steelyard.sim.parties import Customer
from steelyard.values.amount import format_minor
from steelyard.values.instants import format_date, format_instant

HEAD = "urn:iso:std:iso:20022:tech:xsd:head.001.001.02"
BODY = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"


class Sender:
    """Writes messages to one hub on one business date."""

    def __init__(
        self, *, hub_bic: str, clearing_system: str, business_on: int, scales: dict[str, int]
    ) -> None:
        self.hub_bic = hub_bic
        self.clearing_system = clearing_system
        self.settlement_on = format_date(business_on)
        self.scales = scales

    def pacs_008(self, item: Planned, *, at: int, quote_id: str = "") -> bytes:
        """Give the bytes of one customer credit transfer, created at an instant (ns)."""
        return self.file(
            [item], at=at, message_id=f"M{item.uetr[:8]}{item.number:06d}", quotes={item.uetr: quote_id}
        )

    def file(
        self, items: list[Planned], *, at: int, message_id: str, quotes: dict[str, str] | None = None
    ) -> bytes:
        """Give the bytes of one message with all of `items`, which have one sending bank."""
        created = format_instant(at // 1_000_000 * 1_000_000)
        if "." not in created:
            created = created.replace("Z", ".000Z")
        sender = items[0].payer.bank
        quoted = quotes or {}
        transfers = "".join(self._transfer(item, quoted.get(item.uetr, "")) for item in items)
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<BizMsg>'
            f'<AppHdr xmlns="{HEAD}"><Fr>{_bank(sender)}</Fr><To>{_bank(self.hub_bic)}</To>'
            f"<BizMsgIdr>{message_id}</BizMsgIdr><MsgDefIdr>pacs.008.001.08</MsgDefIdr>"
            f"<BizSvc>steelyard.01</BizSvc><CreDt>{created}</CreDt></AppHdr>"
            f'<Document xmlns="{BODY}"><FIToFICstmrCdtTrf><GrpHdr><MsgId>{message_id}</MsgId>'
            f"<CreDtTm>{created}</CreDtTm><NbOfTxs>{len(items)}</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd>"
            f"<ClrSys><Prtry>{self.clearing_system}</Prtry></ClrSys></SttlmInf></GrpHdr>"
            f"{transfers}</FIToFICstmrCdtTrf></Document></BizMsg>"
        )
        return text.encode()

    def _transfer(self, item: Planned, quote_id: str) -> str:
        target = format_minor(item.target_minor, self.scales[item.target])
        source = format_minor(item.source_minor, self.scales[item.source])
        exchange = f"<XchgRate>{item.rate}</XchgRate>" if item.rate else ""
        quote = f"<InstrForNxtAgt><InstrInf>QUOTE {quote_id}</InstrInf></InstrForNxtAgt>" if quote_id else ""
        return (
            f"<CdtTrfTxInf><PmtId><InstrId>I{item.number:08d}</InstrId><EndToEndId>E{item.number:08d}</EndToEndId>"
            f"<UETR>{item.uetr}</UETR></PmtId><PmtTpInf><InstrPrty>NORM</InstrPrty></PmtTpInf>"
            f'<IntrBkSttlmAmt Ccy="{item.target}">{target}</IntrBkSttlmAmt>'
            f"<IntrBkSttlmDt>{self.settlement_on}</IntrBkSttlmDt>"
            f'<InstdAmt Ccy="{item.source}">{source}</InstdAmt>{exchange}<ChrgBr>SHAR</ChrgBr>'
            f"<InstgAgt>{_agent(item.payer.bank)}</InstgAgt><InstdAgt>{_agent(item.payee.bank)}</InstdAgt>"
            f"{_party('Dbtr', item.payer)}<DbtrAgt>{_agent(item.payer.bank)}</DbtrAgt>"
            f"<CdtrAgt>{_agent(item.payee.bank)}</CdtrAgt>{_party('Cdtr', item.payee)}{quote}"
            f"<Purp><Cd>{item.purpose}</Cd></Purp>"
            f"<RmtInf><Ustrd>Invoice {item.number:08d}</Ustrd></RmtInf></CdtTrfTxInf>"
        )


def _bank(bic: str) -> str:
    return f"<FIId>{_agent(bic)}</FIId>"


def _agent(bic: str) -> str:
    return f"<FinInstnId><BICFI>{bic}</BICFI></FinInstnId>"


def _party(tag: str, who: Customer) -> str:
    ident = f"<Id><OrgId><LEI>{who.lei}</LEI></OrgId></Id>" if who.lei else ""
    account = f"<IBAN>{who.account}</IBAN>" if who.is_iban else f"<Othr><Id>{who.account}</Id></Othr>"
    return (
        f"<{tag}><Nm>{escape(who.name, quote=False)}</Nm>"
        f"<PstlAdr><StrtNm>{who.street}</StrtNm><BldgNb>{who.building}</BldgNb>"
        f"<PstCd>{who.post_code}</PstCd><TwnNm>{who.town}</TwnNm><Ctry>{who.country}</Ctry></PstlAdr>{ident}</{tag}>"
        f"<{tag}Acct><Id>{account}</Id></{tag}Acct>"
    )

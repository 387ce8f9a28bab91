"""Examples of request bodies by their shape, for routes that have none of their own in `examples`.

Names are those of the served world: banks GHAFAEA0 (AED) and FYNBZAC0 (ZAR), wheat on the spot and in months.
"""

from typing import Any

import msgspec

from steelyard.api.examples import EXAMPLES
from steelyard.api.route import JSON, Route

_DIGEST = "d2325455b2a3b1f2411a6db30431746ffe1630c1249bcb1dd96798a7f262f216"
_RECEIPT, _OTHER = "01a207a2-3280-d03b-c267-1ae5d1ae88eb", "01a207a2-3281-71c0-b0f5-6a1ce32d9a40"
_SEED = "000102030405060708090a0b0c0d0e0f"
_AED = {"asset": "AED", "value": "1000.00"}
_ORDER = {"instrument": "WHT-SPOT", "side": "buy", "quantity": 50, "price": "890.00", "currency": "AED"}
_PAPER = {"document": _DIGEST}
_REPORT = {"report": _DIGEST}
_REASON = {"reason": "agreed on 23 November"}
_PAYMENT = {
    "creditor_agent": "TAMRINB0",
    "settlement": {"asset": "AED", "value": "125.00"},
    "debtor": {"name": "Layla Said", "address": {"town": "Dubai", "country": "AE"}},
    "debtor_account": {"id": "0331234567890"},
    "creditor": {"name": "Arjun Rao", "address": {"town": "Pune", "country": "IN"}},
    "creditor_account": {"id": "50100012345678"},
    "purpose": "GDDS",
    "remittance": ["Invoice 4711"],
}  # fmt: skip

SHAPES: dict[str, Any] = {
    # who may come in
    "access.EnrolAsked": {"code": "K7QF-9WZT-3MHD", "password": "correct horse battery"},
    "access.StepUpAsked": {"password": "correct horse battery", "code": "287082"},
    "directory.Decision": {"shown": _DIGEST},
    "acts.Because": _REASON,
    "acts.ClosingAsked": {"statement": _DIGEST},
    "acts.SuspensionAsked": {"sending_only": True, "reason": "its operator asked for it"},
    "acts.CurrenciesAsked": {"currencies": ["AED", "INR", "ZAR"]},
    "acts.RolesAsked": {"roles": ["maker", "trader"]},
    "acts.ActivationAsked": {"rule": "bundles-of-thousands", "from_at": "2026-12-01T00:00:00Z"},
    # money, accounts, calendars, rates
    "acts.CapAsked": {"cap": {"asset": "AED", "value": "500000000.00"}},
    "acts.CurrencyRules": {
        "open_to_all": False, "allowed": ["GHAFAEA0", "FYNBZAC0"], "fund_on_advice": True, "issue_line": "1000000.00",
    },
    "acts.FundingRuling": {"issue": True},
    "acts.AdviceAsked": {"participant": "GHAFAEA0", "amount": _AED, "advice": "RTGS-20261123-17"},
    "acts.PayoutAsked": {"paid": True, "amount": _AED, "payout": "RTGS-20261123-18"},
    "acts.RedemptionRuling": {"paid": True, "statement": "2026-11-23"},
    "acts.Clearing": {"reason": "statement and books agree"},
    "acts.AccountAsked": {"asset": "AED", "kind": "reserved", "purpose": "trade-of-grain"},
    "acts.BoundsAsked": {"floor": "100.00", "ceiling": "5000000.00"},
    "acts.BlockAsked": {"debits": True},
    "acts.LimitAsked": {"kind": "net_debit", "cap": _AED},
    "acts.SweepAsked": {"currencies": ["AED"]},
    "acts.MoveAsked": {"source": "GHAFAEA0/AED", "target": "GHAFAEA0/AED/trade-of-grain", "amount": _AED},
    "acts.ReleaseAsked": {"amount": _AED},
    "acts.CalendarAsked": {
        "revision": 2,
        "rows": [
            {
                "on": "2026-11-24", "starts_at": "2026-11-23T20:00:00Z", "business": True,
                "open": [["2026-11-24T04:00:00Z", "2026-11-24T15:30:00Z"]],
            },
        ],
        "cutoffs": {"customer": 60, "institution": 30},
    },
    "acts.RatesAsked": {
        "source": "Reserve Bank", "at": "2026-11-23T08:00:00Z", "kind": "official",
        "rates": [{"base": "AED", "quote": "INR", "rate": "22.5531"}],
    },
    "acts.RateRulesAsked": {
        "stale_after_ms": 86_400_000, "dual_bp": 200, "jump_bp": 500, "kinds": ["official", "interbank"],
        "choices": [{"flow": "pool", "kind": "official"}],
    },
    "payments.PaymentAsked": _PAYMENT,
    # liquidity
    "liquidity.QueueChange": {"priority": "urgent"},
    "liquidity.BatchAsked": {"currency": "AED"},
    "liquidity.OwnLimitAsked": {"currency": "AED", "counterparty": "TAMRINB0", "limit": "250000.00"},
    "liquidity.KeptAsked": {"amount": _AED, "priority": "urgent"},
    "liquidity.HoldingCapAsked": {"currency": "INR", "cap": "10000000.00"},
    "liquidity.PoolAsked": {"currencies": ["AED", "INR", "ZAR"], "cap": {"asset": "AED", "value": "2000000.00"}},
    "cycles.CycleAsked": {"currencies": ["AED", "INR"], "cut_at": "2026-11-24T14:00:00Z"},
    "cycles.CycleScheduleAsked": {"currencies": ["AED", "INR"], "cuts": ["11:00", "14:00"]},
    "cycles.CycleBecause": {"reason": "before the holiday"},
    "cycles.CycleExtended": {"by_ms": 600_000},
    "cycles.CycleExcluded": {"participant": "GHAFAEA0"},
    "cycles.PayInAsked": {"currency": "AED", "amount": _AED},
    "credit.AutoDrawAsked": {"auto_draw": True, "cycle_cap": "50000.00"},
    "credit.DrawAsked": {"participant": "TAMRINB0", "amount": _AED},
    "credit.RepayAsked": {"participant": "TAMRINB0", "amount": _AED},
    # the market
    "market.PhaseAsked": {"phase": "halt", "reason": "news about the harvest"},
    "market.BandsAsked": {"reference": "865.00", "widened": False},
    "market.SeedDigest": {"digest": _DIGEST},
    "market.SeedRevealed": {"seed": _SEED},
    "market.GroupAsked": {"group": "SIDRAEA0"},
    "market.ReversalAsked": {"reason": "both sides mistook the currency"},
    "order_messages.OrderMessages": {
        "messages": [
            {"order_id": _OTHER, "new": _ORDER},
            {"new": _ORDER | {"price": "885.00", "tif": "day"}},
            {"order_id": _OTHER, "change": {"quantity": 40}},
            {"order_id": _RECEIPT, "cancel": True},
        ],
    },
    "market.OrderChange": {"quantity": 40, "price": "885.00"},
    "market.OrderIds": {"order_ids": [_RECEIPT, _OTHER]},
    "market.OrdersOf": {"instrument": "WHT-SPOT", "side": "buy"},
    "market.TradeMoneyAsked": {"amount": _AED},
    "auctions.BidAsked": {"lots": 10, "price": "4610.00"},
    "auctions.CommitAsked": {"commitment": _DIGEST},
    "auctions.CancelAsked": {"reason": "the goods are sold"},
    "prices.SettlementAsked": {
        "on": "2026-11-23", "trades": [{"price": "861.50", "lots": 4}], "last": "861.75", "previous": "860.00",
    },
    "prices.CorrectionAsked": {"on": "2026-11-23", "value": "861.75", "reason": "A trade was taken back."},
    "prices.ComplaintAsked": {"on": "2026-11-23", "text": "The price leaves the last trades out."},
    "prices.StepAsked": {"text": "The last trades came after the window."},
    # clearing
    "clearing.ClearingMoney": {"amount": _AED},
    "clearing.SeizeAsked": {"currency": "AED"},
    "clearing.GoodsBidAsked": {"receipt_id": _RECEIPT, "price": {"asset": "AED", "value": "860.00"}},
    "clearing.ContributionAsked": {"amount": {"asset": "AED", "value": "20000.00"}, "purpose": "default-fund"},
    "clearing.StressesAsked": {
        "currency": "AED",
        "stresses": [{"WHT-2026-12": "-60.00", "WHT-2027-03": "-55.00"}, {"WHT-2026-12": "70.00"}],
    },
    "clearing.DeskAsked": {"currency": "AED", "sponsor": "SIDRAEA0", "collect_seconds": 3_600, "grace_seconds": 7_200},
    "clearing.AcceptedAsked": {"asset": "INR", "kind": "cash", "currency": "AED", "haircut_bp": 800, "cap_bp": 4_000},
    "clearing.ClaimPayment": {"currency": "AED", "value": "250.00"},
    "clearing.CaseAsked": {"participant": "FYNBZAC0", "report": _DIGEST, "step_seconds": 1_800},
    "clearing.StepAsked": {"step": "hedge", "report": _DIGEST},
    "clearing.ReadmitAsked": {"participant": "FYNBZAC0", "report": _DIGEST},
    "clearing.ReductionAsked": {"participant": "FYNBZAC0", "contract": "WHT-2026-12", "report": _DIGEST},
    "clearing.ReportAsked": _REPORT,
    # goods, deliveries, the corridor
    "titles.PaperAsked": _PAPER,
    "titles.StockRuling": {"grade": "WHEAT 11.5", "document": _DIGEST},
    "titles.HolderAsked": {"to": "TAMRINB0"},
    "titles.MergeAsked": {"receipt_ids": [_RECEIPT, _OTHER]},
    "titles.AttachAsked": _PAPER,
    "titles.LeftAsked": {"kg": 10_000, "document": _DIGEST},
    "titles.RegradeAsked": {"code": "WHEAT-110-26.EGALY", "document": _DIGEST},
    "titles.KnockedDownAsked": {
        "buyer": "TAMRINB0", "amount": {"asset": "AED", "value": "42000.00"}, "document": _DIGEST,
    },
    "deliveries.NoticeAsked": {
        "instrument": "WHT-2026-12", "longs": [{"participant": "GHAFAEA0", "since_on": "2026-11-20", "lots": 4}],
    },
    "deliveries.GoodsAsked": {"receipts": [_RECEIPT]},
    "deliveries.DeliveryFund": {"quote_id": _OTHER},
    "deliveries.RulingAsked": {"ruling": "certified", "document": _DIGEST, "weight_kg": 49_900,
                               "factors": {"moisture": "14.2"}},
    "deliveries.CoverAsked": {
        "closes_at": "2026-11-25T12:00:00Z", "limit": {"asset": "AED", "value": "260.00"}, "document": _DIGEST,
    },
    "deliveries.CoverBid": {"lots": 1, "price": {"asset": "AED", "value": "248.00"}, "receipts": [_RECEIPT]},
    "deliveries.CoverBack": {"price": {"asset": "AED", "value": "246.50"}},
    "forwards.CargoAsked": {"receipts": [_RECEIPT]},
    "forwards.HindranceAsked": {"what": "prohibition", "document": _DIGEST},
    "forwards.MarketAsked": {"market": {"asset": "AED", "value": "252.00"}, "document": _DIGEST},
    "corridor.VoyageTold": {"event": "REQUESTED", "document": _DIGEST},
    "corridor.VoyageReport": {"event": "LOADING", "document": _DIGEST},
    "corridor.SlotAsked": {"berth": "A", "from_at": "2026-11-24T08:00:00Z", "until_at": "2026-11-24T20:00:00Z"},
    "corridor.BillPaper": _PAPER,
    "corridor.BillAmended": {"kg": 49_500, "document": _DIGEST},
    # tenders, requests, energy
    "tenders.TenderRates": {"quote_ids": [_OTHER]},
    "tenders.BidAsked": {"commitment": _DIGEST},
    "tenders.TenderCancel": {"reason": "the budget is gone"},
    "rfq.QuoteTaken": {"answer_id": _OTHER, "kg": 20_000},
    "energy.NominationAsked": {"month": "2027-01", "points": [{"point": "coast", "quantity": 2_000}]},
    "energy.GiveUpAsked": {"quantity": 100},
    "energy.TakeAsked": {"month": "2027-01", "taken": 1_900, "shortfall": 100},
    "energy.MonthAsked": {"month": "2027-01"},
    "energy.EnergyBillPaid": {"quote_id": _OTHER},
    "energy.ShortAsked": {"node": "IN", "quantity": 20},
}  # fmt: skip
"""By file and name of the shape"""

_XML = """<?xml version="1.0" encoding="UTF-8"?>
<BizMsg>
  <AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02">
    <Fr><FIId><FinInstnId><BICFI>GHAFAEA0</BICFI></FinInstnId></FIId></Fr>
    <To><FIId><FinInstnId><BICFI>STYDZAJ0</BICFI></FinInstnId></FIId></To>
    <BizMsgIdr>GHAF-20261123-1</BizMsgIdr>
    <MsgDefIdr>pacs.008.001.08</MsgDefIdr>
    <CreDt>2026-11-23T09:00:00.000Z</CreDt>
  </AppHdr>
  <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">
    <FIToFICstmrCdtTrf>
      <GrpHdr>
        <MsgId>GHAF-20261123-1</MsgId>
        <CreDtTm>2026-11-23T09:00:00.000Z</CreDtTm>
        <NbOfTxs>1</NbOfTxs>
        <SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Prtry>STYD</Prtry></ClrSys></SttlmInf>
      </GrpHdr>
      <CdtTrfTxInf>
        <PmtId>
          <InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId><UETR>eb6305c9-1f7f-49de-aed0-16487c27b42d</UETR>
        </PmtId>
        <IntrBkSttlmAmt Ccy="AED">125.00</IntrBkSttlmAmt>
        <IntrBkSttlmDt>2026-11-23</IntrBkSttlmDt>
        <ChrgBr>SHAR</ChrgBr>
        <InstgAgt><FinInstnId><BICFI>GHAFAEA0</BICFI></FinInstnId></InstgAgt>
        <InstdAgt><FinInstnId><BICFI>TAMRINB0</BICFI></FinInstnId></InstdAgt>
        <Dbtr><Nm>Layla Said</Nm><PstlAdr><TwnNm>Dubai</TwnNm><Ctry>AE</Ctry></PstlAdr></Dbtr>
        <DbtrAcct><Id><Othr><Id>0331234567890</Id></Othr></Id></DbtrAcct>
        <DbtrAgt><FinInstnId><BICFI>GHAFAEA0</BICFI></FinInstnId></DbtrAgt>
        <CdtrAgt><FinInstnId><BICFI>TAMRINB0</BICFI></FinInstnId></CdtrAgt>
        <Cdtr><Nm>Arjun Rao</Nm><PstlAdr><TwnNm>Pune</TwnNm><Ctry>IN</Ctry></PstlAdr></Cdtr>
        <CdtrAcct><Id><Othr><Id>50100012345678</Id></Othr></Id></CdtrAcct>
        <Purp><Cd>GDDS</Cd></Purp>
        <RmtInf><Ustrd>Invoice 4711</Ustrd></RmtInf>
      </CdtTrfTxInf>
    </FIToFICstmrCdtTrf>
  </Document>
</BizMsg>
"""
_LINES = "".join(
    msgspec.json.encode(_PAYMENT | {"remittance": [f"Invoice {number}"]}).decode() + "\n" for number in (1, 2)
)
_COLUMNS = (
    "creditor_agent,settlement.asset,settlement.value,debtor.name,debtor.address.town,debtor.address.country,"
    "debtor_account.id,creditor.name,creditor.address.town,creditor.address.country,creditor_account.id,purpose,"
    "remittance\n"
)
_CELLS = (
    "TAMRINB0,AED,125.00,Layla Said,Dubai,AE,0331234567890,Arjun Rao,Pune,IN,50100012345678,GDDS,Invoice {}\n"
)
TEXTS = {
    "text/csv": _COLUMNS + _CELLS.format(1) + _CELLS.format(2),
    "application/xml": _XML,
    "text/xml": _XML,
    "application/x-ndjson": _LINES,
}
"""Of bodies that are text, by media type"""


def asked(line: Route, media: str) -> Any:
    """Give the example of a route's body in a media type; None where it takes none, or bytes."""
    if media != JSON:
        return TEXTS.get(media)
    own = EXAMPLES.get(f"{line.method} {line.path}", {})
    if "asked" in own or line.asked is None:
        return own.get("asked")
    return SHAPES.get(f"{line.asked.__module__.rpartition('.')[2]}.{line.asked.__name__}")

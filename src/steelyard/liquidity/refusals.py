"""Why an order about queues, limits, reservations or credit is refused. Order is precedence: the first counts.

The codes from 620 refuse no payment: they let it wait, and stand there as the reason, as LIQUIDITY_IS_SHORT
of the engine does where money is all that is lacking.
"""

from steelyard.values.refusal import Refusal


class LiquidityRefusal(Refusal):
    """The rules of liquidity, in the order in which they are checked."""

    ACCOUNT_BLOCKED = 600, "money is reserved on an account that is not closed"
    PAYMENT_NOT_QUEUED = 601, "an order about a queue names a payment of the sender that waits"
    PAYMENT_IN_CUT_CYCLE = 602, "a payment that a cycle has cut is left alone until the cycle is over"
    TIME_WINDOW_CLOSED = 603, "a payment may move between its times, on its settlement date"
    COUNTERPARTY_NOT_FOUND = 604, "the counterparty of a limit is another participant with an account, or *"
    LIMIT_MUST_NOT_BE_NEGATIVE = 605, "a limit, a reservation or a cap is zero or more, and below 10^18"
    RESERVATION_EXCEEDS_CLASS = 606, "money is reserved for the class urgent or for the class high"
    NOT_AFTER_PASSED = 610, "what a payment waits for is there before the time its sender set"

    CREDIT_LINE_NOT_FOUND = 630, "an order about credit names a line of the sender's own"
    CREDIT_PARTNER_NOT_FOUND = (
        631,
        "a member or swap line is given to the settlement agent of another member",
    )
    CREDIT_TERMS_OUT_OF_RANGE = (
        632,
        "the terms of a line lie within their bounds, its times ahead and in order",
    )
    CREDIT_LINE_CLOSED = 633, "a line is used while it is open, within its times, with no case about it"
    CREDIT_LINE_TOO_OLD = 634, "a line is used while none of its lots has reached the age limit"
    CREDIT_CAP_WOULD_BE_EXCEEDED = 635, "what is used of a line stays within its cap"
    REPAYMENT_EXCEEDS_USE = 636, "no more of a line is repaid than is used, or taken back than was given"
    ACCOUNT_HAS_A_CREDIT_LINE = 637, "the floor of an account with an intraday line is set by the line"
    CREDIT_IS_OWED = 638, "a participant closes when it has repaid what it was given from credit lines"
    CREDIT_LOTS_ARE_FULL = 639, "a line has at most 4,000 draws open"
    COLLATERAL_IS_NOT_HELD = (
        640,
        "collateral booked here is set aside by its owner, to the unit, in a reservation that the line names",
    )
    COLLATERAL_IS_PLEDGED = (
        641,
        "what locks the collateral of a line serves that line alone until it gives it back",
    )

    BATCH_IS_OPEN = 650, "a currency has one batch at a time"
    BATCH_NOT_REQUESTED = (
        651,
        "a proposal answers the open batch that it names, and the snapshot taken for it",
    )
    SNAPSHOT_TOO_OLD = 652, "a proposal comes while its snapshot is young enough"
    PROPOSAL_IS_MALFORMED = 653, "the lists of a proposal are in order and within their bounds"
    PAYMENT_TWICE = 654, "a proposal names each payment once"
    PART_EXCEEDS_OPEN = 655, "a part is at most what is open of its payment"
    SPLIT_NOT_ALLOWED = 656, "a part is of a payment that may be split"
    PART_BELOW_FLOOR = 657, "a part, and what it leaves open, are not below the floor of the payment"
    ORDER_WITHIN_PAIR_BROKEN = (
        658,
        "a plan said to be ordered passes over no earlier payment of the same pair",
    )
    CERTIFICATE_MALFORMED = 659, "a certificate has the published form, and the nodes and arcs that it names"
    CERTIFICATE_DOES_NOT_PROVE = (
        660,
        "a certificate proves the bound that it names; else the batch counts as unproved",
    )
    POOL_HAS_NO_CURRENCIES = (
        661,
        "a pool takes two currencies or more that have been chosen and have fresh rates",
    )
    POOL_NOT_CHOSEN = 662, "everybody in a pool batch has chosen it, in that currency"
    POOL_CAP_WOULD_BE_EXCEEDED = 663, "nobody pays more in a pool batch than the cap it has set"
    POOL_FX_DOES_NOT_BALANCE = 664, "exchange legs of a pool sum to zero in each currency"
    POOL_VALUE_IS_NOT_KEPT = 665, "exchange legs of a pool neither gain nor lose anybody more than rounding"
    POOL_CHOICE_IS_OUT_OF_RANGE = (
        666,
        "a choice for pools names two currencies or more that one holds, one's own, a cap",
    )

    CYCLE_IS_OPEN = 680, "a currency has one open cycle at a time"
    CYCLE_NOT_FOUND = 681, "an order about a cycle names one that is under way"
    CYCLE_STATE_FORBIDS = 682, "a cycle is cut, paid into, extended or ended in the states that allow it"
    CYCLE_TIME_OUT_OF_RANGE = (
        683,
        "a cycle is cut in the future, and its cuts are minutes of a day, ascending",
    )
    CYCLE_IS_EMPTY = 684, "a cycle that is cut holds an obligation"
    CYCLE_WAS_EXTENDED = 685, "the end of the pay-ins is moved once, by half an hour at most"
    CYCLE_HAS_NO_SUCH_MEMBER = 686, "who is left out of a cycle is a participant, and not left out yet"
    PAY_IN_NOT_CALLED = 687, "who pays in was asked to, and has something left to pay"
    PAY_IN_EXCEEDS_CALL = 688, "no more is paid in than was asked for"
    PAY_IN_IS_LATE = 689, "pay-ins come before their deadline"
    CYCLE_NOT_ASKED = 690, "a proposal answers the question that a cycle asked last"
    PLAN_LEAVES_OUT = 691, "a plan settles no less than the machine's own would"
    PLAN_EXCEEDS_PAY_INS = 692, "after pay-ins a plan takes nobody more than it has paid in"
    CYCLE_HOLDS_MONEY = 693, "an account for pay-ins is opened and closed by cycles alone"

    BILATERAL_LIMIT_WOULD_BE_EXCEEDED = 620, "what a payer loses to one other stays within its own limit"
    MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED = 621, "what a payer loses to all others stays within its own limit"
    HOLDING_CAP_WOULD_BE_EXCEEDED = 622, "what a payee holds of a currency stays within the cap it set"

    CLAIM_NOT_CONFIRMED = 700, "a claim is set off once debtor and creditor have both confirmed it"
    SET_OFF_NOT_ALLOWED_HERE = 701, "claims are set off where both members' rules allow it and both chose it"
    CLAIM_ALREADY_SET_OFF = 702, "a claim is set off once, up to its amount"
    CLAIM_UNKNOWN = 703, "an order about a claim names one of the sender's own"
    CLAIM_ID_IS_TAKEN = 704, "the id of a claim names one claim"
    CLAIM_IS_MALFORMED = 705, "a claim is between two, above zero, below 10^18, with the hash of its document"
    SET_OFF_EXCEEDS_CLAIM = 706, "no more of a claim is set off than is open of it"
    SET_OFF_CHANGES_NETS = 707, "claims are set off in circles: nobody's net position changes"
    TOO_MANY_CLAIMS = 708, "the open claims that one participant has filed stay within the rulebook's bound"
    SET_OFF_HAS_NO_CLAIMS = 709, "a set-off takes two claims or more that may be set off"
    CLAIM_IS_CONFIRMED = 740, "a claim that both sides have confirmed is given up by its creditor alone"
    THROUGHPUT_RULE_OUT_OF_RANGE = 741, "the figures of a throughput rule lie within their bounds, in order"
    SURPLUS_OFFER_OUT_OF_RANGE = 742, "a surplus is offered in one held currency for another, up to 10^18"
    RING_NOT_FOUND = 743, "a yes or no names a ring that waits and in which the sender has a part"
    RING_HAS_NO_STOCKS = 744, "rings are made of surpluses that are there, at rates beyond doubt"
    RING_LACKS_MONEY = 745, "when the last holder consents, everybody's part is there"

"""Why an act on a warehouse, its stock or a receipt is refused. Order is precedence."""

from steelyard.values.refusal import Refusal


class TitleRefusal(Refusal):
    """The rules of warehouse receipts."""

    SITE_NOT_FOUND = 850, "the site is registered"
    SITE_IS_ANOTHERS = 851, "a warehouse writes for its own sites, an inspector where it is named"
    SITE_OUT_OF_RANGE = (
        852,
        "a site has a warehouse, an inspector of another house, a limit and a rate of storage",
    )
    RECEIPT_CLASS_NOT_FOUND = 853, "the class of receipts is open"
    RECEIPT_NOT_FOUND = 854, "the receipt is live"
    RECEIPT_IS_ANOTHERS = (
        855,
        "a receipt is moved by its holder, a pledge by its pledgee, goods by their warehouse",
    )
    RECEIPT_QUANTITY_OUT_OF_RANGE = 856, "a receipt is for more than zero and less than 10^18 kg"
    RECEIPT_HOLDER_IS_NOT_ACTIVE = 857, "who is to hold a receipt is an active participant, and another one"
    RECEIPT_IS_FROZEN = 858, "a frozen receipt moves only after it is thawed"
    RECEIPT_IS_PLEDGED = 859, "a pledged receipt moves only by its pledgee's release or invocation"
    RECEIPT_IS_LOCKED = 860, "a receipt locked for a delivery or committed to an order serves nothing else"
    RECEIPT_HAS_EXPIRED = (
        861,
        "a receipt whose grade is no longer valid is graded anew, loaded out or auctioned",
    )
    RECEIPT_STATE_FORBIDS = 862, "the receipt is in a state from which this follows"
    STOCK_CASE_IS_OPEN = (
        863,
        "no receipt is issued on a stock that was found to differ, until the case is decided",
    )
    STOCK_WOULD_BE_EXCEEDED = 864, "live receipts of a site and grade stay within its last certified stock"
    SITE_LIMIT_WOULD_BE_EXCEEDED = (
        865,
        "live receipts of a site stay within its audited capacity and its capital",
    )
    RECEIPT_PARTS_DO_NOT_ADD_UP = 866, "the parts of a receipt are at least two, above zero, and add up to it"
    RECEIPTS_ARE_UNLIKE = 867, "only receipts of one class and one holder are merged"
    RELEASE_IS_TOO_LARGE = 868, "no more is released than the receipt is for"
    TITLES_ARE_FULL = 869, "the register has room for another receipt, site, class or document"

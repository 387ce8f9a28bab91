"""Why an act on a voyage, a slot or a bill of lading is refused. Order is precedence."""

from steelyard.values.refusal import Refusal


class CorridorRefusal(Refusal):
    """The rules of the corridor."""

    VOYAGE_NOT_FOUND = 950, "the voyage is under way"
    VOYAGE_IS_ANOTHERS = 951, "a carrier acts for its own voyages, an inspector and a site for theirs"
    VOYAGE_OUT_OF_RANGE = (
        952,
        "a voyage names a vessel by its IMO number, two registered sites and an arrival ahead",
    )
    VOYAGE_STATE_FORBIDS = 953, "the voyage has come to the step from which this follows"
    ARRIVAL_IS_TOO_NEAR = 954, "entry is requested at least 44 hours before arrival"
    SLOT_NOT_FOUND = 955, "the slot is planned or approved"
    SLOT_OUT_OF_RANGE = 956, "a slot lies within one day, begins before it ends and is at a berth of the site"
    SLOT_PLAN_IS_CLOSED = 957, "slots of a day are planned until noon of the day before"
    SLOT_APPROVAL_IS_LATE = 958, "slots of a day are approved until 16:00 of the day before"
    SLOT_IS_TAKEN = 959, "no berth is given to two voyages at one time"
    BILL_NOT_FOUND = 960, "the bill of lading is live"
    BILL_IS_ANOTHERS = 961, "a bill is moved by its holder, a pledge by its pledgee, an issue by its carrier"
    BILL_OUT_OF_RANGE = 962, "a bill names a cargo of the voyage above zero kg that no other bill is for"
    BILL_HOLDER_IS_NOT_ACTIVE = 963, "who is to hold a bill is an active participant, and another one"
    BILL_IS_PLEDGED = 964, "a pledged bill moves only by its pledgee's release or invocation"
    BILL_IS_LOCKED = 965, "a bill locked for a delivery serves nothing else"
    BILL_STATE_FORBIDS = 966, "the bill is in a state from which this follows"
    CORRIDOR_IS_FULL = 967, "there is room for another voyage, slot or bill"
    VOYAGE_STEP_IS_MISSING = 968, "what waits for a step of a voyage settles once that is taken"
    VOYAGE_STEP_IS_UNKNOWN = 969, "what waits for a voyage names one under way, and a step of it"

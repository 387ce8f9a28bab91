"""Why a command about members, people, approvals, money in and out, calendars or packs was refused.

Order is precedence within a flow. Codes are stable and never reused; each has a heading in
`docs/reference/refusals-members.md` and a test named after it.
"""

from steelyard.values.refusal import Refusal as Base


class MemberRefusal(Base):
    """Refusals about the network itself, its members and participants."""

    GENESIS_IS_PAST = 200, "row 1 is written once, first of all"
    GENESIS_NEEDS_TWO_PERSONS = (
        201,
        "row 1 names at least two operator persons",
    )
    GENESIS_NAMES_ARE_MALFORMED = 202, "network id, node prefix, hub BIC and log id have their shapes"
    CLOCK_IS_THE_SYSTEMS = 203, "only a network whose row 1 says so has a simulated clock"
    CLOCK_MOVES_TO_ITS_COMMAND = 204, "a simulated clock moves to the time of the command that moves it"
    RULE_IS_UNKNOWN = 205, "this release has a rule of that name"
    FROM_AT_MUST_BE_LATER = 206, "what comes into force does so after the command"
    MEMBER_NOT_FOUND = 207, "the member named is known"
    MEMBER_IS_TAKEN = 208, "a member's code, currency and settlement agent are its own"
    MEMBER_STATE_FORBIDS = 209, "the member's state has a place for what is asked"
    MEMBER_IS_NOT_COMPLETE = 210, "a member has its calendar and packs before it is configured"
    MEMBER_HAS_PARTICIPANTS = 211, "a member closes when its participants have"
    PARTICIPANT_NOT_FOUND = 212, "the participant named is known"
    PARTICIPANT_IS_TAKEN = 213, "a BIC stands once in the directory"
    PARTICIPANT_STATE_FORBIDS = 214, "the participant's state has a place for what is asked"
    PARTICIPANT_HAS_NO_KEY = 215, "a participant has a key and a maker before it is active"
    PARTICIPANT_HOLDS_MONEY = 216, "a participant closes with every balance at zero and nothing reserved"
    PARTICIPANT_HAS_PAYMENTS = 217, "a participant closes when none of its payments is under way"
    BIC_IS_MALFORMED = 218, "a BIC has eight or eleven characters and is written without XXX"
    LEI_IS_MALFORMED = 219, "a LEI has twenty characters and right check digits"
    NAME_IS_MALFORMED = 220, "a name has 1 to 140 characters, a code its own shape"
    CURRENCY_NOT_FOUND = 221, "the currency named is settled here"
    CURRENCY_IS_NOT_ALLOWED = 222, "a currency's settlement agent allows who holds it"
    SETTING_IS_UNKNOWN = 223, "a setting has a name of this release"
    SETTING_IS_OUT_OF_RANGE = 224, "a setting lies within its bounds"
    OBJECT_IS_NOT_YOURS = 225, "an act reaches what its right reaches: own, own member's or own currency's"


class PeopleRefusal(Base):
    """Refusals about persons, system keys and approvals."""

    ACTOR_ID_IS_MALFORMED = 230, "a person is p- and a system key k- with 1 to 40 letters, digits or hyphens"
    ACTOR_IS_TAKEN = 231, "an actor's id is given once"
    ACTOR_NOT_FOUND = 232, "the actor named is known and not revoked"
    OWNER_NOT_FOUND = 233, "an actor acts for the operator, a settlement agent or a participant"
    ROLE_DOES_NOT_FIT = 234, "an owner's people and keys have the roles of that kind of owner"
    CREDENTIAL_IS_MISSING = 235, "a system key has a public key of 32 bytes or the digest of a credential"
    KEY_IS_TAKEN = 236, "a public key stands for one actor"
    HOLDER_NOT_FOUND = 237, "a system key is held by a person of its owner"
    VALIDITY_IS_EMPTY = 238, "a key is valid from before it is valid to"
    LAST_PERSON_MUST_STAY = 239, "the operator keeps two people who can act together"
    APPROVAL_NOT_FOUND = 240, "the proposal named is known and the owner's own"
    APPROVAL_IS_OVER = 241, "a proposal is decided once"
    APPROVAL_HAS_EXPIRED = 242, "a proposal is decided before it expires"
    APPROVAL_DOES_NOT_MATCH = 243, "what is approved is what was shown"
    APPROVER_IS_THE_MAKER = 244, "another human approves, not another key of the same one"
    APPROVER_HAS_NO_RIGHT = 245, "who approves may do the act himself and is no mere maker"
    NO_SECOND_PERSON = 246, "the owner has a second person for the act"
    PROPOSAL_IS_NOT_THE_MAKERS = 247, "a maker withdraws his own proposal, others decline it"
    INNER_COMMAND_IS_MALFORMED = (
        248,
        "what is proposed is a command of this release by the one who proposes it",
    )
    INNER_COMMAND_CANNOT_WAIT = 249, "an act of the node, or an approval, is not proposed"
    TOO_MANY_PROPOSALS = 250, "the proposals of one owner that wait stay within the rulebook's bounds"


class MoneyRefusal(Base):
    """Refusals about money in, money out and accounts."""

    ADVICE_IS_TAKEN = 260, "an advice id stands for one advice"
    FUNDING_NOT_FOUND = 261, "the funding named is known"
    FUNDING_STATE_FORBIDS = 262, "the funding's state has a place for what is asked"
    ISSUING_IS_STOPPED = 263, "a currency is issued while its reserve reconciles"
    REDEMPTION_NOT_FOUND = 264, "the redemption named is known"
    REDEMPTION_STATE_FORBIDS = 265, "the redemption's state has a place for what is asked"
    REFERENCE_IS_MALFORMED = 266, "an outside reference has 1 to 35 characters"
    PARTICIPANT_MAY_NOT_HOLD = 267, "money is issued to a participant that may receive"
    STATEMENT_IS_TAKEN = 268, "a statement of a reserve account is entered once"
    NOTHING_TO_CLEAR = 269, "only what is stopped is cleared"
    ACCOUNT_IS_NOT_YOURS = 270, "an owner moves its own accounts"
    ACCOUNT_KIND_IS_NOT_OPENED_SO = 271, "accounts of this kind are opened by their own flow"
    REQUEST_IS_TAKEN = 272, "an id stands for one request"
    TOO_MANY_FUNDINGS = 273, "the requests of one participant that wait stay within the rulebook's bound"
    TOO_MANY_REDEMPTIONS = (
        274,
        "the redemptions of one participant under way stay within the rulebook's bound",
    )
    TOO_MANY_ACCOUNTS = 275, "an owner opens accounts by hand up to the rulebook's bound"


class PackRefusal(Base):
    """Refusals about calendars and packs."""

    CALENDAR_REVISION_MUST_RISE = 500, "a new revision of a calendar has a higher number"
    CALENDAR_IS_MALFORMED = 501, "a calendar's rows follow one another by date, openings sorted and apart"
    CALENDAR_IS_TOO_SHORT = 502, "a calendar reaches from today over the horizon"
    CALENDAR_REWRITES_THE_PAST = 503, "a revision changes what has not begun"
    PACK_DIGEST_DIFFERS = 510, "a pack's digest is that of its content"
    PACK_IS_MALFORMED = 511, "a pack has the shape of its kind"
    PACK_VERSION_IS_TAKEN = 512, "a version of a pack stands for one content"
    PACK_KIND_IS_UNKNOWN = 513, "this release knows packs of that kind"

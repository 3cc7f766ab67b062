"""States and frozen values of dunning, disputes, promises and the worklist."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

__all__ = [
    "ActionKind",
    "Block",
    "BlockKind",
    "ContactChannel",
    "ContactOutcome",
    "DisputeReason",
    "DisputeState",
    "DunningScope",
    "LetterState",
    "LevelTest",
    "LineState",
    "Measure",
    "PayerRating",
    "PromiseState",
    "RunState",
    "SkipReason",
    "StepKind",
]


class DunningScope(Enum):
    """For whom a policy was chosen; the narrowest one wins."""

    INVOICE = "one invoice"
    CUSTOMER = "one customer"
    GROUP = "the customers of a group"
    COMPANY = "everybody else"


class RunState(Enum):
    """Where a dunning run stands."""

    PREVIEW = "shows what it would do"
    APPROVED = "letters are being issued"
    DONE = "every letter was issued or skipped"
    CANCELLED = "given up before it was approved"


class LetterState(Enum):
    """Where a letter stands."""

    PROPOSED = "waits for its run to be approved"
    ISSUED = "the reminder stands; whoever sends messages does so now"
    SKIPPED = "nothing was left to remind of when its turn came"


class LineState(Enum):
    """What a run does with an item."""

    PROPOSED = "will be reminded one level up"
    ISSUED = "was reminded"
    LISTED = "is overdue and stands on the letter, at the level that it has"
    SKIPPED = "is left out, for a reason"


class SkipReason(Enum):
    """Why an item is left out of a run."""

    NO_POLICY = "no policy applies to it"
    NOT_FOLLOWED = "its policy says that nobody reminds"
    POLICY_CHANGED = "it was reminded under another policy: place it on a level of the new one"
    FROZEN = "the customer is not to be reminded"
    DISPUTED = "it is disputed"
    PROMISED = "its payment is promised"
    COVERED = "unapplied payments and credits cover it"
    BELOW_TOLERANCE = "so little is left that nobody reminds"
    WAITING = "its next level is not due yet"
    LAST_LEVEL = "its last level was issued"
    SETTLED = "nothing of it was open any more when its turn came"


class StepKind(Enum):
    """How an item came to its dunning level."""

    REMINDED = "a run issued the level"
    PLACED = "a person put it there"


class DisputeReason(Enum):
    """What the customer says is wrong."""

    PRICE = "the price is not the one agreed"
    QUANTITY = "less came than was invoiced"
    QUALITY = "the goods or services are faulty"
    DELIVERY = "nothing came, or too late"
    NOT_RECEIVED = "the invoice never arrived"
    WRONG_DETAILS = "address, order number or tax are wrong on the invoice"
    DUPLICATE = "it was invoiced twice"
    SHORT_PAYMENT = "less was paid than is owed, without a word"
    OTHER = "something else"


class DisputeState(Enum):
    """Where a dispute stands."""

    OPEN = "being looked into; nobody reminds of the item"
    JUSTIFIED = "the customer was right"
    REJECTED = "the customer was not right"
    WITHDRAWN = "the customer took it back"


class ContactChannel(Enum):
    """How somebody talked to the customer."""

    PHONE = "by phone"
    EMAIL = "by e-mail"
    LETTER = "by letter"
    CHAT = "by chat"
    VISIT = "face to face"


class ContactOutcome(Enum):
    """What came of it."""

    NOT_REACHED = "nobody answered"
    REACHED = "somebody was spoken to"
    PROMISED = "payment was promised"
    DISPUTED = "the customer objects"
    REFUSED = "the customer will not pay"


class BlockKind(Enum):
    """What a dunning level stops."""

    ORDERS = "new orders"
    SHIPPING = "shipments"


class LevelTest(Enum):
    """What the days of a level count from."""

    NET_DAYS = "days after the due day; negative: before it"
    END_OF_MONTH = "the end of the month in which the day lies that is so many days after the due day"
    SINCE_PREVIOUS = "days after the level before was issued; never of the first level"


class PromiseState(Enum):
    """Where a promise to pay stands."""

    OPEN = "nothing came yet, and there is still time"
    KEPT = "all that was promised came in time, or nothing was left to pay"
    PARTLY_KEPT = "some of it came in time"
    BROKEN = "nothing came in time"
    WITHDRAWN = "taken back, or replaced by another promise"


class Measure(Enum):
    """What a rule of the worklist looks at, for one customer."""

    OVERDUE_AMOUNT = "what is overdue, in the company's currency"
    DAYS_OVERDUE = "days since the oldest overdue item was due"
    OVERDUE_ITEMS = "how many items are overdue"
    LEVEL = "the highest dunning level of an open item"
    BROKEN_PROMISES = "promises broken within a year"
    LATE_DISPUTES = "open disputes whose day has passed"
    RESUBMISSION_DUE = "1 if the day to look again has come"


class ActionKind(Enum):
    """What to do next about a customer."""

    NOTHING = "nothing is open that would need anything"
    LOOK_AGAIN = "wait until the day that was set"
    CALL = "talk to the customer: a promise was broken, or the day to look again has come"
    SETTLE_DISPUTE = "decide a dispute"
    REMIND = "the next dunning level is due on that day"
    WAIT_FOR_PROMISE = "wait for what was promised"
    ESCALATE = "the last level was issued, and something is still overdue"


@dataclass(frozen=True, slots=True)
class Block:
    """An open item stands at a level that stops something for its customer."""

    customer_id: UUID
    kind: BlockKind
    item_id: UUID
    level: int
    level_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRating:
    """How a customer pays, in one word such as A, B, C or D."""

    customer_id: UUID
    grade: str

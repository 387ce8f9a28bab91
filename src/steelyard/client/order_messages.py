"""The shapes of many messages about orders in one request: new orders, changes, cancels."""

from typing import Annotated

from msgspec import Meta

from steelyard.client.market import OrderAsked, OrderChange
from steelyard.client.types import Asked, UuidText

MESSAGES_MAX = 1_000


class OrderMessage(Asked):
    """One message about an order: `new`, `change` or `cancel`, one of the three.

    `order_id` is the sender's own: a UUID of version 7, drawn for the order. A new order without one is given one.
    """

    order_id: UuidText | None = None
    new: OrderAsked | None = None
    change: OrderChange | None = None
    cancel: bool = False


class OrderMessages(Asked):
    """Messages that are decided one after the other, each by itself."""

    messages: Annotated[list[OrderMessage], Meta(min_length=1, max_length=MESSAGES_MAX)]

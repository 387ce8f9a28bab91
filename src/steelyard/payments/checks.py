"""Checks of a payment's own form that need nothing but the payment."""


def is_code(text: str) -> bool:
    """Tell whether a text is a code of at most four letters and digits, or empty.

    >>> [is_code(text) for text in ("AC04", "", "AC 4", "ABCDE", "\u00c4C04")]
    [True, True, False, False, False]
    """
    return not text or (len(text) <= 4 and text.isascii() and text.isalnum())

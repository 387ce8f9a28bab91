"""Whole numbers of any size in msgpack, whose own end at 64 bits: what lies beyond is written as decimal text.

An amount always fits, a sum of amounts does not: nothing bounds how many payments wait.
"""

Wide = int | str


def wide(number: int) -> Wide:
    """Give a number as it is written; `int` reads it again.

    >>> wide(-5), wide(2**64), int(wide(2**64)) == 2**64
    (-5, '18446744073709551616', True)
    """
    return number if -(1 << 63) <= number < 1 << 63 else str(number)

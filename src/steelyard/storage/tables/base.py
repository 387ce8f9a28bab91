"""What all tables of the projection are made of."""

from sqlalchemy import Column, MetaData, Numeric, SmallInteger, Table, Text
from sqlalchemy.schema import SchemaItem

from steelyard.storage.tables_access import number

PROJECTION = MetaData()

COUNTER = Numeric(38, 0).with_variant(Text, "sqlite")
"""Unbounded in the engine, so decimal text where numbers end at 64 bits."""


def key(name: str = "key", *, first: bool = True) -> Column[int]:
    """Give a column for a command's place."""
    return number(name, key=first)


def small(name: str) -> Column[int]:
    """Give a column for a small number."""
    return Column(name, SmallInteger, nullable=False, server_default="0")


def counter(name: str) -> Column[object]:
    """Give a column for a running total."""
    return Column(name, COUNTER, nullable=False, server_default="0")


def table(name: str, *columns: SchemaItem, rowid: bool = True) -> Table:
    """Declare a table; `rowid=False` stores it in the order of its key."""
    return Table(name, PROJECTION, *columns, sqlite_with_rowid=rowid)

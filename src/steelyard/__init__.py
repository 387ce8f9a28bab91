"""Steelyard: payments, titles and currencies of countries that share no money, settled whole or not at all."""

__version__ = "0.1.0"

"""Writes numbers and days as the reader's language does. Pure."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from contract.texts import Language


def write_number(figure: object, language: Language, *, places: int) -> str:
    """Return an exact number: a Decimal with its own places, a Fraction with at most `places`.

    Vietnamese texts write 1.234,5 and English ones 1,234.5.
    """
    match figure:
        case Decimal():
            shown = figure
        case Fraction():
            exact = Decimal(figure.numerator) / Decimal(figure.denominator)
            rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
            shown = rounded.normalize() if rounded != rounded.to_integral() else _whole(rounded)
        case _:
            raise TypeError(f"{figure!r} is no exact number")
    text = f"{shown:,f}"
    if language is Language.EN:
        return text
    return text.translate(str.maketrans(",.", ".,"))


def _whole(figure: Decimal) -> Decimal:
    """Return a whole number without decimal places."""
    return figure.quantize(Decimal(1))


def write_days(day: date) -> str:
    """Return a day as dd/mm/yyyy."""
    return f"{day:%d/%m/%Y}"

"""Cells of the Excel files we write. What people typed is text there, whatever it begins with."""

from __future__ import annotations

from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

CALCULATED = ("=", "+", "-", "@", "\t", "\r")
LONGEST = 32_767  # characters of a cell, by Excel's own limit


def as_text(sheet: Any, value: str) -> Any:
    """A cell that Excel shows and never calculates, not even after somebody has edited it."""
    cell: Any = WriteOnlyCell(sheet, value="")
    cell._value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST]
    # Set by hand: given as a value, a text that begins with = would become a formula.
    cell.data_type = "s"
    if value.startswith(CALCULATED):
        cell.quotePrefix = True
    return cell


def as_cell(sheet: Any, value: str | int) -> Any:
    """What a row is written with: numbers as they are, plain text too, and what could be calculated as a guarded cell.

    Most cells are harmless, and an object for each would double the time.
    """
    if isinstance(value, int):
        return value
    if value.startswith(CALCULATED) or len(value) > LONGEST or ILLEGAL_CHARACTERS_RE.search(value):
        return as_text(sheet, value)
    return value


def as_text_in_csv(value: str) -> str:
    """CSV knows no kinds of cells: a leading apostrophe keeps Excel from calculating, reading it takes it away."""
    return f"'{value}" if value.startswith(CALCULATED) else value

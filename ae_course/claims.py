"""Checked sentences, and the one switch between a full and a fast run."""

from __future__ import annotations

import os
from typing import Any, TypeVar

from ae_course.utils.console import say
from ae_course.utils.devices import resolve_device

T = TypeVar("T")


def fast_mode() -> bool:
    """Tell whether ``AE_COURSE_FAST=1`` asks for less data and fewer epochs.

    Raises
    ------
    ValueError
        If the variable is set to anything but 0 or 1.
    """
    value = os.environ.get("AE_COURSE_FAST", "0")
    if value not in ("", "0", "1"):
        raise ValueError(f"AE_COURSE_FAST must be 0 or 1, got '{value}'")
    return value == "1"


def full_or_fast(full: T, fast: T) -> T:
    """Give `full`, or `fast` in a fast run: one line where a notebook sets its sizes.

    Parameters
    ----------
    full, fast : object
        What to take in a full run, and with ``AE_COURSE_FAST=1``.

    Returns
    -------
    object
        One of the two.

    Raises
    ------
    ValueError
        If the variable is set to anything but 0 or 1.

    Examples
    --------
    >>> epochs = full_or_fast(10, 2)
    """
    return fast if fast_mode() else full


def claim(
    text: str,
    condition: Any,
    *,
    measured: str | None = None,
    detail: Any = None,
    full_only: bool = False,
    cpu_only: bool = False,
) -> None:
    """Print one sentence of the book if it is true here, and raise if it is not.

    The printed sentence is the same on every machine, so a regression test compares it exactly;
    the numbers behind it stand on a line of their own, which is not compared. Only where a
    console's encoding lacks a sign, such as the tick, an ASCII form stands in for it.

    Parameters
    ----------
    text : str
        The sentence, without measured numbers.
    condition : bool
        Whether it holds; anything with exactly one truth value.
    measured : str, optional
        The numbers behind the sentence, in a few words, for a line below it.
    detail : object, optional
        More of them, such as a table: shown when the claim fails.
    full_only : bool, default=False
        Whether the sentence is about the full run alone. In a fast run it is then printed
        unchecked, and marked so.
    cpu_only : bool, default=False
        Whether the sentence is about CPUs alone, as one about time may be. Where everything
        computes on another device it is then printed unchecked, and marked so.

    Raises
    ------
    AssertionError
        If the condition is false.
    TypeError, ValueError
        If `text` is not a sentence, `condition` has no single truth value, or `measured` is not
        one line of text.
    """
    if not isinstance(text, str) or not text.strip():
        raise TypeError(f"`text` must be a sentence, got {text!r}")
    if measured is not None and (not isinstance(measured, str) or len(measured.splitlines()) != 1):
        raise TypeError(f"`measured` must be one line of text, got {measured!r}")
    if not isinstance(condition, bool):
        try:
            condition = bool(condition)
        except (RuntimeError, ValueError):
            kind = type(condition).__name__
            raise ValueError(
                f"`condition` must have one truth value, got several in a {kind}"
            ) from None
    limits = ["full run"] * full_only + ["on a CPU"] * cpu_only
    ending = f" [{', '.join(limits)}]" if limits else ""
    unchecked = (full_only and fast_mode()) or (cpu_only and resolve_device().type != "cpu")
    if not unchecked and not condition:
        numbers = [f"  measured: {what}" for what in (measured, detail) if what is not None]
        raise AssertionError("\n".join([f"✗ {text}", *numbers]))
    say(f"{'–' if unchecked else '✓'} {text}{ending}")
    if measured is not None:
        say(f"  measured: {measured}")

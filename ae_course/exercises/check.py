"""The one function that exercises call, and the sentences it may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from ae_course.exercises import (
    asymmetric,
    builds,
    cells,
    convolutional,
    counts,
    few_active,
    grouping,
    left_out,
    line_starts,
    masks,
    pixels,
    rings,
    sentences,
    tied,
    variational,
    views,
)
from ae_course.exercises.feedback import NotYet
from ae_course.exercises.limits import limits
from ae_course.utils.console import say

CHECKS: dict[str, Callable[[Any], None]] = (
    left_out.CHECKS
    | grouping.CHECKS
    | convolutional.CHECKS
    | tied.CHECKS
    | asymmetric.CHECKS
    | pixels.CHECKS
    | cells.CHECKS
    | line_starts.CHECKS
    | sentences.CHECKS
    | counts.CHECKS
    | masks.CHECKS
    | variational.CHECKS
    | few_active.CHECKS
    | rings.CHECKS
    | views.CHECKS
    | builds.CHECKS
)


def check(task: str, answer: Any) -> None:
    """Say that an answer is right, or what is wrong with it and where to look.

    PyTorch's chance is left as it was found, so a check changes no result of the notebook. An
    answer that loops for more than a minute, exits Python or prints without end is stopped.

    Parameters
    ----------
    task : str
        Its number, such as "1a", or that of the lesson whose last exercise it is, such as "6.2".
    answer : object
        What the task asks for, most often a function.

    Raises
    ------
    NotYet
        With one sentence, if the answer is missing or wrong.
    ValueError
        If there is no such task.
    """
    if task not in CHECKS:
        raise ValueError(f"`task` must be one of {', '.join(CHECKS)}, got {task!r}")
    try:
        with limits(), torch.random.fork_rng():
            torch.manual_seed(0)
            CHECKS[task](answer)
    except NotYet as wrong:
        raise NotYet(f"Task {task}: {wrong}") from None
    except Exception as error:  # an answer of a kind that nobody thought of
        text = " ".join(str(error).split())[:200]
        raise NotYet(
            f"Task {task}: the check cannot use what it got ({type(error).__name__}: {text})."
        ) from None
    say(f"✓ Task {task}: right.")

"""The last task of an exercise: a fair comparison of one's own, computed again from its runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ae_course.exercises.feedback import NotYet, described, number, refuse_mistakes

NEEDED = {
    "runs": "a row for each run, with its method, seed, budget and score",
    "budget": "in words, what the numbers in the column budget count",
    "baseline": "the name of the method that the other is compared with",
    "method": "the name of the method that the claim is about",
    "better": '"higher" or "lower", whichever a good score is',
    "claim": "a sentence with the difference and its spread",
    "verdict": '"better", "worse" or "not shown"',
}
COLUMNS = ("method", "seed", "budget", "score")
SEEDS = 3
EQUAL = 0.05
NUMBER = r"((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
SPREAD = r"\s*(?:±|\+/-|\+-)\s*"
FOUND = re.compile(rf"([-+−–]?)\s*{NUMBER}{SPREAD}{NUMBER}")


def check_comparison(report: Any) -> None:
    """Check a comparison: its seeds, its budget, its baseline, its claim and its verdict.

    Parameters
    ----------
    report : dict
        See `NEEDED`. The number of a claim is the mean, over the seeds, of the method's score
        minus the baseline's at the same seed. Its spread is the standard deviation of these
        differences (divided by their number less one). A difference that is no larger than its
        spread is not shown.

    Raises
    ------
    NotYet
        With one sentence on what is missing or wrong.
    """
    _refuse_what_is_missing(report)
    runs = _table(report["runs"])
    method, baseline = _names(report, runs)
    scores, budgets = (_by_seed(runs, (method, baseline), what) for what in ("score", "budget"))
    _refuse_unequal_budgets(budgets, report["budget"], method, baseline)
    if scores[method] == scores[baseline]:
        raise NotYet(
            f"{method} and {baseline} have the same scores in every run. Is it one model? Or is "
            "the task too easy, or too hard, to tell them apart?"
        )
    values = np.array([list(scores[name].values()) for name in (method, baseline)])
    if (np.ptp(values, axis=1) == 0).all():
        raise NotYet("every seed gives the same scores. What does the seed change?")
    _check_claim(report["claim"], values, method, baseline)
    _check_verdict(report, values[0] - values[1])


def _refuse_what_is_missing(report: Any) -> None:
    if not isinstance(report, dict):
        raise NotYet(f"give a dictionary with {', '.join(NEEDED)}, not {described(report)}.")
    for name, what in NEEDED.items():
        if name not in report:
            raise NotYet(f"`{name}` is missing: {what}.")
    for name in NEEDED.keys() - {"runs"}:
        if not isinstance(report[name], str) or not report[name].strip():
            raise NotYet(f"`{name}` should be a string: {NEEDED[name]}.")


def _table(runs: Any) -> list[dict[str, Any]]:
    """Read the runs, a list of dictionaries or a data frame, and refuse what cannot be compared."""
    rows = runs.to_dict("records") if isinstance(runs, pd.DataFrame) else runs
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise NotYet("`runs` should be a list of dictionaries, or a data frame.")
    if not rows:
        raise NotYet("there is not one run in `runs`.")
    for place, row in enumerate(rows):
        lacking = [column for column in COLUMNS if column not in row]
        if lacking:
            raise NotYet(f"row {place} of `runs` has no {' and no '.join(lacking)}.")
        if not isinstance(row["method"], str):
            raise NotYet(f"the method of row {place} should be a name, as a string.")
        seed = row["seed"]
        if isinstance(seed, bool) or not isinstance(seed, Real) or not float(seed).is_integer():
            raise NotYet(f"the seed of row {place} should be a whole number.")
    return [
        {"method": row["method"], "seed": int(row["seed"])}
        | {what: number(row[what], f"the {what} of row {i}") for what in ("budget", "score")}
        for i, row in enumerate(rows)
    ]


def _names(report: dict[str, Any], runs: list[dict[str, Any]]) -> tuple[str, str]:
    known = sorted({row["method"] for row in runs})
    if len(known) == 1:
        raise NotYet(f"all runs are of {known[0]!r}. Without a baseline there is no comparison.")
    for name in ("baseline", "method"):
        if report[name] not in known:
            raise NotYet(f"no run is of the {name} {report[name]!r}; there is {', '.join(known)}.")
    if report["method"] == report["baseline"]:
        raise NotYet("`method` and `baseline` are the same. Compare with something else.")
    return report["method"], report["baseline"]


def _by_seed(
    runs: list[dict[str, Any]], names: tuple[str, str], what: str
) -> dict[str, dict[int, float]]:
    """Give for each method its scores, or budgets, by seed, in the order of the seeds."""
    found: dict[str, dict[int, float]] = {name: {} for name in names}
    for row in runs:
        of = found.get(row["method"], {})
        if row["seed"] in of:
            raise NotYet(f"{row['method']} has two runs with the seed {row['seed']}.")
        of[row["seed"]] = row[what]
    for name, of in found.items():
        if len(of) < SEEDS:
            raise NotYet(
                f"{name} has {len(of)} seed{'s' * (len(of) != 1)}. How far do runs of one method "
                f"differ? That takes at least {SEEDS}."
            )
    if found[names[0]].keys() != found[names[1]].keys():
        raise NotYet("the seeds of the two methods differ. Give both the same.")
    return {name: dict(sorted(of.items())) for name, of in found.items()}


def _refuse_unequal_budgets(
    budgets: dict[str, dict[int, float]], unit: str, method: str, baseline: str
) -> None:
    spent = [value for of in budgets.values() for value in of.values()]
    if min(spent) <= 0:
        raise NotYet("a budget should be a positive number.")
    if not re.search(r"[^\W\d]{3}", unit):
        raise NotYet("`budget` should say in words what was kept equal, such as epochs or weights.")
    if max(spent) > (1 + EQUAL) * min(spent):
        means = [f"{np.mean(list(budgets[name].values())):g} for {name}" for name in budgets]
        raise NotYet(
            f"the budgets are unequal: {' and '.join(means)}, from {min(spent):g} to {max(spent):g}"
            " over the runs. Give both the same, or the larger may win by that alone."
        )


def _check_claim(claim: str, values: NDArray[Any], method: str, baseline: str) -> None:
    for name in (method, baseline):
        if name.casefold() not in claim.casefold():
            raise NotYet(f"the claim does not name {name}. A difference has two sides.")
    if re.search(rf"\d,\d+{SPREAD}", claim):
        raise NotYet("write the numbers of the claim with a point, and without a comma.")
    found = FOUND.search(claim)
    if found is None:
        raise NotYet("the claim needs its number and its spread, written as 0.12 ± 0.03.")
    sign, said, spread = found.groups()
    turned = -1 if sign in ("-", "−", "–") else 1
    _check_number(said, turned, values, method, baseline)
    _check_spread(spread, values, method, baseline)


def _check_number(said: str, sign: int, values: NDArray[Any], method: str, baseline: str) -> None:
    own, other = values
    right = float((own - other).mean())
    table = [
        (-right, "its sign is turned: it is the method's mean minus the baseline's."),
        (own.mean(), f"it is the mean of {method} alone. Subtract that of {baseline}."),
        (other.mean(), f"it is the mean of {baseline} alone. Subtract it from that of {method}."),
        (np.median(own - other), "it is the median of the differences. Take their mean."),
        (np.ptp(own - other), "it is the range of the differences. Take their mean."),
        (own.max() - other.max(), "it compares the highest runs. Take the means over all."),
        (own.min() - other.min(), "it compares the lowest runs. Take the means over all."),
        ((own - other).max(), "it is one seed's difference. Take the mean over all."),
        ((own - other).min(), "it is one seed's difference. Take the mean over all."),
        (100 * right, "it is in percent, and the scores are not. Give both on one scale."),
        ((own - other).sum(), "it is the sum of the differences. Take their mean."),
    ]
    if other.mean() != 0:
        share = right / abs(float(other.mean()))
        table.append((share, "it is a share of the baseline. Subtract, without dividing."))
        table.append((100 * share, "it is a percentage of the baseline. Subtract only."))
    if not _as_written(said, float(said) * sign, right):
        same = partial(_as_written, said)
        refuse_mistakes(float(said) * sign, same, [(v, f"its number: {t}") for v, t in table])
        raise NotYet(
            f"the claim says {float(said) * sign:g}, and by the runs {method} minus {baseline} "
            f"is {right:.4g} in the mean."
        )


def _check_spread(said: str, values: NDArray[Any], method: str, baseline: str) -> None:
    own, other = values
    apart = own - other
    right = float(apart.std(ddof=1))
    apiece = [float(of.std(ddof=1)) for of in values]
    table = [
        (apart.std(), "it divides by the number of seeds. Divide by one less."),
        (right / len(apart) ** 0.5, "it is the standard error. Take the standard deviation."),
        (np.ptp(apart), "it is the range. Take the standard deviation."),
        (np.ptp(apart) / 2, "it is half of the range. Take the standard deviation."),
        (right**2, "it is the variance. Take its square root."),
        (apiece[0], f"it is that of {method} alone. Take that of the differences."),
        (apiece[1], f"it is that of {baseline} alone. Take that of the differences."),
        (
            float(np.hypot(apiece[0], apiece[1])),
            "it takes the runs as unrelated. Both methods have the same seeds: subtract seed by "
            "seed first.",
        ),
    ]
    if not _as_written(said, float(said), right):
        same = partial(_as_written, said)
        refuse_mistakes(float(said), same, [(v, f"its spread: {t}") for v, t in table])
        raise NotYet(
            f"the claim's spread is {float(said):g}, and the differences of the seeds have the "
            f"standard deviation {right:.4g}."
        )
    if float(said) == 0 < right:
        raise NotYet(f"the spread is written as 0, and it is {right:.2g}. Write more digits.")


def _as_written(text: str, found: float, value: float) -> bool:
    """Tell whether a value may have been rounded to this text."""
    digits, _, exponent = text.lower().partition("e")
    last = int(exponent or 0) - len(digits.partition(".")[2])  # the place of its last digit
    return bool(abs(found - value) <= 0.51 * 10.0**last)  # 0.01 more: halfway goes either way


def _check_verdict(report: dict[str, Any], apart: NDArray[Any]) -> None:
    good, verdict = report["better"], report["verdict"]
    if good not in ("higher", "lower"):
        raise NotYet('`better` should be "higher" or "lower": which scores are the good ones?')
    if verdict not in ("better", "worse", "not shown"):
        raise NotYet(f'`verdict` should be "better", "worse" or "not shown", not {verdict!r}.')
    mean = float(apart.mean())
    if abs(mean) <= apart.std(ddof=1):
        if verdict != "not shown":
            raise NotYet(
                f"{verdict!r} is more than was shown: the difference is no larger than its spread."
            )
    elif verdict == "not shown":
        raise NotYet("the difference is larger than its spread. Say which way it goes.")
    elif (verdict == "better") != ((mean > 0) == (good == "higher")):
        raise NotYet(f"where {good} scores are the good ones, {verdict!r} is the wrong way round.")

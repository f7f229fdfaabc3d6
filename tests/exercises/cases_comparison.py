"""The last task of an exercise, a comparison of one's own: right reports and common wrong ones."""

import numpy as np
import pandas as pd
import torch

from ae_course.exercises.check import CHECKS
from ae_course.exercises.comparison import check_comparison

TASKS = [task for task, check in CHECKS.items() if check is check_comparison]
# differences 0.2, 0.4, 0.3, 0.1: their mean is 0.25, their standard deviation 0.129
NEW, OLD = (0.9, 0.8, 0.9, 0.5), (0.7, 0.4, 0.6, 0.4)


def runs(new=NEW, old=OLD, seeds=(0, 1, 2, 3), budget=(5, 5)):
    return [
        {"method": name, "seed": seed, "budget": spent, "score": score}
        for name, scores, spent in (("new", new, budget[0]), ("old", old, budget[1]))
        for seed, score in zip(seeds, scores, strict=False)
    ]


def report(claim="new − old is 0.25 ± 0.13", **changes):
    right = {
        "runs": runs(),
        "budget": "epochs",
        "baseline": "old",
        "method": "new",
        "better": "higher",
        "claim": claim,
        "verdict": "better",
    }
    return right | changes


def without(name):
    return {key: value for key, value in report().items() if key != name}


def changed(place, **changes):
    rows = runs()
    rows[place] |= changes
    return report(runs=rows)


def lacking(column):
    return report(runs=[{k: v for k, v in row.items() if k != column} for row in runs()])


LEVEL = {"runs": runs((0.9, 0.4, 0.9, 0.2)), "claim": "new: 0.08 ± 0.22 above old"}
BEHIND = {"runs": runs(OLD, NEW), "claim": "new minus old: -0.25 ± 0.13"}

RIGHT = dict.fromkeys(TASKS, report())

# the same answers as others would write them
RIGHT_TOO = [
    (TASKS[0], report("The NEW one scores 0.250 +/- 0.129 more than the old one.")),
    (TASKS[0], report("new − old = +0.3 ± 0.1 (4 seeds)")),
    (TASKS[0], report("Over 4 seeds new beats old by .25+-.13.")),
    (TASKS[0], report("new − old: 0.25 ± 0.12910")),
    (TASKS[0], report("new − old: 2.5e-1 ± 1.3e-1")),
    (TASKS[0], changed(0, seed=0.0)),
    (TASKS[0], report(runs=pd.DataFrame(runs()))),
    (TASKS[0], report(runs=tuple(reversed(runs())))),
    (TASKS[0], report(runs=[*runs(), {"method": "third", "seed": 0, "budget": 99, "score": 9}])),
    (TASKS[0], changed(0, seed=np.int64(0), score=torch.tensor(0.9), budget=np.float32(5.1))),
    (TASKS[0], report(verdict="worse", better="lower")),
    (TASKS[0], report(**LEVEL, verdict="not shown")),
    (TASKS[0], report(**BEHIND, verdict="worse")),
    (TASKS[0], report(**BEHIND | {"claim": "new − old: −0.25 ± 0.13"}, verdict="worse")),
    # one of the two has no chance in it
    (TASKS[0], report("new − old: 0.375 ± 0.189", runs=runs(old=[0.4] * 4))),
]

# answer, what it is told
TOLD = [
    (runs(), "give a dictionary"),
    *((without(name), f"`{name}` is missing") for name in report()),
    (report(budget=5), "`budget` should be a string"),
    (report(claim=""), "`claim` should be a string"),
    (report(runs={"new": NEW, "old": OLD}), "a list of dictionaries"),
    (report(runs=[*runs(), 3]), "a list of dictionaries"),
    (report(runs=[]), "not one run"),
    (report(runs=pd.DataFrame()), "not one run"),
    *((lacking(name), f"row 0 of `runs` has no {name}") for name in runs()[0]),
    (changed(1, method=3), "the method of row 1 should be a name"),
    (changed(1, seed=0.5), "the seed of row 1 should be a whole number"),
    (changed(1, score="high"), "the score of row 1 should be numbers"),
    (changed(2, score=float("nan")), "the score of row 2 should be finite"),
    (changed(2, budget=None), "the budget of row 2 should be numbers"),
    (report(runs=runs()[:4]), "Without a baseline there is no comparison"),
    (report(baseline="oldest"), "no run is of the baseline 'oldest'; there is new, old"),
    (report(method="newest"), "no run is of the method 'newest'"),
    (report(method="old"), "`method` and `baseline` are the same"),
    (report(runs=runs(NEW[:2], OLD[:2])), "new has 2 seeds"),
    (report(runs=[*runs(), runs()[0]]), "new has two runs with the seed 0"),
    (changed(3, seed=7), "the seeds of the two methods differ"),
    (report(runs=runs(budget=(10, 5))), "the budgets are unequal: 10 for new and 5 for old"),
    (report(runs=runs(budget=(0, 0))), "a positive number"),
    (report(budget="5"), "in words"),
    (report(runs=runs(OLD, OLD)), "Is it one model?"),
    (report(runs=runs([0.9] * 4, [0.5] * 4)), "What does the seed change?"),
    (report("it is 0.25 ± 0.13 above old"), "does not name new"),
    (report("new gains 0.25 ± 0.13"), "does not name old"),
    (report("new is far better than old"), "its number and its spread"),
    (report("new is 0,25 ± 0,13 above old"), "without a comma"),
    (report("new − old = 25.0 ± 12.9 %"), "it is in percent"),
    (report("new − old = 2.5 ± 0.13"), "the claim says 2.5"),
    (changed(1, seed=True), "the seed of row 1 should be a whole number"),
    (changed(1, seed=float("inf")), "the seed of row 1 should be a whole number"),
    (changed(1, seed="one"), "the seed of row 1 should be a whole number"),
    (report("new is 0.25 above old"), "its number and its spread"),
    (report("new − old = −0.25 ± 0.13"), "its sign is turned"),
    (report("old − new = -0.25 ± 0.13"), "its sign is turned"),
    (report("new 0.775 ± 0.13, old less"), "the mean of new alone"),
    (report("old 0.525 ± 0.13, new more"), "the mean of old alone"),
    (report("new − old = 0.20 ± 0.13"), "the highest runs"),
    (report("new − old = 0.10 ± 0.13"), "the lowest runs"),
    (report("new − old = 0.40 ± 0.13"), "one seed's difference"),
    (report("new − old = 1.00 ± 0.13"), "the sum of the differences"),
    (report("new − old = 0.48 ± 0.13"), "a share of the baseline"),
    (report("new − old = 47.6 ± 0.13"), "a percentage of the baseline"),
    (report("new − old = 0.27 ± 0.13"), "the claim says 0.27, and by the runs"),
    (report("new − old = 0.25 ± 0.11"), "Divide by one less"),
    (report("new − old = 0.25 ± 0.065"), "the standard error"),
    (report("new − old = 0.25 ± 0.30"), "the range"),
    (report("new − old = 0.25 ± 0.15"), "half of the range"),
    (report("new − old = 0.25 ± 0.0167"), "the variance"),
    (report("new − old = 0.25 ± 0.19"), "that of new alone"),
    (report("new − old = 0.25 ± 0.24"), "seed by seed"),
    (report("new − old = 0.25 ± 0.05"), "the claim's spread is 0.05"),
    (report(better="more"), '"higher" or "lower"'),
    (report(verdict="yes"), '"better", "worse" or "not shown"'),
    (report(verdict="worse"), "the wrong way round"),
    (report(better="lower"), "the wrong way round"),
    (report(verdict="not shown"), "Say which way it goes"),
    (report(**LEVEL), "more than was shown"),
    (report("new − old = 0 ± 0", runs=runs((0.1, 0.2, 0.4), (0.0, 0.3, 0.2))), "Write more digits"),
]
# every exercise has the same check: all of it is asked once, and a part of it everywhere
WRONG = [(TASKS[0], answer, sentence) for answer, sentence in TOLD] + [
    (task, answer, sentence) for task in TASKS[1:] for answer, sentence in TOLD[:5]
]

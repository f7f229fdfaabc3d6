"""Exercise 9: the state after a sentence, and whether such states form groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import homogeneity_score
from torch.nn.utils.rnn import pad_sequence

from ae_course.data.vocabulary import Vocabulary
from ae_course.evaluation.representations import cluster_homogeneity
from ae_course.exercises.comparison import check_comparison
from ae_course.exercises.feedback import NotYet, array, call, number, refuse_mistakes
from ae_course.models.recurrent import AutoRegressive

TEXT = (
    "first lord:\nso be it! what say you,\n\nmy good lord?\n\nking:\nno. i say that we\n"
    "shall go to rome: now.\n\nfirst lord:\nay. and then"
)
WHOLE = ["so be it!", "what say you, my good lord?", "i say that we shall go to rome: now."]


def check_sentences(sentences: Any) -> None:
    """Check task 9a: the sentences of a text."""
    found = call(sentences, TEXT, 5, 60)
    if not isinstance(found, list) or not all(isinstance(sentence, str) for sentence in found):
        raise NotYet("it should return a list of strings.")
    if found == WHOLE:
        if call(sentences, TEXT, 20, 30) != WHOLE[1:2]:
            raise NotYet("it takes the same lengths whatever it is asked for. Use the arguments.")
        if call(sentences, TEXT, 9, 27) != WHOLE[:2]:
            raise NotYet("a sentence of exactly `shortest` or `longest` characters counts too.")
        if call(sentences, "ay, sir. no, sir. ay, sir.", 5, 10) != [
            "ay, sir.",
            "no, sir.",
            "ay, sir.",
        ]:
            raise NotYet("a sentence that comes twice is two, in their order.")
        return
    if not found:
        raise NotYet("it finds no sentence at all.")
    if any("\n" in sentence for sentence in found):
        raise NotYet("a sentence may run over a line end. Put a space in its place.")
    if any("king:" in sentence or sentence.startswith("first lord:") for sentence in found):
        raise NotYet("the names of speakers are in the sentences. Take those lines out first.")
    if any(sentence and sentence[-1] not in ".?!" for sentence in found):
        raise NotYet("a sentence ends with its mark: one of . ? ! The rest is none.")
    if any(sentence != " ".join(sentence.split()) for sentence in found):
        raise NotYet("there are spaces around some sentences, or two where one should be.")
    if {"no.", "ay."} & set(found):
        raise NotYet("sentences shorter than `shortest` should be left out.")
    if not any("rome: now" in sentence for sentence in found):
        raise NotYet(
            "a colon inside a line ends no sentence, and makes no speaker. Only a line that *ends* "
            "with one names a speaker."
        )
    raise NotYet(f"of the text of the check it makes {found}.")


def _truth(model: AutoRegressive, vocab: Vocabulary, sentences: list[str]) -> dict[str, Any]:
    """Make the right vectors and the usual wrong ones, each (N, H)."""
    rows: dict[str, list[Any]] = {}
    with torch.no_grad():
        for sentence in sentences:
            out, state = model.read(vocab.encode(sentence)[None])
            _, cut = model.read(vocab.encode(sentence[:-1])[None])
            for name, row in (
                ("right", state[-1][0]),
                ("long memory", state[-1][1]),
                ("first layer", state[0][0]),
                ("second layer", state[1][0]),
                ("normed", out[:, -1]),
                ("mean", out.mean(1)),
                ("too early", cut[-1][0]),
            ):
                rows.setdefault(name, []).append(row[0])
        padded = pad_sequence([vocab.encode(sentence) for sentence in sentences], batch_first=True)
        rows["padded"] = list(model.read(padded)[1][-1][0])
    return {name: torch.stack(values).numpy() for name, values in rows.items()}


def check_vectors(vectors: Any) -> None:
    """Check task 9b: the state after each sentence."""
    said = ["so be it!", "what say you?", "no."]
    vocab = Vocabulary("".join(said))
    model = AutoRegressive(len(vocab), 8, 6, layers=3, cell="lstm", dropout=0.5)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    result = call(vectors, model.train(), vocab, said)
    if isinstance(result, torch.Tensor) and result.requires_grad:
        raise NotYet("the vectors carry gradients. Read inside torch.no_grad().")
    found = array(result, (3, 6), "the result")
    truth = _truth(model.eval(), vocab, said)

    def same(one: NDArray[Any], other: NDArray[Any]) -> bool:
        return bool(np.allclose(one, other, atol=1e-4))

    if same(found, truth["right"]):
        return
    table = (
        (
            "long memory",
            "it is c, the LSTM's second row of numbers. The state of a layer is (h, c): take h.",
        ),
        ("first layer", "it is the state of the first layer. The last one is asked."),
        ("second layer", "it is the state of the second of three layers. The last one is asked."),
        (
            "normed",
            "it is the output, after layer norm. The state is the second thing that `read` "
            "returns.",
        ),
        ("mean", "it is the mean of the outputs. The state after the last character is asked."),
        ("too early", "it stops one character early."),
        (
            "padded",
            "shorter sentences were filled up, and the state is that after the filling. "
            "Read each sentence to its own end.",
        ),
    )
    refuse_mistakes(found, same, [(truth[name], sentence) for name, sentence in table])
    again = array(call(vectors, model.train(), vocab, said), (3, 6), "the result")
    if not np.allclose(found, again):
        raise NotYet("it gives something else each time: dropout is on. Call model.eval() first.")
    raise NotYet("these are not the states h of the last layer after each sentence, in order.")


def check_chance(chance: Any) -> None:
    """Check task 9c: what chance would give."""
    rng = np.random.default_rng(0)
    which = rng.integers(2, size=90)
    points = rng.normal(size=(90, 3)) + 3 * which[:, None]
    codes = torch.from_numpy(points).float()
    labels = pd.Series(np.array(["question", "answer"])[which])
    found = number(call(chance, codes, labels, 12, 100))
    real = cluster_homogeneity(codes, labels, n_clusters=12)
    groups = KMeans(12, n_init=10, random_state=0).fit_predict(points)
    draws = [homogeneity_score(rng.permutation(which), groups) for _ in range(1000)]
    if abs(found - real) < 0.02:
        raise NotYet("it is the homogeneity of the true labels. Did codes and labels stay in step?")
    if found == 0:
        raise NotYet("chance is not zero here: twelve groups of a few fit any labels a little.")
    if abs(found - 100 * np.mean(draws)) < 3:
        raise NotYet("it adds the repetitions up. Take the mean.")
    if abs(found - number(call(chance, codes, labels, 12, 1))) < 1e-9:
        raise NotYet(
            "one order of the labels gives the same as a hundred. Make the generator once, outside "
            "the loop, and use `times`."
        )
    if found > np.mean(draws) + 0.025:
        raise NotYet("it is more than chance gives. The largest of several? Take the mean.")
    if found < np.mean(draws) - 0.025:
        raise NotYet("it is less than chance gives. Are there as many groups as asked?")
    if number(call(chance, codes, labels, 40, 20)) < 2 * found:  # it grows with their number
        raise NotYet("it gives as much for 40 groups as for 12. Use `n_clusters`.")


CHECKS = {"9a": check_sentences, "9b": check_vectors, "9c": check_chance, "9d": check_comparison}

"""The map of words: its vectors have length one, and it refuses what it cannot place."""

import numpy as np
import pytest
from small_figures import POINTS, VECTORS, WORDS, unpacked

from ae_course import widgets

ONE = {"one": VECTORS}


def test_the_vectors_are_those_of_the_model_with_length_one():
    figure = widgets.word_map(WORDS, ONE, POINTS, chosen="cc")
    (model,) = figure.config["models"]
    stored = unpacked(figure.data, model["vectors"]["values"]).reshape(20, 6)
    expected = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    np.testing.assert_allclose(stored, expected, atol=1e-6)
    places = unpacked(figure.data, figure.config["places"]).reshape(20, 2)
    np.testing.assert_allclose(places, POINTS)
    assert figure.config["chosen"] == 2


def test_the_words_of_the_description_are_the_nearest():
    cosine = VECTORS @ VECTORS[4] / np.linalg.norm(VECTORS, axis=1)
    nearest = [WORDS[i] for i in np.argsort(-cosine)[1:6]]
    figure = widgets.word_map(WORDS, ONE, POINTS, chosen="ee")
    assert f"lie {', '.join(nearest)}." in figure.alt


def test_two_thousand_words_with_two_sets_of_vectors_find_room():
    words = [f"w{i}" for i in range(2000)]
    vectors = np.random.default_rng(0).normal(size=(2000, 64))
    figure = widgets.word_map(words, {"a": vectors, "b": vectors}, vectors[:, :2])
    assert len(figure.data) < 600_000


@pytest.mark.parametrize(
    ("words", "models", "places", "options", "message"),
    [
        (["a"], {"one": VECTORS[:1]}, POINTS[:1], {}, "two different words or more"),
        (["a"] * 20, ONE, POINTS, {}, "two different words or more"),
        (WORDS, {}, POINTS, {}, "at least one set of vectors"),
        (WORDS, {"one": VECTORS[:9]}, POINTS, {}, r"'one' must have shape \(20, Z\), got \(9, 6\)"),
        (WORDS, {"one": VECTORS[0]}, POINTS, {}, r"must have shape \(20, Z\), got \(6,\)"),
        (
            WORDS,
            {"one": np.full_like(VECTORS, np.nan)},
            POINTS,
            {},
            "the vectors of 'one' must be finite",
        ),
        (WORDS, {"one": 0 * VECTORS}, POINTS, {}, "vector of 'aa' in 'one' must not be zero"),
        (WORDS, ONE, POINTS[:, 0], {}, r"`places` must have shape \(20, 2\), got \(20,\)"),
        (WORDS, ONE, POINTS / 0, {}, "`places` must be finite"),
        (WORDS, ONE, POINTS, {"chosen": "zz"}, "`chosen` must be one of `words`, got 'zz'"),
    ],
)
def test_what_is_refused(words, models, places, options, message):
    with pytest.raises(ValueError, match=message):
        widgets.word_map(words, models, places, **options)

"""A page of words to edit: what is stored is the decoder's, and it refuses what it cannot run."""

import pytest
import torch
from small_figures import BOOK, IMAGES, LABELS, LOOKS, TOKENS, drawer, unpacked
from torch import nn

from ae_course import widgets

X, Y = IMAGES[:2], LABELS[:2]


def figure(decoder=None, codebook=BOOK, tiles=LOOKS, words=TOKENS):
    return widgets.edit_a_tile(decoder or drawer(), codebook, tiles, words, X, Y)


def test_the_words_of_each_digit_and_the_codebook_are_stored():
    made = figure()
    assert made.config["words"] == TOKENS.flatten(1).tolist()
    codebook = unpacked(made.data, made.config["codebook"]).reshape(5, 3)
    torch.testing.assert_close(torch.tensor(codebook), BOOK)
    assert made.config["blank"] == TOKENS.flatten().bincount().argmax()


def test_a_row_of_a_transposed_weight_makes_one_map():
    decoder = drawer()
    first, relu, last = figure(decoder).config["layers"]
    assert relu == {"op": "relu"}
    assert (first["op"], first["inside"], first["size"]) == ("spread", 3, 4)
    assert (first["stride"], first["padding"]) == (2, 1)
    weight = unpacked(figure(decoder).data, first["weight"]["values"]).reshape(2, 3, 4, 4)
    torch.testing.assert_close(torch.tensor(weight), decoder[0].weight.detach().transpose(0, 1))
    assert (last["size"], last["padding"]) == (2, 0)


def test_a_plain_convolution_is_stored_as_it_is():
    layer = nn.Conv2d(3, 3, 3, padding=1)
    stored = figure(drawer(layer)).config["layers"][0]
    assert (stored["op"], stored["size"], stored["padding"]) == ("gather", 3, 1)


def test_the_description_ends_with_the_error():
    drawn = drawer()(BOOK[TOKENS[:1]].movedim(-1, 1))
    error = (drawn - X[:1]).square().mean().item()
    assert f"an error of {error:.4f}" in figure().alt


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"codebook": BOOK[0]}, r"`codebook` must have shape \(K, D\) .*, got \(3,\)"),
        ({"codebook": BOOK / 0}, "`codebook` must be finite"),
        ({"tiles": LOOKS[:4]}, r"`tiles` must have shape \(5, t, t\), got \(4, 4, 4\)"),
        ({"tiles": LOOKS / 0}, "`tiles` must be finite"),
        ({"words": TOKENS.float()}, "`words` must be int64 of shape"),
        ({"words": TOKENS[:1]}, r"`words` must have shape \(2, h, h\) .*, got \(1, 7, 7\)"),
        ({"words": TOKENS[:, :5, :5]}, "where h divides 28"),
        ({"words": TOKENS + 1}, "`words` must be from 0 to 4, got values from 1 to 5"),
        ({"codebook": BOOK[:, :2]}, "`decoder` must take images of shape"),
    ],
)
def test_what_is_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        figure(**parts)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Tanh(),
        nn.Conv2d(3, 3, 3, stride=2, padding=8),
        nn.Conv2d(3, 3, 3, padding=1, groups=3),
        nn.Conv2d(3, 3, 3, padding="same"),
        nn.Conv2d(3, 3, (3, 1), padding=(1, 0)),
        nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect"),
    ],
)
def test_layers_that_the_page_cannot_run_are_refused(layer):
    with pytest.raises(TypeError, match="cannot pack a layer of this kind"):
        figure(drawer(layer))


def test_other_kinds_are_refused():
    with pytest.raises(TypeError, match="`codebook` must be a tensor, got list"):
        figure(codebook=BOOK.tolist())
    with pytest.raises(TypeError, match=r"must be an nn\.Sequential, got Conv2d"):
        figure(nn.Conv2d(3, 3, 1))

"""Digits built from words: what is stored is the code's, and it refuses what is not a sum."""

import pytest
import torch
from small_figures import CODES, IMAGES, LABELS, PAGES, unpacked

from ae_course import widgets

X, Y = IMAGES[:3], LABELS[:3]


def figure(codes=CODES, words=PAGES, empty=PAGES[0], **options):
    return widgets.word_by_word(codes, words, empty, X, Y, **({"k": 4} | options))


def test_the_words_of_each_digit_come_in_the_order_of_their_size():
    made = figure()
    assert made.config["most"] == 4  # the first digit has a value of zero
    values = torch.tensor(unpacked(made.data, made.config["values"])).view(3, 4)
    place = CODES.abs().topk(4, dim=1).indices
    torch.testing.assert_close(values, CODES.gather(1, place))
    assert made.config["units"] == place.flatten().tolist()


def test_a_word_that_two_digits_use_is_stored_once():
    made = figure()
    words = unpacked(made.data, made.config["words"]["values"]).reshape(-1, 784)
    used = CODES.abs().topk(4, dim=1).indices.unique()
    torch.testing.assert_close(torch.tensor(words), PAGES[used])


def test_the_description_ends_with_the_error_of_all_words():
    error = (PAGES[0] + CODES[0] @ PAGES - X[0].flatten()).square().mean()
    assert f"an error of {error:.4f}" in figure().alt


def test_of_many_values_twenty_are_used():
    torch.manual_seed(0)
    codes, words = torch.randn(3, 50), torch.randn(50, 784)
    assert figure(codes, words).config["most"] == 20


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"codes": CODES[:2]}, r"`codes` must have shape \(3, Z\), got \(2, 5\)"),
        ({"words": PAGES[:4]}, r"`words` must have shape \(5, 784\), got \(4, 784\)"),
        ({"empty": PAGES}, r"`empty` must have shape \(784,\), got \(5, 784\)"),
        ({"codes": CODES / 0}, "`codes` must be finite"),
        ({"k": 5}, "`codes` must have 5 values other than zero in each row, got 4"),
        ({"k": 21}, "`k` must be an integer from 1 to 20, got 21"),
    ],
)
def test_what_is_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        figure(**parts)


def test_all_parts_must_be_tensors():
    with pytest.raises(TypeError, match="`words` must be a tensor, got list"):
        figure(words=PAGES.tolist())

"""A digit built from the words of a sparse code, one after the other."""

from __future__ import annotations

from torch import Tensor

from ae_course.plotting.images import plot_reconstructions
from ae_course.utils.validation import check_finite, check_integer_up_to, check_tensors
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import check_digits, with_article
from ae_course.widgets.packing import Pack

MOST = 20  # words of one digit: each is a button


def word_by_word(
    codes: Tensor, words: Tensor, empty: Tensor, images: Tensor, labels: Tensor, *, k: int = 10
) -> InteractiveFigure:
    """Build digits from their sparse codes: the largest word first, then the next, up to k.

    What is drawn is ``empty`` plus the sum of the words, each times its value in the code. The sum,
    and its error, are computed in the page, whichever words the reader leaves out.

    Parameters
    ----------
    codes : Tensor of shape (N, Z)
        Of each digit at most 20 values other than zero: the largest in size are used.
    words : Tensor of shape (Z, 784)
        What each unit draws when its value is one.
    empty : Tensor of shape (784,)
        What is drawn without any word.
    images : Tensor of shape (N, 1, 28, 28)
        The digits themselves, in [0, 1].
    labels : Tensor of shape (N,)
        Their classes.
    k : int, default=10
        How many words are shown at first, from 1 to 20.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError, ValueError
        If an argument is no tensor, shapes do not belong together, a value is not finite, `k` is
        not from 1 to 20, a digit has fewer than `k` words, or all exceed 600,000 bytes.
    """
    check_digits(images, labels)
    _check_parts(codes, words, empty, len(images))
    check_integer_up_to(MOST, k=k)
    size, place = codes.detach().cpu().abs().topk(min(MOST, codes.shape[1]), dim=1)
    most = int((size > 0).sum(dim=1).min())  # of all digits as many
    if most < k:
        raise ValueError(f"`codes` must have {k} values other than zero in each row, got {most}")
    place = place[:, :most]  # (N, most), the largest first
    values = codes.detach().cpu().gather(1, place)
    used, number = place.unique(return_inverse=True)
    kept, start = words.detach().cpu()[used].float(), empty.detach().cpu().float()
    pack = Pack()
    config = {
        "labels": labels.tolist(),
        "k": k,
        "most": most,
        "empty": pack.array(start),
        "words": pack.matrix(kept.numpy()),
        "which": number.flatten().tolist(),
        "units": place.flatten().tolist(),
        "values": pack.array(values.flatten()),
        "pictures": pack.pictures(images),
    }
    shown = kept[number[0, :k]]  # (k, 784), of the first digit
    sums = start + (values[0, :k, None] * shown).cumsum(dim=0)
    rows = {"word": 0.5 + 0.5 * shown / shown.abs().amax(dim=1, keepdim=True), "sum so far": sums}
    still = plot_reconstructions({name: row.view(-1, 1, 28, 28) for name, row in rows.items()})
    error = (sums[-1] - images[0].cpu().flatten()).square().mean().item()
    alt = (
        f"{with_article(labels[0]).capitalize()} built from {k} words, the largest first: each "
        f"word as a picture, and below it the sum so far, which ends with an error of {error:.4f}."
    )
    return InteractiveFigure(["word_by_word.js"], config, bytes(pack), still=still, alt=alt)


def _check_parts(codes: Tensor, words: Tensor, empty: Tensor, count: int) -> None:
    """Refuse parts that do not make pictures of 784 pixels."""
    parts = {"codes": codes, "words": words, "empty": empty}
    check_tensors(**parts)
    if codes.ndim != 2 or len(codes) != count or codes.shape[1] == 0:
        raise ValueError(f"`codes` must have shape ({count}, Z), got {tuple(codes.shape)}")
    for name, shape in (("words", (codes.shape[1], 784)), ("empty", (784,))):
        if parts[name].shape != shape:
            raise ValueError(f"`{name}` must have shape {shape}, got {tuple(parts[name].shape)}")
    check_finite(**parts)

"""A digit as a page of words: change one of them and see the digit drawn anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Size, Tensor, nn

from ae_course.utils.validation import check_finite, check_tensors
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.inputs import check_digits, computed, with_article
from ae_course.widgets.packing import Pack

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 256  # words to choose from: each is a tile that a finger must hit


def edit_a_tile(
    decoder: nn.Sequential,
    codebook: Tensor,
    tiles: Tensor,
    words: Tensor,
    images: Tensor,
    labels: Tensor,
) -> InteractiveFigure:
    """Change words of a digit's code, one tile at a time, and see what the decoder draws.

    The decoder runs in the page. On an empty page all places have the word that is commonest in
    `words`.

    Parameters
    ----------
    decoder : nn.Sequential
        From vectors (B, D, h, h) to images (B, 1, 28, 28), made of ``nn.Conv2d`` with stride 1,
        ``nn.ConvTranspose2d`` and ``nn.ReLU``.
    codebook : Tensor of shape (K, D)
        The vector of each word; K is at most 256.
    tiles : Tensor of shape (K, t, t)
        A small picture of each word, for instance the mean of what is drawn where it stands.
    words : Tensor of shape (N, h, h)
        int64, the code of each digit.
    images : Tensor of shape (N, 1, 28, 28)
        The digits, in [0, 1].
    labels : Tensor of shape (N,)
        Their classes.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    TypeError, ValueError
        If an argument is of another kind or shape, a word is not from 0 to K - 1, or all exceed
        600,000 bytes.
    """
    check_digits(images, labels)
    _check_codes(codebook, words, len(images))
    _check_tiles(tiles, len(codebook))
    vectors, words = codebook.detach().float().cpu(), words.cpu()
    pack = Pack()
    layers = packed_convolutions(pack, decoder)
    side, blank = words.shape[1], int(words.flatten().bincount().argmax())
    given = vectors[words].movedim(-1, 1)  # (N, D, h, h)
    drawn = computed("decoder", decoder, given, Size((len(words), 1, 28, 28)))
    looks = tiles.detach().float().cpu().clamp(0, 1)
    config = {
        "labels": labels.tolist(),
        "side": side,
        "blank": blank,
        "layers": layers,
        "codebook": pack.array(vectors),
        "words": words.flatten(1).tolist(),
        "tiles": pack.pictures(looks),
        "pictures": pack.pictures(images),
    }
    error = (drawn[0] - images[0].cpu()).square().mean().item()
    alt = (
        f"{with_article(labels[0]).capitalize()}, its code of {side} by {side} words as numbered "
        f"tiles, and what is drawn from them, with an error of {error:.4f}."
    )
    still = _still(images[0, 0].cpu(), words[0], looks, drawn[0, 0])
    return InteractiveFigure(["edit_a_tile.js"], config, bytes(pack), still=still, alt=alt)


def packed_convolutions(pack: Pack, decoder: nn.Sequential) -> list[dict[str, Any]]:
    """Store a stack of convolutions; a row of each weight makes one map.

    Raises
    ------
    TypeError
        If a layer is of a kind that the script does not know.
    """
    if not isinstance(decoder, nn.Sequential):
        raise TypeError(f"`decoder` must be an nn.Sequential, got {type(decoder).__name__}")
    packed: list[dict[str, Any]] = []
    for layer in decoder:
        if isinstance(layer, nn.ReLU):
            packed.append({"op": "relu"})
            continue
        if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) or _is_special(layer):
            raise TypeError(f"cannot pack a layer of this kind: {layer}")
        turned = isinstance(layer, nn.ConvTranspose2d)
        weight = layer.weight.detach().float().cpu()
        if turned:
            weight = weight.transpose(0, 1)  # (maps out, maps in, k, k), as of a convolution
        bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias.detach().cpu()
        packed.append(
            {
                "op": "spread" if turned else "gather",
                **pack.affine(weight.flatten(1).numpy(), bias.float().numpy()),
                "inside": weight.shape[1],
                "size": layer.kernel_size[0],
                "stride": layer.stride[0],
                "padding": int(layer.padding[0]),
            }
        )
    return packed


def _is_special(layer: nn.Conv2d | nn.ConvTranspose2d) -> bool:
    """Tell whether a convolution is more than a square window with a stride and zeros around."""
    pairs = (layer.kernel_size, layer.stride, layer.padding)
    return (
        any(isinstance(pair, str) or len({*pair}) > 1 for pair in pairs)
        or layer.groups != 1
        or {*layer.dilation} != {1}
        or layer.padding_mode != "zeros"
        or (isinstance(layer, nn.Conv2d) and layer.stride[0] != 1)
        or (isinstance(layer, nn.ConvTranspose2d) and {*layer.output_padding} != {0})
    )


def _check_tiles(tiles: Tensor, entries: int) -> None:
    """Refuse what is not a small square picture for each word."""
    check_tensors(tiles=tiles)
    if tiles.ndim != 3 or len(tiles) != entries or tiles.shape[1] != tiles.shape[2]:
        raise ValueError(f"`tiles` must have shape ({entries}, t, t), got {tuple(tiles.shape)}")
    check_finite(tiles=tiles)


def _check_codes(codebook: Tensor, words: Tensor, count: int) -> None:
    """Refuse what is not a codebook and the words of so many digits."""
    check_tensors(codebook=codebook, words=words)
    if codebook.ndim != 2 or not 2 <= len(codebook) <= MOST:
        raise ValueError(
            f"`codebook` must have shape (K, D) with K from 2 to {MOST}, "
            f"got {tuple(codebook.shape)}"
        )
    check_finite(codebook=codebook)
    if words.dtype != torch.int64 or words.ndim != 3 or words.shape[1] != words.shape[2]:
        raise ValueError(
            f"`words` must be int64 of shape (N, h, h), got {words.dtype} of shape "
            f"{tuple(words.shape)}"
        )
    if len(words) != count or 28 % words.shape[1]:
        raise ValueError(
            f"`words` must have shape ({count}, h, h) where h divides 28, got {tuple(words.shape)}"
        )
    low, high = int(words.min()), int(words.max())
    if low < 0 or high >= len(codebook):
        raise ValueError(
            f"`words` must be from 0 to {len(codebook) - 1}, got values from {low} to {high}"
        )


def _still(image: Tensor, words: Tensor, tiles: Tensor, drawn: Tensor) -> Figure:
    """Draw a digit, its words as numbered tiles, and what is drawn from them."""
    import matplotlib.pyplot as plt

    side, size = len(words), tiles.shape[-1]
    figure, axes = plt.subplots(1, 3, figsize=(8, 2.9), layout="constrained")
    page = tiles[words.flatten()].view(side, side, size, size)
    page = page.permute(0, 2, 1, 3).reshape(side * size, side * size)
    for ax, title, pixels in zip(
        axes, ("digit", "its words", "drawn from them"), (image, page, drawn), strict=True
    ):
        ax.imshow(pixels.numpy(), cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(title, fontsize=9)
        ax.set(xticks=[], yticks=[])
    for place, word in enumerate(words.flatten().tolist()):
        row, column = divmod(place, side)
        dark = page[row * size : (row + 1) * size, column * size : (column + 1) * size].mean() > 0.5
        axes[1].text(
            (column + 0.5) * size - 0.5,
            (row + 0.5) * size - 0.5,
            str(word),
            fontsize=6.5,
            ha="center",
            va="center",
            color="white" if dark else "black",
        )
    for line in range(1, side):
        axes[1].axhline(line * size - 0.5, color="grey", linewidth=0.4)
        axes[1].axvline(line * size - 0.5, color="grey", linewidth=0.4)
    return figure

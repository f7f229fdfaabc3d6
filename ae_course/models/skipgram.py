"""Word vectors from neighbourhoods: skip-gram with negative sampling, and the counts behind it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ae_course.utils.validation import check_positive_integers


class SkipGram(nn.Module):
    """Two vectors a word: one as the word itself, one as a neighbour of others.

    Called with words it gives their vectors; :meth:`loss` asks them to tell real neighbours from
    drawn ones, so it is what :func:`~ae_course.train` needs: ``train(model, model.loss, ...)``.

    Parameters
    ----------
    counts : array of shape (V,)
        How often each word occurs. Drawn neighbours come with a probability proportional to the
        count to the power `power`.
    latent_dim : int
        Z, the number of values of a vector.
    negatives : int, default=5
        How many neighbours are drawn for each real one.
    power : float, default=0.75
        1 draws words as often as they occur, 0 all alike.

    Raises
    ------
    ValueError
        If `counts` is not a vector of positive numbers, or a size is not a positive integer.

    References
    ----------
    Mikolov et al. (2013), Distributed Representations of Words and Phrases, NeurIPS, eq. 4.
    """

    noise: Tensor

    def __init__(
        self, counts: ArrayLike, latent_dim: int, *, negatives: int = 5, power: float = 0.75
    ) -> None:
        super().__init__()
        often = np.asarray(counts, dtype=float)
        if often.ndim != 1 or len(often) == 0 or not (often > 0).all():
            raise ValueError(
                f"`counts` must be a vector of positive numbers, got shape {often.shape}"
            )
        check_positive_integers(latent_dim=latent_dim, negatives=negatives)
        self.words = nn.Embedding(len(often), latent_dim)
        self.neighbours = nn.Embedding(len(often), latent_dim)
        # small, so that at first every pair is as likely as not
        nn.init.uniform_(self.words.weight, -0.5 / latent_dim, 0.5 / latent_dim)
        nn.init.zeros_(self.neighbours.weight)
        self.negatives = negatives
        weights = torch.as_tensor(often**power, dtype=torch.float32)
        self.register_buffer("noise", weights / weights.sum())  # (V,)

    def forward(self, word: Tensor) -> Tensor:
        """Map words (B,) to vectors (B, Z)."""
        vectors: Tensor = self.words(word)
        return vectors

    def loss(
        self, vectors: Tensor, neighbour: Tensor, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """Compute the loss: logistic regression of real neighbours (B,) against drawn ones.

        Returns
        -------
        Tensor of shape ()
            Nats a pair, summed over the real neighbour and the drawn ones, mean over B.
        """
        draws = len(neighbour) * self.negatives
        drawn = torch.multinomial(self.noise, draws, replacement=True, generator=generator)
        real = (vectors * self.neighbours(neighbour)).sum(dim=1)  # (B,)
        false = torch.einsum(
            "bz,bnz->bn", vectors, self.neighbours(drawn.view(len(neighbour), self.negatives))
        )
        return -(F.logsigmoid(real) + F.logsigmoid(-false).sum(dim=1)).mean()


def word_pairs(tokens: Tensor, *, window: int = 5) -> Tensor:
    """Pair every word with every word at most `window` places away, in both orders.

    Parameters
    ----------
    tokens : Tensor of shape (T,)
        The text, as numbers of words.
    window : int, default=5

    Returns
    -------
    Tensor of shape (N, 2)
        The word and its neighbour.

    Raises
    ------
    ValueError
        If `tokens` is not a vector of at least two, or `window` is not a positive integer.

    Examples
    --------
    >>> word_pairs(torch.tensor([7, 8, 9]), window=1).tolist()
    [[7, 8], [8, 9], [8, 7], [9, 8]]
    """
    if tokens.ndim != 1 or len(tokens) < 2:
        raise ValueError(
            f"`tokens` must be a vector of two words or more, got shape {tuple(tokens.shape)}"
        )
    check_positive_integers(window=window)
    ahead = [
        torch.stack([tokens[:-far], tokens[far:]], dim=1)
        for far in range(1, min(window, len(tokens) - 1) + 1)
    ]
    forward = torch.cat(ahead)
    return torch.cat([forward, forward.flip(1)])


def shifted_pmi(pairs: Tensor, noise: Tensor, *, negatives: int = 5) -> NDArray[np.float64]:
    """Compute what skip-gram's dot products tend to, from counts alone.

    ``ln (p(c | w) / noise(c)) − ln negatives``: how much oftener c stands beside w than drawn words
    would. This is the optimum of skip-gram's loss if its vectors are long enough.

    Parameters
    ----------
    pairs : Tensor of shape (N, 2)
        Words and neighbours, as from :func:`word_pairs`.
    noise : Tensor of shape (V,)
        The distribution of drawn neighbours, as ``noise`` of a :class:`SkipGram`.
    negatives : int, default=5

    Returns
    -------
    ndarray of shape (V, V)
        In nats, −∞ for pairs that do not occur.

    Raises
    ------
    ValueError
        If `pairs` is not (N, 2), `noise` is not a vector, a number is not that of a word, or
        `negatives` is not a positive integer.

    References
    ----------
    Levy and Goldberg (2014), Neural Word Embedding as Implicit Matrix Factorization, NeurIPS.
    """
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(f"`pairs` must have shape (N, 2), got {tuple(pairs.shape)}")
    if noise.ndim != 1:
        raise ValueError(f"`noise` must have shape (V,), got {tuple(noise.shape)}")
    check_positive_integers(negatives=negatives)
    size = len(noise)
    if len(pairs) and not 0 <= pairs.min() <= pairs.max() < size:
        raise ValueError(
            f"`pairs` must hold numbers from 0 to {size - 1}, as `noise` has {size}, got numbers "
            f"from {pairs.min()} to {pairs.max()}"
        )
    flat = pairs[:, 0] * size + pairs[:, 1]
    counts = torch.bincount(flat, minlength=size**2).view(size, size).double().numpy()
    expected = counts.sum(axis=1, keepdims=True) * noise.double().cpu().numpy() * negatives
    with np.errstate(divide="ignore", invalid="ignore"):
        pmi: NDArray[np.float64] = np.where(counts > 0, np.log(counts / expected), -np.inf)
    return pmi

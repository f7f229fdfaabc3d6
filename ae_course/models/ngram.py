"""Predict the next character by counting: n-gram models with Kneser-Ney smoothing."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ae_course.data.vocabulary import Vocabulary
from ae_course.utils.validation import check_positive_integers, check_tokens

MAX_GRAMS = 2**62  # a gram is one int64 number in base V


class NGram(nn.Module):
    """Predict by counting what followed the last ``order - 1`` characters in `text`.

    This is interpolated Kneser-Ney smoothing. It has the contract of :class:`AutoRegressive`, so
    the same functions measure it and sample from it, but nothing to train: the counts are made at
    once. Write N(h c) for how often the characters h are followed by c. A discount d is taken from
    each count, and what is saved is given to the prediction from one character less, P'::

        P(c | h) = max(N(h c) - d, 0) / N(h) + d K(h) / N(h) P'(c | h')

    where K(h) is the number of different c after h. Below the highest order, N counts in how many
    different surroundings something stood, not how often. Below order 1 all characters are equally
    likely. A context that never occurred, or that a row is too short for, is left to P'.

    Parameters
    ----------
    text : str
    vocab : Vocabulary
    order : int, default=5
        1 is a unigram model, which looks at no context; 5 looks at four characters.

    Raises
    ------
    TypeError, ValueError
        If `order` is not a positive integer, so large that its grams cannot be numbered, or
        `text` is shorter than `order` or has a character that is not in `vocab`.

    References
    ----------
    Kneser and Ney (1995), ICASSP 1, 181-184; in the interpolated form of Chen and Goodman (1999),
    Computer Speech and Language 13, 359-394. The discount is that of Ney, Essen and Kneser (1994),
    Computer Speech and Language 8, 1-38, d = n1 / (n1 + 2 n2) with n1 grams seen once and n2 seen
    twice, with a half added to n1 and 1 to the whole below.

    Examples
    --------
    >>> vocab = Vocabulary("abab")
    >>> bigram = NGram("abababab", vocab, order=2)
    >>> bigram(vocab.encode("a")[None]).exp().argmax().item()  # after an a, a b
    1
    """

    def __init__(self, text: str, vocab: Vocabulary, *, order: int = 5) -> None:
        super().__init__()
        check_positive_integers(order=order)
        if len(vocab) ** order > MAX_GRAMS:
            raise ValueError(
                f"`order` must be small enough that V ** order <= 2 ** 62, got {order} "
                f"with V = {len(vocab)}"
            )
        tokens = vocab.encode(text)
        if len(tokens) < order:
            raise ValueError(
                f"`text` must have at least `order` = {order} characters, got {len(tokens)}"
            )
        self.order, self.vocab_size = int(order), len(vocab)
        self.context_length = max(int(order) - 1, 1)  # what the state keeps; a unigram ignores it
        for n in range(1, order + 1):
            if n < order:  # how many different characters stood before each gram
                kinds = torch.unique(self._grams(tokens, n + 1)) % self.vocab_size**n
                grams, counts = torch.unique(kinds, return_counts=True)
            else:
                grams, counts = torch.unique(self._grams(tokens, n), return_counts=True)
            contexts, context_of = torch.unique_consecutive(
                grams // self.vocab_size, return_inverse=True
            )
            totals = torch.zeros_like(contexts).index_add_(0, context_of, counts)
            seen_once, seen_twice = (counts == 1).sum().item(), (counts == 2).sum().item()
            # the half keeps it between 0 and 1 where every gram is frequent, or none
            discount = (seen_once + 0.5) / (seen_once + 2 * seen_twice + 1)
            table = {
                "grams": grams,
                "counts": counts,
                "contexts": contexts,
                "totals": totals,
                "followers": torch.bincount(context_of),
                "discount": torch.tensor(discount, dtype=torch.float64),
            }
            for name, tensor in table.items():
                self.register_buffer(f"{name}_{n}", tensor)

    def forward(self, tokens: Tensor) -> Tensor:
        """Give the log-probability of each next character, (B, T, V), for tokens (B, T)."""
        check_tokens(tokens, "(B, T)", 2)
        padded = torch.cat([self._padding(tokens[:, 0]), tokens], dim=1)[:, 1:]
        windows = padded.unfold(1, self.context_length, 1)  # (B, T, order - 1)
        return self._predict(windows.flatten(0, 1)).view(*tokens.shape, self.vocab_size)

    def step(self, token: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give log-probabilities (B, V) after one more token (B,); the state is the last tokens."""
        check_tokens(token, "(B,)", 1)
        state = self._padding(token) if state is None else state
        state = torch.cat([state, token[:, None]], dim=1)[:, 1:]  # (B, order - 1)
        return self._predict(state), state

    def _padding(self, token: Tensor) -> Tensor:
        """Give the context before the first token: (B, order - 1) times -1."""
        return token.new_full((len(token), self.context_length), -1)

    def _grams(self, tokens: Tensor, n: int) -> Tensor:
        """Write each run of n tokens as one number, its first token the highest digit."""
        return self._number(tokens.unfold(0, n, 1))

    def _number(self, tokens: Tensor) -> Tensor:
        """Write each row of tokens, (rows, n), as one number in base V."""
        place = torch.arange(tokens.shape[1] - 1, -1, -1, device=tokens.device)
        return (tokens * self.vocab_size**place).sum(1)

    def _predict(self, context: Tensor) -> Tensor:
        probability = torch.full(
            (len(context), self.vocab_size),
            1 / self.vocab_size,
            dtype=torch.float64,
            device=context.device,
        )
        following = torch.arange(self.vocab_size, device=context.device)
        for n in range(1, self.order + 1):
            last = context[:, self.context_length - n + 1 :]  # (rows, n - 1)
            code = self._number(last)
            code[(last < 0).any(1)] = -1  # no context has this number
            table = {
                name: self.get_buffer(f"{name}_{n}")
                for name in ("grams", "counts", "contexts", "totals", "followers", "discount")
            }
            total = _look_up(code, table["contexts"], table["totals"])[:, None]  # (rows, 1)
            kinds = _look_up(code, table["contexts"], table["followers"])[:, None]
            grams = code[:, None] * self.vocab_size + following  # (rows, V)
            count = _look_up(grams, table["grams"], table["counts"])
            d = table["discount"]
            mixed = ((count - d).clamp(min=0) + d * kinds * probability) / total.clamp(min=1)
            probability = torch.where(total > 0, mixed, probability)
        return probability.log().float()


def _look_up(wanted: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Look up the value of each key, 0 for one that is not there; `keys` are sorted."""
    place = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
    return torch.where(keys[place] == wanted, values[place], 0)

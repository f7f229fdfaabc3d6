"""A recurrent network that predicts the next character, in parallel or step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ae_course.nn.layers import prediction_head
from ae_course.utils.validation import check_positive_integers, check_tokens

State = tuple[Any, ...]  # here one entry a layer: h of shape (B, H), for an LSTM the pair (h, c)

Cell = tuple[Callable[..., nn.RNNBase], Callable[..., Any]]  # over a sequence, and for one step

CELLS: dict[str, Cell] = {
    "gru": (nn.GRU, torch.gru_cell),
    "lstm": (nn.LSTM, torch.lstm_cell),
    "rnn": (nn.RNN, torch.rnn_tanh_cell),
}


class AutoRegressive(nn.Module):
    """Read characters, and predict after each one which comes next.

    Embedding, recurrent layers with layer norm after each, and a small prediction head.

    Parameters
    ----------
    vocab_size : int
        V, the number of different characters.
    embed_dim : int, default=32
        Numbers for each character.
    hidden_dim : int, default=128
        H, units of each recurrent layer.
    layers : int, default=2
    cell : {"gru", "lstm", "rnn"}, default="gru"
    dropout : float, default=0.0
        The share of units set to zero in training, after the embedding and after each layer.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive integer, `cell` has another name, or `dropout` is not from 0
        to below 1.

    References
    ----------
    Cho et al. (2014), arXiv:1406.1078, for the GRU; Hochreiter and Schmidhuber (1997), Neural
    Computation 9(8), 1735-1780, for the LSTM, with the forget gate of Gers et al. (2000). Both in
    PyTorch's form: see ``torch.nn.GRU``.

    Examples
    --------
    >>> model = AutoRegressive(39)
    >>> model(torch.zeros(4, 100, dtype=torch.int64)).shape
    torch.Size([4, 100, 39])
    >>> logits, state = model.step(torch.zeros(4, dtype=torch.int64))
    >>> logits.shape
    torch.Size([4, 39])
    """

    def __init__(
        self,
        vocab_size: int,
        embed_dim: int = 32,
        hidden_dim: int = 128,
        layers: int = 2,
        cell: str = "gru",
        *,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_positive_integers(
            vocab_size=vocab_size, embed_dim=embed_dim, hidden_dim=hidden_dim, layers=layers
        )
        if cell not in CELLS:
            raise ValueError(f"`cell` must be one of {sorted(CELLS)}, got {cell!r}")
        if not 0 <= dropout < 1:
            raise ValueError(f"`dropout` must be from 0 to below 1, got {dropout}")
        sequence, self._cell = CELLS[cell]
        self.cell, self.hidden_dim, self.vocab_size = cell, int(hidden_dim), int(vocab_size)
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.recurrent = nn.ModuleList(
            sequence(embed_dim if layer == 0 else hidden_dim, hidden_dim, batch_first=True)
            for layer in range(layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(hidden_dim) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.head = prediction_head(hidden_dim, vocab_size)
        _initialize(self.recurrent, hidden_dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """Give logits (B, T, V) of the next character after each of the tokens (B, T)."""
        return self.head(self.read(tokens)[0])  # type: ignore[no-any-return]

    def read(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Give what the last layer holds after each token, (B, T, H), and the state at the end."""
        check_tokens(tokens, "(B, T)", 2)
        x = self._drop(self.embedding(tokens))  # (B, T, E)
        after = []
        for layer, (recurrent, norm) in enumerate(zip(self.recurrent, self.norms, strict=True)):
            before = None if state is None else _map(lambda h: h[None], state[layer])
            x, last = recurrent(x, before)  # (B, T, H), (1, B, H)
            x = self._drop(norm(x))
            after.append(_map(lambda h: h[0], last))
        return x, tuple(after)

    def step(self, token: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Give logits (B, V) after one more token (B,), and the new state; `state` is not changed.

        The weights and the numbers are those of :meth:`forward`. No state means the beginning.
        """
        check_tokens(token, "(B,)", 1)
        x = self._drop(self.embedding(token))  # (B, E)
        if state is None:
            zero = x.new_zeros(len(x), self.hidden_dim)
            state = ((zero, zero) if self.cell == "lstm" else zero,) * len(self.recurrent)
        after = []
        for recurrent, norm, before in zip(self.recurrent, self.norms, state, strict=True):
            new = self._cell(
                x,
                before,
                recurrent.weight_ih_l0,
                recurrent.weight_hh_l0,
                recurrent.bias_ih_l0,
                recurrent.bias_hh_l0,
            )
            x = self._drop(norm(new[0] if self.cell == "lstm" else new))
            after.append(new)
        return self.head(x), tuple(after)

    def _drop(self, x: Tensor) -> Tensor:
        # outside training not even the call: at one character a step it would be felt
        return self.dropout(x) if self.training else x


def sequence_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute the mean cross-entropy over B and T, in nats per character.

    Parameters
    ----------
    logits : Tensor of shape (B, T, V)
    targets : Tensor of shape (B, T)
        int64.

    Returns
    -------
    Tensor of shape ()

    Raises
    ------
    ValueError
        If the shapes do not belong together.
    """
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"`logits` must have the shape (B, T, V) where `targets` have (B, T), got "
            f"{tuple(logits.shape)} and {tuple(targets.shape)}"
        )
    return cross_entropy(logits.flatten(0, -2), targets.flatten())


def _initialize(recurrent: nn.Module, hidden_dim: int) -> None:
    """Draw input weights by Glorot, orthogonal recurrent weights for each gate; biases zero."""
    for name, parameter in recurrent.named_parameters():
        if "weight_ih" in name:
            nn.init.xavier_uniform_(parameter)
        elif "weight_hh" in name:
            for gate in torch.split(parameter.detach(), hidden_dim):
                nn.init.orthogonal_(gate)
        else:
            nn.init.zeros_(parameter)


def _map(function: Callable[[Tensor], Tensor], state: Any) -> Any:
    """Apply a function to h, or to each of the pair (h, c)."""
    return tuple(map(function, state)) if isinstance(state, tuple) else function(state)

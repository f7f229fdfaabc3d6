"""A small causal Transformer with the contract of the recurrent network."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from ae_course.models.recurrent import State
from ae_course.nn.layers import prediction_head
from ae_course.utils.validation import check_positive_integers, check_tokens

ROTARY_BASE = 10_000.0


class CausalTransformer(nn.Module):
    """Predict the next character by looking back at the last `context` ones.

    Pre-norm blocks of attention and a hidden layer of 4 H, with rotary positions. Each layer looks
    back at `context` characters, so deeper layers see further, and a text may be of any length.

    Parameters
    ----------
    vocab_size : int
        V, the number of different characters.
    hidden_dim : int, default=72
        H, the numbers that each layer passes on for a character.
    layers : int, default=3
    heads : int, default=4
        `hidden_dim` must be a multiple of twice this.
    context : int, default=250
        How many characters each layer looks back at, the last one included.
    dropout : float, default=0.0
        The share of units set to zero in training.

    Raises
    ------
    ValueError
        If a size is not a positive integer, they do not divide, or `dropout` is not from 0 to
        below 1.

    References
    ----------
    Vaswani et al. (2017), arXiv:1706.03762.

    Su et al. (2021), arXiv:2104.09864, equation 34, for the rotary positions, which here turn
    numbers j and j + half as a pair.

    Examples
    --------
    >>> CausalTransformer(39)(torch.zeros(4, 100, dtype=torch.int64)).shape
    torch.Size([4, 100, 39])
    """

    def __init__(
        self,
        vocab_size: int,
        hidden_dim: int = 72,
        layers: int = 3,
        heads: int = 4,
        context: int = 250,
        *,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_positive_integers(
            vocab_size=vocab_size,
            hidden_dim=hidden_dim,
            layers=layers,
            heads=heads,
            context=context,
        )
        if hidden_dim % (2 * heads):
            raise ValueError(
                f"`hidden_dim` must be a multiple of 2 * `heads` = {2 * heads}, got {hidden_dim}"
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"`dropout` must be from 0 to below 1, got {dropout}")
        self.vocab_size = int(vocab_size)
        self.embedding = nn.Embedding(vocab_size, hidden_dim)  # standard normal: smaller, and
        # the blocks would drown what the last character was
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            _Block(hidden_dim, heads, context, dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(hidden_dim)
        self.head = prediction_head(hidden_dim, vocab_size)

    def forward(self, tokens: Tensor) -> Tensor:
        """Give logits (B, T, V) of the next character after each of the tokens (B, T)."""
        check_tokens(tokens, "(B, T)", 2)
        position = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.dropout(self.embedding(tokens))  # (B, T, H)
        for block in self.blocks:
            x, _ = block(x, position)
        return self.head(self.norm(x))  # type: ignore[no-any-return]

    def attention_weights(self, tokens: Tensor) -> Tensor:
        """Give how much each place takes from each, (L, B, heads, T, T), for tokens (B, T).

        There are L layers. Row t of a (T, T) matrix has the weights of place t. They sum to one,
        and are zero for what comes after t and for what is further back than the context.
        """
        check_tokens(tokens, "(B, T)", 2)
        position = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.dropout(self.embedding(tokens))  # (B, T, H)
        weights = []
        for block in list[Any](self.blocks):
            weights.append(block.weights(x, position))
            x, _ = block(x, position)
        return torch.stack(weights)

    def step(self, token: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Give logits (B, V) after one more token (B,), and the new state; `state` is not changed.

        The state holds how many tokens were read, and the keys and values of the last ones.
        """
        check_tokens(token, "(B,)", 1)
        if state is None:
            state = (torch.zeros_like(token), *[None] * len(self.blocks))
        read, *pasts = state
        x = self.dropout(self.embedding(token[:, None]))  # (B, 1, H)
        after = []
        for block, past in zip(self.blocks, pasts, strict=True):
            x, past = block(x, read[:, None, None], past)
            after.append(past)
        return self.head(self.norm(x[:, 0])), (read + 1, *after)


class _Block(nn.Module):
    def __init__(self, hidden_dim: int, heads: int, context: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.context = heads, context
        self.norms = nn.ModuleList(nn.LayerNorm(hidden_dim) for _ in range(2))
        self.query_key_value = nn.Linear(hidden_dim, 3 * hidden_dim)
        self.out = nn.Linear(hidden_dim, hidden_dim)
        self.hidden = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )
        self.dropout = nn.Dropout(dropout)
        for part in self.modules():
            if isinstance(part, nn.Linear):
                nn.init.xavier_uniform_(part.weight)
                nn.init.zeros_(part.bias)

    def forward(
        self, x: Tensor, position: Tensor, past: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        query, key, value = self._projected(x, position)
        if past is not None:
            key = torch.cat([past[0], key], dim=2)[:, :, -self.context :]
            value = torch.cat([past[1], value], dim=2)[:, :, -self.context :]
        length = query.shape[2]
        attended = scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=self._window(length, x.device) if length > self.context else None,
            # one step looks at every key that was kept; a short row needs no window
            is_causal=1 < length <= self.context,
        )
        x = x + self.dropout(self.out(attended.transpose(1, 2).flatten(2)))
        x = x + self.dropout(self.hidden(self.norms[1](x)))
        return x, (key, value)

    def weights(self, x: Tensor, position: Tensor) -> Tensor:
        """Give the weights (B, heads, T, T) by which `forward` takes the mean of the values."""
        query, key, _ = self._projected(x, position)
        scores: Tensor = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
        allowed = self._window(x.shape[1], x.device)
        return scores.masked_fill(~allowed, -torch.inf).softmax(dim=-1)

    def _projected(self, x: Tensor, position: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give queries, keys and values, (B, heads, T, H / heads) each, the first two turned."""
        projected = self.query_key_value(self.norms[0](x)).chunk(3, dim=-1)  # 3 times (B, T, H)
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in projected
        )
        return _rotate(query, position), _rotate(key, position), value

    def _window(self, length: int, device: torch.device) -> Tensor:
        """Tell which keys (columns) a query (row) may look at: itself and the last before it."""
        allowed = torch.ones(length, length, dtype=torch.bool, device=device)
        return allowed.tril().triu(1 - self.context)


def _rotate(x: Tensor, position: Tensor) -> Tensor:
    """Turn each pair of numbers by an angle that grows with the position.

    Then a query and a key meet at an angle that depends on how far apart they are.
    """
    half = x.shape[-1] // 2
    speed = ROTARY_BASE ** (-torch.arange(half, device=x.device) / half)
    angle = position[..., None] * speed  # (..., T, half)
    first, second = x.chunk(2, dim=-1)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)

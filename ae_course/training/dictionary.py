"""The training of a sparse autoencoder on states."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ae_course.training.schedule import one_cycle
from ae_course.utils.validation import check_positive_integers


def fit_dictionary(
    dictionary: Any,
    states: Tensor,
    *,
    epochs: int = 3,
    batch_size: int = 512,
    lr: float = 0.003,
    revive: bool = False,
    generator: torch.Generator | None = None,
) -> Any:
    """Train a dictionary to redraw states, by the mean squared error over N and H.

    Adam with one cycle of the rate. After each step the directions are brought back to length one.

    Parameters
    ----------
    dictionary : SparseDictionary
        Trained in place. Any module with its parts will do.
    states : Tensor of shape (N, H)
        On the dictionary's device, at least `batch_size`; what is left over waits for the next
        epoch.
    epochs : int, default=3
    batch_size : int, default=512
    lr : float, default=0.003
        The highest rate.
    revive : bool, default=False
        After each epoch but the last, give the features that were silent in it a direction that
        the dictionary misses in some state.
    generator : torch.Generator, optional
        What orders the states; by default PyTorch's global generator.

    Returns
    -------
    SparseDictionary
        The same, its weights no longer to be trained.

    Raises
    ------
    ValueError
        If there are fewer states than `batch_size`, or a count is not a positive integer.
    """
    check_positive_integers(epochs=epochs, batch_size=batch_size)
    steps = len(states) // batch_size
    if steps == 0:
        raise ValueError(f"`states` must be at least {batch_size}, got {len(states)}")
    optimizer = torch.optim.Adam(dictionary.parameters(), lr=lr)
    schedule = one_cycle(optimizer, epochs * steps)
    for epoch in range(epochs):
        silent = torch.ones(len(dictionary.words), dtype=torch.bool, device=states.device)
        order = torch.randperm(len(states), generator=generator)[: steps * batch_size]
        for pick in order.view(-1, batch_size):
            code = dictionary.encode(states[pick])
            silent &= (code == 0).all(dim=0)
            loss = (dictionary.decode(code) - states[pick]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                dictionary.words.copy_(normalize(dictionary.words))
        if revive and epoch + 1 < epochs:
            _revive(dictionary, states, silent, generator)
    return dictionary.requires_grad_(False)


@torch.no_grad()
def _revive(
    dictionary: Any, states: Tensor, silent: Tensor, generator: torch.Generator | None
) -> None:
    pick = torch.randint(len(states), (int(silent.sum()),), generator=generator)
    missed = normalize(states[pick] - dictionary(states[pick]))
    dictionary.words[silent] = missed
    dictionary.listen[silent] = missed
    dictionary.bias[silent] = 0

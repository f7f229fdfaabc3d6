"""One character at a time in numpy: a network this small spends its time on calls, not on sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ae_course.models.recurrent import AutoRegressive, State

Array = NDArray[Any]  # float32 throughout
Step = Callable[[Tensor, State | None], tuple[Tensor, State]]
Pair = tuple[Array, Array]  # h and the LSTM's memory c (elsewhere unused), both of shape (H,)


class Affine(NamedTuple):
    """``weight @ x + bias``."""

    weight: Array  # (out, in)
    bias: Array  # (out,)


class StepWeights(NamedTuple):
    """An :class:`AutoRegressive` as a single step needs it, G gates a layer, L layers.

    What the first layer makes of each character is a table, and the scales and shifts of the
    layer norms have moved into the weights that follow them. The numbers stay the same.
    """

    cell: str
    input_gates: Array  # (V, G * H): what each character adds to the first layer's gates
    recurrent: list[Affine]  # L of (G * H, H): from h, the state before
    input_weights: list[Affine]  # L of (G * H, H), the last (H // 2, H): from the normalised h
    slope: float  # of the head's LeakyReLU
    scores: Affine  # (V, H // 2)
    epsilon: float  # of every layer norm


def step_weights(model: AutoRegressive) -> StepWeights:
    """Copy the weights of `model` to the CPU."""
    layers: list[Any] = list(model.recurrent)
    norms: list[Any] = list(model.norms)
    hidden, activation, norm, output = list[Any](model.head)
    first = layers[0]
    table = _array(model.embedding.weight) @ _array(first.weight_ih_l0).T
    following = [(layer.weight_ih_l0, layer.bias_ih_l0) for layer in layers[1:]]
    following.append((hidden.weight, hidden.bias))
    return StepWeights(
        cell=model.cell,
        input_gates=table + _array(first.bias_ih_l0),
        recurrent=[Affine(_array(r.weight_hh_l0), _array(r.bias_hh_l0)) for r in layers],
        input_weights=[
            after_norm(before, *affine) for before, affine in zip(norms, following, strict=True)
        ],
        slope=activation.negative_slope,
        scores=after_norm(norm, output.weight, output.bias),
        epsilon=norm.eps,
    )


def single_step(model: AutoRegressive) -> Step:
    """``model.step`` for one text, outside training, on the CPU: the same numbers, sooner.

    A call of a PyTorch function takes a microsecond or two, whatever it computes, and a step makes
    some forty of them. numpy's calls are shorter, and :func:`step_weights` saves some.

    Parameters
    ----------
    model : AutoRegressive
        In float32. Its weights are copied, so later training does not change the step.

    Returns
    -------
    callable
        From a token (1,) and the state (None at the beginning) to logits (1, V) and the new
        state, which is of another form than ``model.step``'s. It does not change the state.
    """
    weights = step_weights(model)
    cell = {"gru": _gru, "lstm": _lstm, "rnn": _rnn}[weights.cell]
    hidden, slope, epsilon = model.hidden_dim, weights.slope, weights.epsilon

    def step(token: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        if state is None:
            zero = np.zeros(hidden, np.float32)
            state = ((zero, zero),) * len(weights.recurrent)
        gates, after = weights.input_gates[int(token)], []
        for before, recurrent, following in zip(
            state, weights.recurrent, weights.input_weights, strict=True
        ):
            new = cell(gates, before, recurrent.weight @ before[0] + recurrent.bias, hidden)
            gates = following.weight @ _normalised(new[0], epsilon) + following.bias
            after.append(new)
        x = np.maximum(gates, slope * gates)
        logits = weights.scores.weight @ _normalised(x, epsilon) + weights.scores.bias
        return torch.from_numpy(logits)[None], tuple(after)

    return step


# In PyTorch's order of the gates: see torch.nn.GRU and torch.nn.LSTM.


def _gru(input_gates: Array, state: Pair, hidden_gates: Array, hidden: int) -> Pair:
    gates = _sigmoid(input_gates[: 2 * hidden] + hidden_gates[: 2 * hidden])  # reset and update
    new = np.tanh(input_gates[2 * hidden :] + gates[:hidden] * hidden_gates[2 * hidden :])
    return new + gates[hidden:] * (state[0] - new), state[1]


def _lstm(input_gates: Array, state: Pair, hidden_gates: Array, hidden: int) -> Pair:
    gates = input_gates + hidden_gates  # input, forget, cell, output
    new = np.tanh(gates[2 * hidden : 3 * hidden])
    gates = _sigmoid(gates)
    c = gates[hidden : 2 * hidden] * state[1] + gates[:hidden] * new
    return gates[3 * hidden :] * np.tanh(c), c


def _rnn(input_gates: Array, state: Pair, hidden_gates: Array, hidden: int) -> Pair:
    return np.tanh(input_gates + hidden_gates), state[1]


def _sigmoid(x: Array) -> Array:
    half: Array = np.tanh(0.5 * x)  # never overflows, as exp would
    return 0.5 * half + 0.5


def _normalised(x: Array, epsilon: float) -> Array:
    x = x - x.sum() / len(x)
    normalised: Array = x / np.sqrt(x @ x / len(x) + epsilon, dtype=np.float32)
    return normalised


def after_norm(norm: Any, weight: Any, bias: Any) -> Affine:
    """Give a linear layer behind a layer norm, with the norm's scale and shift moved into it."""
    scale, shift, matrix = _array(norm.weight), _array(norm.bias), _array(weight)
    return Affine(np.ascontiguousarray(matrix * scale), matrix @ shift + _array(bias))


def _array(parameter: Any) -> Array:
    array: Array = parameter.detach().cpu().numpy().copy()
    return array

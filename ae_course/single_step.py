"""One character at a time in numpy: a network this small spends its time on calls, not on sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ae_course.autoregressive import AutoRegressive, State

Array = NDArray[Any]  # float32 throughout
Step = Callable[[Tensor, State | None], tuple[Tensor, State]]
Affine = tuple[Array, Array]  # weight (out, in) and bias (out,)


def single_step(model: AutoRegressive) -> Step:
    """``model.step`` for one text, outside training, on the CPU: the same numbers, sooner.

    A call of a PyTorch function takes a microsecond or two, whatever it computes, and a step makes
    some forty of them. numpy's calls are shorter, and two things are computed beforehand: what
    the first layer makes of each character, and the scales and shifts of the layer norms, which
    move into the weights that follow them.

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
    cell = {"gru": _gru, "lstm": _lstm, "rnn": _rnn}[model.cell]
    first: Any = model.recurrent[0]
    letters = _array(model.embedding.weight) @ _array(first.weight_ih_l0).T + _array(
        first.bias_ih_l0
    )  # (V, gates * H)
    inward: list[Affine] = []  # from each layer's normalised output into what follows
    layers: list[Any] = list(model.recurrent)
    narrow, activation, norm, out = list[Any](model.head)
    for recurrent, before in zip(layers[1:], model.norms, strict=False):
        inward.append(_after_norm(before, recurrent.weight_ih_l0, recurrent.bias_ih_l0))
    inward.append(_after_norm(model.norms[-1], narrow.weight, narrow.bias))
    recurrent_weights = [(_array(layer.weight_hh_l0), _array(layer.bias_hh_l0)) for layer in layers]
    scores_weight, scores_bias = _after_norm(norm, out.weight, out.bias)
    slope, hidden = activation.negative_slope, model.hidden_dim
    epsilons = [layer.eps for layer in list[Any](model.norms)]

    def step(token: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        if state is None:
            zero = np.zeros(hidden, np.float32)
            state = ((zero, zero),) * len(recurrent_weights)
        gates, after = letters[int(token)], []
        for before, (weight, bias), (inner, shift), epsilon in zip(
            state, recurrent_weights, inward, epsilons, strict=True
        ):
            new = cell(gates, before, weight, bias, hidden)
            gates = inner @ _normalised(new[0], epsilon) + shift
            after.append(new)
        x = np.maximum(gates, slope * gates)
        logits = scores_weight @ _normalised(x, norm.eps) + scores_bias
        return torch.from_numpy(logits)[None], tuple(after)

    return step


Pair = tuple[Array, Array]  # h and the LSTM's memory c (elsewhere unused), both of shape (H,)


def _gru(inputs: Array, state: Pair, weight: Array, bias: Array, hidden: int) -> Pair:
    h = state[0]
    back = weight @ h + bias
    gates = _sigmoid(inputs[: 2 * hidden] + back[: 2 * hidden])  # reset and update
    new = np.tanh(inputs[2 * hidden :] + gates[:hidden] * back[2 * hidden :])
    return new + gates[hidden:] * (h - new), h


def _lstm(inputs: Array, state: Pair, weight: Array, bias: Array, hidden: int) -> Pair:
    h, c = state
    gates = weight @ h + bias + inputs  # input, forget, cell, output
    new = np.tanh(gates[2 * hidden : 3 * hidden])
    gates = _sigmoid(gates)
    c = gates[hidden : 2 * hidden] * c + gates[:hidden] * new
    return gates[3 * hidden :] * np.tanh(c), c


def _rnn(inputs: Array, state: Pair, weight: Array, bias: Array, hidden: int) -> Pair:
    h = np.tanh(weight @ state[0] + bias + inputs)
    return h, h


def _sigmoid(x: Array) -> Array:
    half: Array = np.tanh(0.5 * x)  # never overflows, as exp would
    return 0.5 * half + 0.5


def _normalised(x: Array, epsilon: float) -> Array:
    x = x - x.sum() / len(x)
    normalised: Array = x / np.sqrt(x @ x / len(x) + epsilon, dtype=np.float32)
    return normalised


def _after_norm(norm: Any, weight: Any, bias: Any) -> Affine:
    scale, shift, matrix = _array(norm.weight), _array(norm.bias), _array(weight)
    return np.ascontiguousarray(matrix * scale), matrix @ shift + _array(bias)


def _array(parameter: Any) -> Array:
    array: Array = parameter.detach().numpy().copy()
    return array

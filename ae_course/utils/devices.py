"""The device to compute on, and whether it is fast in half the precision."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

ENVIRONMENT_VARIABLE = "AE_COURSE_DEVICE"
CPU_FLAGS = Path("/proc/cpuinfo")  # PyTorch has no public way to ask; not Linux means no


def resolve_device(device: torch.device | str | None = None) -> torch.device:
    """Give the device asked for, else ``$AE_COURSE_DEVICE``, else the best here: cuda, mps, cpu.

    Parameters
    ----------
    device : torch.device or str, optional

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        If the device asked for is unknown or not available on this machine.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    names = [name for name, here in available.items() if here]
    asked = "`device`"
    if device is None:
        device, asked = os.environ.get(ENVIRONMENT_VARIABLE), ENVIRONMENT_VARIABLE
        if not device:
            return torch.device(names[0])
    try:
        resolved = torch.device(device)
    except (RuntimeError, TypeError):
        raise ValueError(
            f"{asked} must be one of {names} on this machine, got {device!r}"
        ) from None
    if resolved.type not in names or (
        resolved.type == "cuda" and (resolved.index or 0) >= torch.cuda.device_count()
    ):
        raise ValueError(f"{asked} must be one of {names} on this machine, got '{resolved}'")
    return resolved


def fast_bfloat16(device: torch.device | str | None = None) -> bool:
    """Tell whether a device has instructions for matrix products in bfloat16.

    Where it has none they are imitated, which is slower than float32.

    Parameters
    ----------
    device : torch.device or str, optional
        By default the best of this machine: see :func:`resolve_device`.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If the device is unknown or not available on this machine.
    """
    resolved = resolve_device(device)
    if resolved.type == "cuda":  # from compute capability 8.0 (Ampere); a T4 has 7.5
        return torch.cuda.get_device_capability(resolved) >= (8, 0)
    if resolved.type != "cpu" or not CPU_FLAGS.exists():
        return False
    flags = CPU_FLAGS.read_text(encoding="utf-8", errors="replace")
    return "avx512_bf16" in flags or "amx_bf16" in flags


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Enter evaluation mode, without gradients; afterwards every part has the mode it had."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def device_of(model: nn.Module) -> torch.device:
    """Tell where a model computes: the device of its first parameter or buffer, else the CPU.

    Parameters
    ----------
    model : nn.Module

    Returns
    -------
    torch.device
    """
    for tensor in (*model.parameters(), *model.buffers()):
        return tensor.device
    return torch.device("cpu")  # nothing to compute with: any device serves

"""Save and restore a training run: tensors as safetensors, the rest as a small JSON file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch
from safetensors.torch import load, save_file
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


@dataclass(frozen=True)
class Checkpoint:
    """Everything that the next epoch depends on.

    The JSON file at `path` names the tensors' file beside it, and is replaced in one step once
    that file is complete. So whatever interrupts a save, the JSON file describes a whole one.
    """

    path: Path
    model: nn.Module
    optimizer: Optimizer
    scheduler: LRScheduler | None
    generator: torch.Generator | None  # what draws the order of the batches

    def save(self, history: Sequence[Mapping[str, Any]]) -> None:
        """Write the state after the last epoch of `history`, then remove the one before.

        Raises
        ------
        OSError
            If the files cannot be written; an earlier checkpoint stays as it was.
        """
        state = self.optimizer.state_dict()
        # a tied weight is stored under each of its names, so any layout of the model can be loaded
        tensors = {f"model.{k}": v.detach().clone() for k, v in self.model.state_dict().items()}
        tensors |= {f"random.{k}": v for k, v in self._random_state().items()}
        settings: dict[str, dict[str, Any]] = {}
        for index, slots in state["state"].items():
            for name, value in slots.items():
                if isinstance(value, Tensor):
                    tensors[f"optimizer.{index}.{name}"] = value.detach().clone()
                else:
                    settings.setdefault(str(index), {})[name] = value
        # a name of its own, so that no save can touch the tensors of the one before
        target = self.path.with_name(f"{self.path.stem}-{uuid4().hex[:12]}.safetensors")
        before = self.tensor_file()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        record = {
            "tensors": target.name,
            "history": list(history),
            "param_groups": state["param_groups"],
            "optimizer": settings,
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        }
        text = json.dumps(record, indent=1)
        _replace(target, lambda temporary: save_file(_contiguous(tensors), temporary))
        _replace(self.path, lambda temporary: temporary.write_text(text))
        if before is not None:
            before.unlink(missing_ok=True)

    def load(self) -> list[dict[str, Any]]:
        """Restore model, optimizer, scheduler and random state; return the history so far.

        Raises
        ------
        ValueError
            If a file is damaged, or does not fit the model.
        """
        record = self._read()
        self._check_schedule(record["scheduler"])
        try:
            # read whole: a mapped file could not be replaced on Windows
            tensors = load(self.path.with_name(record["tensors"]).read_bytes())
        except Exception as error:  # safetensors raises its own type, from Rust
            raise ValueError(
                f"'{self.path.with_name(record['tensors'])}' must be the tensors of the checkpoint "
                f"'{self.path}', found a missing or damaged file ({error})"
            ) from error
        parts: dict[str, dict[str, Tensor]] = {"model": {}, "random": {}, "optimizer": {}}
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = tensor
        expected = {name: tuple(value.shape) for name, value in self.model.state_dict().items()}
        found = {name: tuple(value.shape) for name, value in parts["model"].items()}
        if expected != found:
            differing = sorted(
                name
                for name in expected.keys() | found.keys()
                if expected.get(name) != found.get(name)
            )
            raise ValueError(
                f"'{self.path}' must hold this model; it differs in {', '.join(differing[:3])}: "
                f"expected {expected.get(differing[0])}, found {found.get(differing[0])}"
            )
        self.model.load_state_dict(parts["model"])
        slots: dict[int, dict[str, Any]] = {int(k): dict(v) for k, v in record["optimizer"].items()}
        for name, tensor in parts["optimizer"].items():
            index, _, slot = name.partition(".")
            slots.setdefault(int(index), {})[slot] = tensor
        self.optimizer.load_state_dict({"state": slots, "param_groups": record["param_groups"]})
        if self.scheduler is not None:
            self.scheduler.load_state_dict(record["scheduler"])
        self._restore_random_state(parts["random"])
        history: list[dict[str, Any]] = record["history"]
        return history

    def _read(self) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads(self.path.read_text())
            missing = {"tensors", "history", "param_groups", "optimizer", "scheduler"} - set(record)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"'{self.path}' must be a checkpoint in JSON, found a damaged file ({error})"
            ) from error
        if missing:
            raise ValueError(
                f"'{self.path}' must be a checkpoint, found no {sorted(missing)} in it"
            )
        return record

    def tensor_file(self) -> Path | None:
        """The file with the tensors of the last save, if there was one.

        Raises
        ------
        ValueError
            If the file at `path` is no checkpoint.
        """
        return self.path.with_name(self._read()["tensors"]) if self.path.exists() else None

    def _check_schedule(self, saved: dict[str, Any] | None) -> None:
        present = None if self.scheduler is None else self.scheduler.state_dict()
        lengths = [None if s is None else s.get("total_steps") for s in (saved, present)]
        if (saved is None) != (present is None) or lengths[0] != lengths[1]:
            told = [
                "no schedule" if s is None else f"a schedule over {length or 'any number of'} steps"
                for s, length in zip((saved, present), lengths, strict=True)
            ]
            raise ValueError(
                f"'{self.path}' must be resumed with the schedule and the epochs it was made for: "
                f"it has {told[0]}, this run {told[1]}"
            )

    def _random_state(self) -> dict[str, Tensor]:
        state = {"cpu": torch.get_rng_state()}
        if torch.cuda.is_available():
            state |= {f"cuda:{i}": s for i, s in enumerate(torch.cuda.get_rng_state_all())}
        if torch.backends.mps.is_available():
            state["mps"] = torch.mps.get_rng_state()
        if self.generator is not None:
            state["batches"] = self.generator.get_state()
        return state

    def _restore_random_state(self, state: Mapping[str, Tensor]) -> None:
        torch.set_rng_state(state["cpu"])
        for name in state:
            if name.startswith("cuda:") and int(name[5:]) < torch.cuda.device_count():
                torch.cuda.set_rng_state(state[name], name)
        if "mps" in state and torch.backends.mps.is_available():
            torch.mps.set_rng_state(state["mps"])
        if "batches" in state and self.generator is not None:
            self.generator.set_state(state["batches"])


def _replace(path: Path, write: Callable[[Path], Any]) -> None:
    """Write under a temporary name, then rename."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in tensors.items()}

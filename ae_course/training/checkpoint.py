"""Save and restore a training run: tensors as safetensors, the rest as a small JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch
from safetensors.torch import load, save_file
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from ae_course.training.distributed import gather, world
from ae_course.utils.devices import device_of
from ae_course.utils.files import write_atomically

COMPILED = "_orig_mod"  # torch.compile puts a module under this name in another


@dataclass(frozen=True)
class Checkpoint:
    """Everything that the next epoch depends on.

    The JSON file at `path` names the tensors' file beside it, and is replaced in one step once
    that file is complete. So whatever interrupts a save, the JSON file describes a whole one.
    Weights go by the names of the plain model, whether it is compiled or runs in several processes.
    """

    path: Path
    model: nn.Module
    optimizer: Optimizer
    scheduler: LRScheduler | None
    generator: torch.Generator | None  # what draws the order of the batches

    def save(self, history: Sequence[Mapping[str, Any]]) -> None:
        """Write the state after the last epoch of `history`, then remove the one before.

        Where several processes train, each must call this, and the first alone writes.

        Raises
        ------
        OSError
            If the files cannot be written; an earlier checkpoint stays as it was.
        """
        tensors = {f"random.{k}": v for k, v in self._random_state().items()}
        if world().rank > 0:
            return
        # a tied weight is stored under each of its names, so any layout of the model can be loaded
        tensors |= {f"model.{k}": v.detach().clone() for k, v, _ in self._weights()}
        state = self.optimizer.state_dict()
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
        record = {
            "tensors": target.name,
            "history": list(history),
            "param_groups": state["param_groups"],
            "optimizer": settings,
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        }
        text = json.dumps(record, indent=1, default=_number)
        write_atomically(target, lambda path: save_file(_contiguous(tensors), path))
        write_atomically(self.path, lambda path: path.write_text(text))
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
        parts = self._read_tensors(record["tensors"])
        self._check_weights(parts["model"])
        own = {actual: parts["model"][name] for name, _, actual in self._weights()}
        self.model.load_state_dict(own)
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

    def _weights(self) -> Iterator[tuple[str, Tensor, str]]:
        """Yield names in the plain model, values, and names in the model as it is wrapped."""
        inner = {
            f"{name}.module".lstrip(".")
            for name, part in self.model.named_modules()
            if isinstance(part, DistributedDataParallel | nn.DataParallel)
        }
        for actual, value in self.model.state_dict().items():
            parts = actual.split(".")
            paths = [".".join(parts[: place + 1]) for place in range(len(parts))]
            kept = [
                part
                for part, path in zip(parts, paths, strict=True)
                if part != COMPILED and path not in inner
            ]
            yield ".".join(kept), value, actual

    def _check_weights(self, saved: Mapping[str, Tensor]) -> None:
        expected = {name: tuple(value.shape) for name, value, _ in self._weights()}
        found = {name: tuple(value.shape) for name, value in saved.items()}
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

    def _read_tensors(self, name: str) -> dict[str, dict[str, Tensor]]:
        """Read the tensors of a file, by what they belong to."""
        path = self.path.with_name(name)
        try:
            tensors = load(path.read_bytes())  # whole: Windows replaces no file that is mapped
        except Exception as error:  # safetensors raises its own type, from Rust
            raise ValueError(
                f"'{path}' must be the tensors of the checkpoint '{self.path}', found a missing or "
                f"damaged file ({error})"
            ) from error
        parts: dict[str, dict[str, Tensor]] = {"model": {}, "random": {}, "optimizer": {}}
        for key, tensor in tensors.items():
            part, _, rest = key.partition(".")
            parts[part][rest] = tensor
        return parts

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
        """Find the file with the tensors of the last save, if there was one.

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
        """Collect the states of the global generators, in each process, and of the batches' own."""
        state = {"cpu": torch.get_rng_state()}
        device = device_of(self.model)
        if device.type == "cuda":
            state["cuda"] = torch.cuda.get_rng_state(device)
        if device.type == "mps":
            state["mps"] = torch.mps.get_rng_state()
        everybody = {
            f"{rank}.{name}": own
            for name, value in state.items()
            for rank, own in enumerate(gather(value))
        }
        if self.generator is not None:
            everybody["batches"] = self.generator.get_state()
        return everybody

    def _restore_random_state(self, state: Mapping[str, Tensor]) -> None:
        rank, device = world().rank, device_of(self.model)
        if f"{rank}.cpu" in state:  # it may have been made by fewer processes
            torch.set_rng_state(state[f"{rank}.cpu"])
        if f"{rank}.cuda" in state and device.type == "cuda":
            torch.cuda.set_rng_state(state[f"{rank}.cuda"], device)
        if f"{rank}.mps" in state and device.type == "mps":
            torch.mps.set_rng_state(state[f"{rank}.mps"])
        if "batches" in state and self.generator is not None:
            self.generator.set_state(state["batches"])


def _number(value: Any) -> Any:
    """Give a number for JSON: a learning rate may be a tensor."""
    if isinstance(value, Tensor) and value.numel() == 1:
        return value.item()
    raise TypeError(f"a checkpoint must hold numbers and text, got {type(value).__name__}")


def _contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in tensors.items()}

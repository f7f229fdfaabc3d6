"""What an error report should say about the machine: ``python -m ae_course.report``.

Versions, device, data and mode; no name, no path, nothing personal.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = (
    "ae-course",
    "torch",
    "torchvision",
    "numpy",
    "pandas",
    "scikit-learn",
    "matplotlib",
    "seaborn",
    "ipywidgets",
    "ipython",
    "nbval",
    "jupyter-book",
)
MISSING = "not installed"


def report() -> str:
    """One line a fact, each ``name: value``.

    Returns
    -------
    str
    """
    from ae_course.claims import fast_mode
    from ae_course.data.files import ENVIRONMENT_VARIABLE, data_folder
    from ae_course.data.image_sets import IMAGE_SETS
    from ae_course.utils.devices import fast_bfloat16, resolve_device

    facts = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        **{name: _version(name) for name in PACKAGES},
    }
    try:
        device = resolve_device()
        facts["device"] = f"{device}, bfloat16 products: {'yes' if fast_bfloat16() else 'no'}"
    except ValueError as error:
        facts["device"] = f"none ({error})"
    try:
        folder, origin = data_folder()
        files = (*IMAGE_SETS["mnist"].train, *IMAGE_SETS["mnist"].test)
        found = sum((folder / file.path).is_file() for file in files)
        facts["data"] = f"{origin}, with {found} of {len(files)} files of MNIST"
    except FileNotFoundError:
        facts["data"] = f"the folder that {ENVIRONMENT_VARIABLE} names does not exist"
    try:
        facts["fast mode"] = "yes" if fast_mode() else "no"
    except ValueError as error:
        facts["fast mode"] = str(error)
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


def provenance() -> dict[str, Any]:
    """What a run computed with, so far: stored with the outputs of each notebook.

    Returns
    -------
    dict
        ``date`` (ISO, UTC), ``device``, ``threads`` of the CPU, ``memory`` (MB, the most that this
        process ever held; None where the system does not say), and ``versions`` by package.
    """
    import torch

    from ae_course.utils.devices import resolve_device

    device = resolve_device()
    is_cuda = device.type == "cuda"
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "device": torch.cuda.get_device_name(device) if is_cuda else str(device),
        "threads": torch.get_num_threads(),
        "memory": _peak_memory(),
        "versions": {"python": platform.python_version()}
        | {name: found for name in PACKAGES if (found := _version(name)) != MISSING},
    }


def _peak_memory() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e6 if sys.platform == "darwin" else 1e6 / 1024))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return MISSING


if __name__ == "__main__":
    print(report())

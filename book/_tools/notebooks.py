"""Run the book's notebooks in full and store their outputs in one normal form.

    python book/_tools/notebooks.py run book/12-pca.ipynb ...
    python book/_tools/notebooks.py normalize book/12-pca.ipynb ...
    python book/_tools/notebooks.py refresh book/12-pca.ipynb ...
    python book/_tools/notebooks.py seeds [--fast] [--offsets 100 200] book/12-pca.ipynb ...

The normal form keeps differences small: no timings, no stderr, no residue of progress bars, the
same metadata everywhere. `run` also writes down which code the outputs came from, and what they
were made with: date, device, versions, time and memory. A test compares the code with what is
there now; the book's page *Status* shows the rest. `refresh` puts the present scripts of the
interactive figures into stored outputs, whose weights stay those of the stored run, and draws the
diagrams again. `seeds` runs a notebook again with a number added to each of its seeds, and says
which of its claims do not hold then. Its outputs stay; where all claims hold in a full run, the
number joins the record.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import sys
import time
from itertools import accumulate
from pathlib import Path
from typing import Any

import nbformat

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = {
    "tags",
    "mystnb",
    "nbgrader",
}  # what we write by hand; everything else comes from a program
HTML = "text/html"
PNG = "image/png"
LAB = "lab"  # the tag of a cell with sliders
DIAGRAM = "ae.diagrams."  # how a cell begins that draws one, and does nothing else
WIDGET = "application/vnd.jupyter.widget-view+json"
SHIFTED = """import numpy, torch

class Generator(torch.Generator):
    def manual_seed(self, seed):
        return super().manual_seed(seed + {offset})

manual_seed, default_rng = torch.manual_seed, numpy.random.default_rng
torch.manual_seed = lambda seed: manual_seed(seed + {offset})
numpy.random.default_rng = lambda seed=None: default_rng(
    seed + {offset} if isinstance(seed, int) else seed  # scikit-learn hands over generators
)
torch.Generator = Generator
"""
# pictures for screens with two pixels to the point
SHARP = "import matplotlib_inline.backend_inline as inline; inline.set_matplotlib_formats('retina')"
RECORD = "import json; from ae_course.report import provenance; print(json.dumps(provenance()))"


def digest(notebook: Any) -> str:
    """A fingerprint of all code cells, in their order, but for the setup and the diagrams.

    The setup cell is the same everywhere and holds the repository's address, which may change
    without a new run. A diagram depends on no other cell, nor any on it. And what a fast run takes
    in the place of a full one changes no full run.
    """
    code = [
        in_full(cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code"
        and "AE_COURSE_SOURCE" not in cell.source
        and not cell.source.startswith(DIAGRAM)
    ]
    return hashlib.sha256(json.dumps(code).encode()).hexdigest()


def in_full(code: str) -> str:
    """Leave out what `full_or_fast(full, fast)` gives to a fast run."""
    text = code.encode()  # the parser counts bytes
    if b"full_or_fast" not in text:
        return code
    begins = list(accumulate(map(len, text.splitlines(keepends=True)), initial=0))

    def place(line: int | None, column: int | None) -> int:
        return begins[(line or 1) - 1] + (column or 0)

    spans = [
        (place(fast.lineno, fast.col_offset), place(fast.end_lineno, fast.end_col_offset))
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "ae.full_or_fast"
        for fast in call.args[1:]
    ]
    for begin, end in sorted(spans, reverse=True):
        text = text[:begin] + text[end:]
    return text.decode()


def normalize(notebook: Any) -> Any:
    """The notebook in its normal form; changing it twice changes nothing."""
    run = notebook.metadata.get("ae_course")
    notebook.metadata = nbformat.from_dict(KERNEL | ({"ae_course": run} if run else {}))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: set[str] = set()
    count = 0
    for number, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in sorted(CELL_METADATA & set(cell.metadata))}
        )
        if not cell.get("id") or cell.id in seen:
            cell.id = hashlib.sha256(f"{number}{cell.source}".encode()).hexdigest()[:8]
        seen.add(cell.id)
        if cell.cell_type == "code":
            count += 1
            # in order, since every stored run is one from top to bottom; nbval needs the number
            cell.execution_count = count if run else None
            cell.outputs = [_normal_output(out, cell) for out in cell.outputs if _is_kept(out)]
    return notebook


def _is_kept(output: Any) -> bool:
    if output.output_type == "stream":
        return bool(output.name != "stderr")
    return WIDGET not in output.get("data", {})


def _normal_output(output: Any, cell: Any) -> Any:
    if output.output_type in ("display_data", "execute_result"):
        # how large a picture is meant to be seen, if it has more pixels than that
        size = output.metadata.get(PNG)
        output.metadata = {PNG: size} if size else {}
    if output.output_type == "execute_result":
        output.execution_count = cell.execution_count
    return output


def execute(notebook: Any, folder: Path, **options: Any) -> None:
    """Run all cells, in a folder. A lab keeps complaints alone: its still is the cell above."""
    from nbclient import NotebookClient

    client = NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **options)
    # nbclient plays the browser for widgets that show output, and answers them on the channel on
    # which it waits for the kernel: now and then it misses the kernel's reply and waits for ever
    client.widget_registry.clear()
    client.execute()
    for cell in notebook.cells:
        if LAB in cell.metadata.get("tags", []):
            cell.outputs = [
                output
                for output in cell.outputs
                if output.output_type == "error" or output.get("name") == "stderr"
            ]


def run(path: Path, timeout: int = 900) -> float:
    """Execute a notebook in full, in its folder, and store it; returns the seconds it took.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails; the file then stays as it was.
    RuntimeError
        If a cell writes to stderr, a warning usually; likewise.
    """
    from nbformat.v4 import new_code_cell

    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    notebook.cells.insert(0, new_code_cell(SHARP))
    notebook.cells.append(new_code_cell(RECORD))  # the kernel itself says what it computed with
    started = time.perf_counter()
    execute(notebook, path.parent, timeout=timeout)
    seconds = time.perf_counter() - started
    made_with = json.loads(notebook.cells.pop().outputs[0].text)
    notebook.cells.pop(0)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise RuntimeError(f"{path}: a cell warned, mend it:\n{cell.source}\n{output.text}")
    notebook.metadata["ae_course"] = {
        "mode": "full",
        "digest": digest(notebook),
        "seconds": round(seconds),
        **made_with,
    }
    write(normalize(notebook), path)
    return seconds


def failures(path: Path, offset: int, timeout: int = 3600) -> list[str]:
    """What a notebook's cells raise if `offset` is added to all its seeds: its claims, usually."""
    from nbformat.v4 import new_code_cell

    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, new_code_cell(SHIFTED.format(offset=offset)))
    execute(notebook, path.parent, timeout=timeout, allow_errors=True)
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    return [f"{out.ename}: {out.evalue}" for out in outputs if out.output_type == "error"]


def figures(notebook: Any) -> list[Any]:
    """The data of every output that is an interactive figure."""
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    return [out.data for out in outputs if "data-ae-figure" in out.get("data", {}).get(HTML, "")]


def refresh(notebook: Any) -> Any:
    """The notebook with the package's present scripts in its interactive figures, and diagrams."""
    from nbformat.v4 import new_code_cell, new_notebook

    from ae_course.widgets.figure import refreshed

    diagrams = [cell for cell in notebook.cells if cell.source.startswith(DIAGRAM)]
    if diagrams:
        drawn = [new_code_cell(cell.source) for cell in diagrams]
        execute(new_notebook(cells=[new_code_cell("import ae_course as ae"), *drawn]), Path())
        for cell, copy in zip(diagrams, drawn, strict=True):
            cell.outputs = [_normal_output(output, cell) for output in copy.outputs]
    for data in figures(notebook):
        data[HTML] = refreshed(data[HTML])
    return notebook


def write(notebook: Any, path: Path) -> None:
    """Validate and write under a temporary name, then rename."""
    nbformat.validate(notebook)
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def record_seeds(path: Path, offset: int) -> None:
    """Add to a stored run's record that all claims hold with this number added to the seeds."""
    notebook = nbformat.read(path, as_version=4)
    run = notebook.metadata.get("ae_course", {})
    if offset and run.get("digest") == digest(notebook):
        run["seeds"] = sorted({*run.get("seeds", []), offset})
        write(normalize(notebook), path)


def try_seeds(paths: list[Path], offsets: list[int], fast: bool) -> bool:
    """Print what fails with other seeds; returns whether nothing does."""
    found = False
    for path in paths:
        for offset in offsets:
            wrong = failures(path, offset)
            found |= bool(wrong)
            if not (wrong or fast):
                record_seeds(path, offset)
            print(f"{path}, seeds + {offset}:", "all claims hold" if not wrong else "", flush=True)
            print("".join(f"    {line}\n" for line in "\n".join(wrong).splitlines()), end="")
    return not found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("run", "normalize", "refresh", "seeds"))
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--offsets", nargs="+", type=int, default=[0, 100, 200, 300, 400])
    parser.add_argument("--fast", action="store_true", help="on little data")
    arguments = parser.parse_args()
    fast = arguments.fast and arguments.action == "seeds"  # what is stored comes from full runs
    os.environ |= {"AE_COURSE_FAST": str(int(fast)), "TQDM_DISABLE": "1"}
    if arguments.action == "seeds":
        sys.exit(not try_seeds(arguments.notebooks, arguments.offsets, fast))
    for path in arguments.notebooks:
        if arguments.action == "run":
            print(f"{path}: {run(path):.0f} s", flush=True)
        else:
            change = {"normalize": normalize, "refresh": refresh}[arguments.action]
            write(change(nbformat.read(path, as_version=4)), path)


if __name__ == "__main__":
    main()

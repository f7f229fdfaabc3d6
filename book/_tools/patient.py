"""Run a student's notebook to its end, whatever a cell does to the kernel."""

from __future__ import annotations

import asyncio
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Integer, List

# exit and quit end the kernel a moment later, in another cell: here they end their own cell only
NO_EXIT = "get_ipython().ask_exit = __import__('sys').exit"
STOPPED = ("CellTimeoutError", "DeadKernelError", "NotRun", "PrintsTooMuch")  # errors of ours


def stopped(name: str, sentence: str) -> Any:
    """An error among a cell's outputs, as nbgrader writes one for a cell that took too long."""
    return new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"])


class PatientExecute(Execute):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's own way to run a notebook, and what it does not survive.

    A cell that takes the kernel with it is left out, and the notebook is run again from the top.
    What a cell prints is cut. It is configured as `Execute` is.
    """

    characters = Integer(1_000_000, help="that a cell may print").tag(config=True)
    runs = Integer(4, help="of a notebook, each without one more cell").tag(config=True)
    extra_arguments = List(["--log-level=ERROR"]).tag(config=True)  # of the kernel itself
    iopub_timeout = Integer(20).tag(config=True)  # on a busy machine 4 seconds are too few

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> Any:
        """Run all cells that can be run."""
        self.left_out: dict[int, Any] = {}
        seconds = f"did not end within {self.timeout} seconds"
        self.error_on_timeout = dict(stopped("CellTimeoutError", seconds))
        for _ in range(self.runs):
            self.at = -1
            try:
                return super().preprocess(nb, resources, km)
            except CellTimeoutError:
                why = stopped("CellTimeoutError", f"{seconds} and could not be stopped: left out")
            except RuntimeError as error:
                if self.at < 0:  # the kernel has not started, so once more
                    continue
                if not isinstance(error, DeadKernelError):
                    raise
                why = stopped("DeadKernelError", "ended Python: it was left out")
            self.left_out[self.at] = why
        if self.at < 0:
            raise RuntimeError("no kernel starts")
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code" and index in self.left_out:
                cell.outputs = [self.left_out[index]]
            elif cell.cell_type == "code" and index > self.at:
                cell.outputs = [
                    stopped("NotRun", "was not run: too many cells before it ended Python")
                ]
        return nb, resources

    async def on_notebook_start(self, **_: Any) -> None:
        self.kc.execute(NO_EXIT, silent=True, store_history=False)

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> Any:
        if index in self.left_out:
            cell.outputs = [self.left_out[index]]
            return cell, resources
        self.at, self.printed = index, 0
        return super().preprocess_cell(cell, resources, index)

    def output(self, outs: list[Any], msg: Any, display_id: str | None, cell_index: int) -> Any:
        """Take what a cell prints, up to a limit, and then interrupt it, once."""
        if msg["msg_type"] != "stream":
            return super().output(outs, msg, display_id, cell_index)
        before, self.printed = self.printed, self.printed + len(msg["content"]["text"])
        if self.printed <= self.characters:
            return super().output(outs, msg, display_id, cell_index)
        if before <= self.characters:
            outs.append(
                stopped("PrintsTooMuch", f"prints more than {self.characters:,} characters")
            )
            self.interrupting = asyncio.ensure_future(ensure_async(self.km.interrupt_kernel()))
        return None

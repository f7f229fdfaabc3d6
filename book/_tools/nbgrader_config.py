"""How nbgrader makes the class's notebooks of book/exercises/source, and grades what comes back.

`make assignments` copies this file into the course's folder, where nbgrader finds it.
"""

import os

from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.converters import GenerateAssignment

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # given by nbgrader

c.CourseDirectory.course_id = "autoencoders"

# what only the page with the solution shows: its claims, and what came out
c.GenerateAssignment.preprocessors = [
    TagRemovePreprocessor,
    *GenerateAssignment.preprocessors.default(),
]
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"solution-only"}
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}

# who deleted a locked check gets it back before the notebook is run
c.OverwriteCells.add_missing_cells = True

# grading runs every notebook from top to bottom: on little data, in well under a minute each
os.environ["AE_COURSE_FAST"] = "1"
os.environ["TQDM_DISABLE"] = "1"
c.Execute.timeout = 300  # seconds a cell

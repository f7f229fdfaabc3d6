"""Run a tool of the course's environment, wherever that is: python .ci/tool.py ruff check

The hooks of pre-commit call this: they have a Python on every system, but not that environment.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tasks

tasks.run(tasks.tool(sys.argv[1]), *sys.argv[2:])

"""The offline run of the notebooks has no network."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_offline_run_blocks_the_network_wherever_a_kernel_starts(tmp_path):
    code = "import socket; socket.create_connection(('198.51.100.1', 80), timeout=1)"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests" / "offline")}
    for command in (code, code.replace("198.51.100.1", "example.org")):
        result = subprocess.run(
            [sys.executable, "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert "this test run has no network" in result.stderr

"""The report for an error form: complete, and nothing personal in it."""

import datetime
import getpass
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ae_course.report import PACKAGES, provenance, report


def facts():
    return dict(line.split(": ", 1) for line in report().splitlines())


def test_it_names_versions_device_data_and_mode(monkeypatch, tmp_path):
    monkeypatch.setenv("AE_COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("AE_COURSE_DEVICE", "cpu")
    monkeypatch.setenv("AE_COURSE_FAST", "1")
    found = facts()
    assert set(PACKAGES) < set(found)
    assert found["torch"][0].isdigit()
    assert found["device"].startswith("cpu, bfloat16 products: ")
    assert found["data"] == "the folder that AE_COURSE_DATA names, with 0 of 4 files of MNIST"
    assert found["fast mode"] == "yes"


@pytest.mark.parametrize(
    ("variable", "value", "fact", "said"),
    [
        ("AE_COURSE_DEVICE", "tpu", "device", "AE_COURSE_DEVICE must be one of"),
        ("AE_COURSE_FAST", "2", "fast mode", "AE_COURSE_FAST must be 0 or 1, got '2'"),
        ("AE_COURSE_DATA", "/nowhere", "data", "AE_COURSE_DATA names does not exist"),
    ],
)
def test_what_is_set_wrong_is_reported_and_stops_nothing(monkeypatch, variable, value, fact, said):
    monkeypatch.setenv(variable, value)
    assert said in facts()[fact]


def test_it_runs_as_a_command_and_says_nothing_personal(tmp_path):
    environment = os.environ | {"AE_COURSE_DATA": str(tmp_path), "AE_COURSE_FAST": "0"}
    said = subprocess.run(
        [sys.executable, "-m", "ae_course.report"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(tmp_path) not in said
    assert str(Path.home()) not in said
    if len(getpass.getuser()) > 3:
        assert getpass.getuser() not in said


def test_a_run_records_what_it_computed_with(monkeypatch):
    import torch

    monkeypatch.setenv("AE_COURSE_DEVICE", "cpu")
    before = provenance()
    held = torch.ones(50_000_000)  # 200 MB
    after = provenance()
    assert held.sum() > 0
    assert json.loads(json.dumps(after)) == after  # it is stored in a notebook
    assert datetime.date.fromisoformat(after["date"])
    assert (after["device"], after["threads"]) == ("cpu", torch.get_num_threads())
    assert after["versions"]["torch"] == torch.__version__.partition("+")[0]
    if before["memory"] is not None:  # the system says it
        assert before["memory"] > 100
        assert after["memory"] >= before["memory"]

"""Devices: which is chosen, and when half the precision pays."""

import pytest
import torch

from ae_course import fast_bfloat16, resolve_device
from ae_course.utils import devices


@pytest.fixture(autouse=True)
def _no_device_in_the_environment(monkeypatch):
    monkeypatch.delenv("AE_COURSE_DEVICE", raising=False)


def test_resolve_device():
    assert resolve_device("cpu") == torch.device("cpu")
    best = (
        "cuda"
        if torch.cuda.is_available()
        else "mps"
        if torch.backends.mps.is_available()
        else "cpu"
    )
    assert resolve_device().type == best


@pytest.mark.parametrize("name", ["gpu", "cuda:99", 1.5])
@pytest.mark.parametrize("function", [resolve_device, fast_bfloat16])
def test_an_unknown_device_is_refused(function, name):
    with pytest.raises(ValueError, match=f"must be one of .*'cpu'.* got '?{name}"):
        function(name)


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:1", "mps"])
def test_the_environment_names_the_device_unless_the_caller_does(name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setenv("AE_COURSE_DEVICE", name)
    assert resolve_device() == torch.device(name)
    assert resolve_device("cpu") == torch.device("cpu")
    monkeypatch.setenv("AE_COURSE_DEVICE", "")  # as good as none
    assert resolve_device() == torch.device("cuda")


@pytest.mark.parametrize("name", ["gpu", "cuda:1", "mps", " "])
@pytest.mark.parametrize("function", [resolve_device, fast_bfloat16])
def test_a_wrong_device_in_the_environment_is_refused_by_name(function, name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setenv("AE_COURSE_DEVICE", name)
    with pytest.raises(ValueError, match=rf"AE_COURSE_DEVICE must be .*'cpu'.* got '{name}'"):
        function()
    assert function("cpu") in (torch.device("cpu"), True, False)


@pytest.mark.parametrize(
    ("flags", "fast"),
    [("sse2 avx2 avx512f", False), ("avx512f avx512_bf16", True), ("amx_tile amx_bf16", True)],
)
def test_a_processor_is_fast_in_bfloat16_if_it_names_the_instructions(
    flags, fast, tmp_path, monkeypatch
):
    file = tmp_path / "cpuinfo"
    file.write_text(f"flags : {flags}\n")
    monkeypatch.setattr(devices, "CPU_FLAGS", file)
    assert fast_bfloat16("cpu") is fast
    file.unlink()  # as on a system that has no such file
    assert not fast_bfloat16("cpu")


@pytest.mark.parametrize(("capability", "fast"), [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_a_gpu_is_fast_in_bfloat16_from_ampere_on(capability, fast, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert fast_bfloat16("cuda") is fast
    assert fast_bfloat16() is fast

"""Several processes: the same training as one, and no process that waits for a dead one."""

import copy
import json
import os
import runpy
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from lines import DATA
from torch import nn
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, TensorDataset

from ae_course import batches, distributed, one_cycle, train
from ae_course.training.distributed import World, batch_sampler, shard, world

SCRIPT = Path(__file__).parents[3] / "book" / "distributed.py"
OPTIONS = [str(SCRIPT), "--batch=200", "--rate=0.001"]


@pytest.fixture
def env(tmp_path):
    """What a quick run of the script on the sample of MNIST needs in its environment."""
    nowhere = "http://127.0.0.1:9"
    variables = {"AE_COURSE_FAST": "1", "AE_COURSE_DATA": "", "XDG_CACHE_HOME": str(tmp_path)}
    variables |= {"http_proxy": nowhere, "https_proxy": nowhere}  # nothing is downloaded
    variables |= {"AE_COURSE_DEVICE": "cpu", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    if sys.platform == "linux":
        variables["GLOO_SOCKET_IFNAME"] = "lo"  # wherever the machine's own name may lead
    return os.environ | variables | {"PYTHONPATH": str(SCRIPT.parents[1])}


def test_two_processes_learn_what_one_learns_from_batches_twice_as_large(
    tmp_path, monkeypatch, env
):
    path = tmp_path / "two.json"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = [*torchrun, *OPTIONS, "--epochs=2", f"--checkpoint={path}"]
    two = subprocess.run(command, env=env, capture_output=True, text=True)
    assert two.returncode == 0, two.stderr[-3000:]
    assert two.stdout.count("2 processes") == 1  # the first alone speaks

    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", [*OPTIONS, "--epochs=2"])
    one = runpy.run_path(str(SCRIPT))  # the script's variables at its end
    # one process takes up the run of two, which is finished, and so has nothing left to do
    model = copy.deepcopy(one["model"])
    options = {"epochs": 2, "lr": 0.001, "schedule": one_cycle, "checkpoint": path}
    history = train(model, mse_loss, one["batches"], **options, resume=True)
    losses = [row["train_loss"] for row in one["history"]]
    assert [row["train_loss"] for row in history] == pytest.approx(losses, rel=1e-5)
    for name, value in one["model"].state_dict().items():
        # the sums over a batch are taken in another order
        torch.testing.assert_close(model.state_dict()[name], value, rtol=0, atol=1e-5, msg=name)


def test_a_process_whose_partner_is_killed_ends_with_an_error(tmp_path, env):
    path = tmp_path / "killed.json"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}
    run = [sys.executable, *OPTIONS, "--epochs=100000", f"--checkpoint={path}"]
    pair = []
    try:
        for rank in ("0", "1"):
            place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": "2"}
            errors = subprocess.PIPE if rank == "0" else subprocess.DEVNULL
            pair.append(subprocess.Popen(run, env=env | address | place, stderr=errors, text=True))
        limit = time.monotonic() + 60
        while not path.exists() and time.monotonic() < limit:  # until they train
            time.sleep(0.05)
        pair[1].kill()
        _, errors = pair[0].communicate(timeout=20)
        assert pair[0].returncode not in (0, None)
        assert "Connection closed by peer" in errors or "Connection reset" in errors
        assert len(json.loads(path.read_text())["history"]) >= 1  # to go on from
    finally:
        for process in pair:
            process.kill()
            process.wait()


def as_rank(monkeypatch, rank, size):
    """Pretend to be one of several processes, where none has to talk to another."""
    module = sys.modules["ae_course.training.distributed"]
    monkeypatch.setattr(module, "world", lambda: World(rank, size))
    monkeypatch.setattr(module, "_broadcast", lambda tensor: None)


@pytest.mark.parametrize("fast", [True, False])  # a batch by one indexing call, or item by item
def test_shares_together_are_the_order_of_one_process(monkeypatch, fast):
    def loader():
        data = DATA if fast else [(x, y) for x, y in DATA]
        generator = torch.Generator().manual_seed(4)
        return batches(data, 4, shuffle=True, generator=generator)

    alone = torch.cat([x for x, _ in loader()])[:, 0]  # 50 items
    parts = []
    for rank in range(3):
        as_rank(monkeypatch, rank, 3)
        share = shard(loader())
        assert len(share) == 5
        parts.append(torch.cat([x for x, _ in share])[:, 0])
    together = torch.stack(parts, dim=1).flatten()  # the first of each, the second of each, …
    assert torch.equal(together, torch.cat([alone, alone[:1]]))  # 51 = 3 x 17: one item again


def test_a_share_keeps_what_the_loader_says(monkeypatch):
    loader = DataLoader(DATA, 4, drop_last=True, generator=torch.Generator())
    assert shard(loader) is loader  # alone
    as_rank(monkeypatch, 1, 2)
    share = shard(loader)
    assert [len(x) for x, _ in share] == [4] * 6  # 25 items, and one left out
    assert share.generator is loader.generator
    assert batch_sampler(share).drop_last


def test_alone_there_is_a_world_of_one():
    with distributed() as alone:
        assert alone == world() == World(rank=0, size=1)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"RANK": "0", "WORLD_SIZE": "two"}, "WORLD_SIZE must be a number.*got 'two'"),
        ({"RANK": "0", "WORLD_SIZE": "-1"}, "WORLD_SIZE must be a number.*got '-1'"),
        ({"RANK": "0", "WORLD_SIZE": "0"}, "RANK must be below WORLD_SIZE, got rank 0 of 0"),
        ({"RANK": "2", "WORLD_SIZE": "2"}, "RANK must be below WORLD_SIZE, got rank 2 of 2"),
        ({"WORLD_SIZE": "2"}, "RANK must be a number, as torchrun sets it, got ''"),
        ({"RANK": "0"}, "WORLD_SIZE must be a number, as torchrun sets it, got ''"),
        ({"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "x"}, "LOCAL_RANK must be a number"),
    ],
)
def test_a_world_of_a_wrong_size_is_refused(monkeypatch, variables, message):
    for name, value in ({"LOCAL_RANK": "0"} | variables).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=message), distributed():
        pass
    assert world().size == 1


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("cuda", "a GPU of its own, got process 2 on a machine with 1"),
        ("cuda:1", "must be 'cuda' or 'cpu' for 2 processes, .* got 'cuda:1'"),
        ("mps", "need cpu or cuda: set AE_COURSE_DEVICE=cpu"),
    ],
)
def test_a_device_that_cannot_be_shared_is_refused(monkeypatch, device, message):
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    module = sys.modules["ae_course.training.distributed"]
    monkeypatch.setattr(module, "resolve_device", lambda: torch.device(device))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ValueError, match=message), distributed():
        pass


@pytest.mark.parametrize(
    ("loader", "error", "message"),
    [
        (lambda: list(batches(DATA, 8)), TypeError, "must be a DataLoader in batches.*got list"),
        (
            lambda: DataLoader(DATA, batch_size=None),
            TypeError,
            "must be a DataLoader in batches.*got DataLoader",
        ),
        (
            lambda: batches(TensorDataset(*DATA[:2]), 8),
            ValueError,
            "an item for each of 3 processes, got 2",
        ),
        (
            lambda: DataLoader(DATA, 20, drop_last=True),
            ValueError,
            "a batch of 20 for each of 3 processes, got 50 items",
        ),
    ],
)
def test_what_cannot_be_shared_out_is_refused(monkeypatch, loader, error, message):
    as_rank(monkeypatch, 0, 3)
    with pytest.raises(error, match=message):
        shard(loader())


def test_every_process_calls_the_hook_so_that_all_stay_the_same(monkeypatch):
    """What a hook changes, such as the learning rate, changes in all of them."""
    seen = []
    for rank in (0, 1):
        as_rank(monkeypatch, rank, 2)
        loop = sys.modules["ae_course.training.loop"]
        monkeypatch.setattr(loop, "world", lambda rank=rank: World(rank, 2))
        for name in ("parallel", "average", "from_first"):
            monkeypatch.setattr(loop, name, lambda value: value)
        data = batches(TensorDataset(torch.rand(8, 1), torch.rand(8, 1)), 2)
        train(nn.Linear(1, 1), mse_loss, data, epochs=2, device="cpu", on_epoch=seen.append)
    assert [row["epoch"] for row in seen] == [1, 2, 1, 2]

"""Character models: quality in a given time, and speed against the textbook way, in one run.

    python tests/benchmarks/bench_language.py            # speed and memory, about two minutes
    python tests/benchmarks/bench_language.py quality    # and the quality targets

The textbook way is a recurrent network of ``GRUCell``s or ``LSTMCell``s in a Python loop over the
time steps, with a loss that is a Python loop too, and text written character by character: by
feeding the whole beginning again each time, or with the state carried along. The package's epoch
includes its own optimizer and, where that is fast, bfloat16. Exits with 1 if a target is missed.
Give it a quiet machine.
"""

from __future__ import annotations

import math
import sys
import time
from statistics import mean, median

import torch
from bench_training import peak_memory, seconds
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, softmax

import ae_course as ae

CHUNK, BATCH = 100, 32  # as the lesson What comes next trains
EPOCH_TARGET, STATE_TARGET, PREFIX_TARGET = 3.0, 2.0, 100.0  # ratios
SMALL_TARGET, SMALL_SECONDS = 1.62, 90  # nats a character on held-out text
WHOLE_TARGET, WHOLE_SECONDS = 1.52, 360
N_CHARS = 500


class TextbookReader(nn.Module):
    """The same layers as `ae.AutoRegressive`, one time step after the other."""

    def __init__(self, vocab_size: int, cell: type[nn.RNNCellBase], hidden_dim: int = 128) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.embedding = nn.Embedding(vocab_size, 32)
        self.cells = nn.ModuleList([cell(32, hidden_dim), cell(hidden_dim, hidden_dim)])
        self.norms = nn.ModuleList([nn.LayerNorm(hidden_dim) for _ in range(2)])
        self.head = nn.Sequential(
            nn.Linear(hidden_dim, hidden_dim // 2),
            nn.LeakyReLU(0.1),
            nn.LayerNorm(hidden_dim // 2),
            nn.Linear(hidden_dim // 2, vocab_size),
        )

    def initial(self, x: Tensor) -> list:
        zero = torch.zeros(len(x), self.hidden_dim, device=x.device)
        return [(zero, zero) if isinstance(cell, nn.LSTMCell) else zero for cell in self.cells]

    def step(self, token: Tensor, states: list) -> Tensor:
        x = self.embedding(token)
        for i, (cell, norm) in enumerate(zip(self.cells, self.norms, strict=True)):
            states[i] = cell(x, states[i])
            x = norm(states[i][0] if isinstance(states[i], tuple) else states[i])
        return self.head(x)

    def forward(self, tokens: Tensor) -> Tensor:
        states = self.initial(tokens)
        steps = [self.step(tokens[:, t], states) for t in range(tokens.shape[1])]
        return torch.stack(steps, dim=1)


def textbook_loss(logits: Tensor, targets: Tensor) -> Tensor:
    loss = torch.zeros(())
    for t in range(targets.shape[1]):
        loss = loss + cross_entropy(logits[:, t], targets[:, t])
    return loss


def textbook_epoch(model: nn.Module, loader) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for x, y in loader:
        optimizer.zero_grad()
        loss = textbook_loss(model(x), y)
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 2)
        optimizer.step()


def package_epoch(model: nn.Module, loader) -> None:
    mixed = ae.fast_bfloat16("cpu")
    ae.train(
        model, ae.sequence_loss, loader, epochs=1, clip_norm=1, device="cpu", mixed_precision=mixed
    )


def textbook_writes(model: TextbookReader, vocab: ae.Vocabulary, prompt: str, n_chars: int) -> str:
    """With the state carried along."""
    model.eval()
    sampled = torch.zeros(1, len(prompt) + n_chars, dtype=torch.int64)
    sampled[0, : len(prompt)] = vocab.encode(prompt)
    with torch.no_grad():
        states = model.initial(sampled)
        for t in range(sampled.shape[1] - 1):
            logits = model.step(sampled[:, t], states)
            if t + 1 >= len(prompt):
                probabilities = softmax(logits, dim=1)
                sampled[:, t + 1] = torch.multinomial(probabilities, 1)[:, 0]
    return vocab.decode(sampled[0])


def textbook_writes_again(model: nn.Module, vocab: ae.Vocabulary, prompt: str, n_chars: int) -> str:
    """With the whole beginning fed again for each character."""
    model.eval()
    sampled = vocab.encode(prompt)[None]
    with torch.no_grad():
        for _ in range(n_chars):
            probabilities = softmax(model(sampled)[:, -1], dim=1)
            sampled = torch.cat([sampled, torch.multinomial(probabilities, 1)], dim=1)
    return vocab.decode(sampled[0])


def median_seconds(function, *arguments, rounds: int) -> float:
    return median(seconds(function, *arguments) for _ in range(rounds))


def report(name: str, ratio: float, target: float, detail: str) -> bool:
    print(f"{name}: {ratio:.1f} times (target {target:g}); {detail}", flush=True)
    return ratio >= target


def speed(text: str, vocab: ae.Vocabulary) -> bool:
    torch.manual_seed(0)
    small = text[:100_000]
    loader = ae.batches(ae.AutoRegressiveDataset(small, vocab, chunk=CHUNK), BATCH, shuffle=True)
    good = True
    for cell, textbook_cell in (("lstm", nn.LSTMCell), ("gru", nn.GRUCell)):
        textbook = TextbookReader(len(vocab), textbook_cell)
        package = ae.AutoRegressive(len(vocab), cell=cell)
        package_epoch(package, loader)  # a first pass pays for memory and kernels
        textbook_epoch(textbook, loader)
        ours = median_seconds(package_epoch, package, loader, rounds=3)
        theirs = median_seconds(textbook_epoch, textbook, loader, rounds=3)
        detail = f"{theirs:.2f} s against {ours:.2f} s"
        good &= report(f"epoch, {cell}", theirs / ours, EPOCH_TARGET, detail)

    write = (vocab, "first citizen:\n", N_CHARS)
    ae.generate(package, *write)
    ours = median_seconds(ae.generate, package, *write, rounds=15)
    state = median_seconds(textbook_writes, textbook, *write, rounds=15)
    prefix = median_seconds(textbook_writes_again, textbook, *write, rounds=1)
    detail = f"{state:.3f} s against {ours:.3f} s for {N_CHARS} characters"
    good &= report("writing, state carried", state / ours, STATE_TARGET, detail)
    detail = f"{prefix:.1f} s against {ours:.3f} s"
    good &= report("writing, prefix fed again", prefix / ours, PREFIX_TARGET, detail)
    print(f"peak memory {peak_memory():.2f} GB")
    return good


def quality(text: str) -> bool:
    """Five seeds on 100,000 characters, one on the whole corpus; the last tenth is held out."""
    good, device = True, torch.device("cpu")
    cases = (
        ("100,000", 100_000, 5, SMALL_TARGET, SMALL_SECONDS, small_run),
        ("whole corpus", len(text), 1, WHOLE_TARGET, WHOLE_SECONDS, whole_run),
    )
    for name, size, seeds, target, limit, run in cases:
        part = text[:size]
        cut, vocab = size * 9 // 10, ae.Vocabulary(part)
        losses, times = [], []
        for seed in range(seeds):
            torch.manual_seed(seed)
            started = time.perf_counter()
            model = run(part[:cut], vocab, device)
            times.append(time.perf_counter() - started)
            bits = ae.bits_per_character(model, vocab, part[cut:])
            losses.append(bits * math.log(2))
            print(f"  {name}, seed {seed}: {losses[-1]:.4f} nats in {times[-1]:.0f} s", flush=True)
        print(
            f"{name}: {mean(losses):.4f} nats a character (target {target}), "
            f"{min(losses):.4f} to {max(losses):.4f}, in {max(times):.0f} s at most ({limit})"
        )
        good &= mean(losses) <= target and max(times) <= limit
    return good


def fit(model, text, vocab, device, *, stride):
    data = ae.AutoRegressiveDataset(text, vocab, chunk=CHUNK, stride=stride)
    ae.train(
        model,
        ae.sequence_loss,
        ae.batches(data, BATCH, shuffle=True),
        epochs=1,
        lr=0.012,
        schedule=ae.one_cycle,
        clip_norm=1,
        device=device,
        mixed_precision=ae.fast_bfloat16(device),
    )
    return model


def small_run(text, vocab, device):
    model = ae.AutoRegressive(len(vocab), cell="lstm", dropout=0.1)
    return fit(model, text, vocab, device, stride=4)


def whole_run(text, vocab, device):
    model = ae.AutoRegressive(len(vocab), cell="lstm", dropout=0.05)
    return fit(model, text, vocab, device, stride=16)


if __name__ == "__main__":
    corpus = ae.load_shakespeare()
    passed = speed(corpus, ae.Vocabulary(corpus))
    if sys.argv[1:] == ["quality"]:
        passed &= quality(corpus)
    sys.exit(not passed)

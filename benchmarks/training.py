"""A training step (forward, backward, Adam; float32) beside PyTorch eager, on the same cores in the same run.

python -m benchmarks.training
"""

from __future__ import annotations

import os
import statistics
import time

import numpy as np

from explorer.transformer.batches import Batch
from explorer.transformer.configuration import Configuration
from explorer.transformer.memory import keep_freed_memory
from explorer.transformer.model import cross_entropy, transformer
from explorer.transformer.parameters import initial_parameters
from explorer.transformer.tape import Tape
from explorer.transformer.training import NUMPY, PYTORCH, Recipe, Training
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary

WORDS = 2000
PRODUCTS = 40
CASES = [
    # d_model, layers, heads, batch, length, steps
    (64, 2, 4, 32, 12, 60),
    (256, 4, 8, 64, 20, 8),
]


def initial_translator(configuration: Configuration) -> Translator:
    vocabulary = Vocabulary([*MARKS, *(f"w{number}" for number in range(WORDS - len(MARKS)))])
    parameters = {name: a.astype(np.float32) for name, a in initial_parameters(configuration, seed=0).items()}
    return Translator(configuration, parameters, vocabulary, vocabulary)


def our_step(translator: Translator, batch: Batch, backend: str = NUMPY):
    training = Training(translator, Recipe(longest_gradient=0, backend=backend))
    return lambda: training.update(batch)


def pytorch_step(translator: Translator, batch: Batch):
    from benchmarks.pytorch import PyTorchTransformer, adam

    model = PyTorchTransformer(translator.configuration, translator.parameters)
    optimiser = adam(model, rate=1e-3)

    def step():
        optimiser.zero_grad()
        loss, _ = model.loss(batch)
        loss.backward()
        optimiser.step()

    return step


def interleaved(steps: int, *contestants) -> tuple[list[float], ...]:
    """Seconds of each step of each contestant, in turn, after three of each that are not counted."""
    seconds: tuple[list[float], ...] = tuple([] for _ in contestants)
    for number in range(steps + 3):
        for kept, step in zip(seconds, contestants, strict=True):
            start = time.perf_counter()
            step()
            if number >= 3:
                kept.append(time.perf_counter() - start)
    return seconds


def products(rows: int, d: int):
    """PRODUCTS times the product of matrices that a step has most of, in NumPy, whose BLAS is OpenBLAS, and in PyTorch,
    which has its own. Several in a row, for the threads of the other library wait in a loop for a while."""
    import torch

    left, right = (np.random.default_rng(0).random(shape, dtype=np.float32) for shape in ((rows, d), (d, 4 * d)))
    theirs = torch.from_numpy(left), torch.from_numpy(right)
    return (
        lambda: [left @ right for _ in range(PRODUCTS)],
        lambda: [torch.mm(*theirs) for _ in range(PRODUCTS)],
    )


def one_pass(tracing: bool):
    """Forward and backward of one sentence of 8 words, d = 100, 2+2 layers, float64, as the pages ask for it."""
    configuration = Configuration(100, 4, 2, source_words=WORDS, target_words=WORDS)
    parameters = initial_parameters(configuration, seed=0)
    source, target, expected = np.random.default_rng(0).integers(len(MARKS), WORDS, (3, 8))

    def step():
        tape = Tape(parameters, tracing=tracing)
        tape.backward(cross_entropy(transformer(tape, source, target, configuration), expected))

    return step


def main() -> None:
    from benchmarks.pytorch import torch

    keep_freed_memory()  # as every run of a training does; PyTorch's step has it from the same library
    print(f"{os.cpu_count()} cores, PyTorch {torch.__version__} with {torch.get_num_threads()} threads")
    print(
        "| d_model, layers, heads, batch, length | Embedding Explorer, ms | with backend = pytorch, ms | PyTorch, ms "
        "| ratio of medians | ratio of lowest |\n|---|---|---|---|---|---|"
    )
    for d, layers, heads, size, length, steps in CASES:
        configuration = Configuration(d, heads, layers, source_words=WORDS, target_words=WORDS)
        ids = np.random.default_rng(0).integers(len(MARKS), WORDS, (3, size, length))
        batch = Batch(*ids)
        translator = initial_translator(configuration)
        contestants = our_step(translator, batch), our_step(translator, batch, PYTORCH), pytorch_step(translator, batch)
        ours, *_, theirs = times = interleaved(steps, *contestants)
        cells = (f"{statistics.median(s) * 1000:.1f} ({min(s) * 1000:.1f}–{max(s) * 1000:.1f})" for s in times)
        ratios = (f"{of(ours) / of(theirs):.2f}" for of in (statistics.median, min))
        print(f"| {d}, {layers}+{layers}, {heads}, {size}, {length} | {' | '.join((*cells, *ratios))} |")

    print()
    for d, _layers, _heads, size, length, _steps in CASES:
        times = interleaved(30, *products(size * length, d))
        numpy, pytorch = (statistics.median(seconds) * 1000 / PRODUCTS for seconds in times)
        print(
            f"The product of {size * length} × {d} and {d} × {4 * d} alone: {numpy:.2f} ms in NumPy, {pytorch:.2f} ms "
            f"in PyTorch, ratio {numpy / pytorch:.2f}."
        )

    times = interleaved(100, one_pass(tracing=True), one_pass(tracing=False))
    traced, untraced = (f"{statistics.median(seconds) * 1000:.1f} ms" for seconds in times)
    print("\nOne sentence forward and backward, d = 100, 2+2 layers, float64:", end=" ")
    print(f"{traced} with every tensor and gradient on the trace, {untraced} without tracing.")


if __name__ == "__main__":
    main()

"""Training on Multi30k, English to French, beside PyTorch: same configuration, initial weights, batches and schedule.

python -m benchmarks.multi30k FOLDER    (train.en.gz, train.fr.gz, val.en.gz, val.fr.gz: tokenised, a sentence a line)
"""

from __future__ import annotations

import argparse
import gzip
import math
import os
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from explorer.transformer.batches import Batch, Batches, Pair
from explorer.transformer.configuration import Configuration
from explorer.transformer.model import PAD
from explorer.transformer.optimisers import warm_up
from explorer.transformer.training import Measure, Recipe, Training, measure
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary

LEAST_OCCURRENCES = 5  # of a word in the training part; rarer ones are <unk>
RECIPE = Recipe(epochs=2, batch_size=64, rate=0.5, warm_up_steps=400, longest_gradient=1.0)
CHECKPOINTS = (0, 100, 200, 400, 600)  # updates after which both are validated, and after the last one


def sentence_pairs(folder: Path, part: str) -> list[Pair]:
    def sentences(language: str) -> list[list[str]]:
        with gzip.open(folder / f"{part}.{language}.gz", "rt", encoding="utf-8") as lines:
            return [line.split() for line in lines]

    return list(zip(sentences("en"), sentences("fr"), strict=True))


def frequent_words(sentences: Sequence[Sequence[str]]) -> Vocabulary:
    counts = Counter(word for sentence in sentences for word in sentence)
    return Vocabulary([*MARKS, *(word for word, count in counts.most_common() if count >= LEAST_OCCURRENCES)])


def initial_translator(train: Sequence[Pair]) -> Translator:
    source, target = (frequent_words(sentences) for sentences in zip(*train, strict=True))
    configuration = Configuration(
        128, heads=4, layers=2, norm="pre", source_words=len(source), target_words=len(target)
    )
    drawn = Translator.fresh(configuration, source, target, seed=0)
    return Translator(configuration, {n: a.astype(np.float32) for n, a in drawn.parameters.items()}, source, target)


class PyTorchTraining:
    """The loop that a PyTorch user would write for the recipe."""

    def __init__(self, translator: Translator):
        from benchmarks.pytorch import PyTorchTransformer, adam, torch

        self._torch, d = torch, translator.configuration.d_model
        self._model = PyTorchTransformer(translator.configuration, translator.parameters)
        self._optimiser = adam(self._model, RECIPE.rate)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimiser, lambda done: warm_up(done + 1, d, RECIPE.warm_up_steps)
        )

    def update(self, batch: Batch) -> None:
        self._optimiser.zero_grad()
        loss, _ = self._model.loss(batch)
        loss.backward()
        self._torch.nn.utils.clip_grad_norm_(self._model.parameters(), RECIPE.longest_gradient)
        self._optimiser.step()
        self._schedule.step()

    def measure(self, batches: Batches, step: int) -> Measure:
        total = right = count = 0.0
        with self._torch.no_grad():
            for batch in batches.in_order():
                mean, logits = self._model.loss(batch)
                counted = batch.expected != PAD
                total += mean.item() * counted.sum()
                right += ((logits.argmax(-1).numpy() == batch.expected) & counted).sum()
                count += counted.sum()
        loss = float(total / count)
        return Measure(step, loss, math.exp(loss), float(right / count))


def seconds_of(update, batch: Batch) -> float:
    start = time.perf_counter()
    update(batch)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.multi30k")
    parser.add_argument("folder", type=Path, help="holds train.en.gz, train.fr.gz, val.en.gz and val.fr.gz")
    folder = parser.parse_args().folder
    train, validation = sentence_pairs(folder, "train"), sentence_pairs(folder, "val")
    translator = initial_translator(train)
    configuration = translator.configuration
    ours, theirs = Training(translator, RECIPE), PyTorchTraining(translator)
    batches, held_out = (Batches(translator, pairs, RECIPE.batch_size) for pairs in (train, validation))
    size = sum(array.size for array in translator.parameters.values())
    print(
        f"{len(train):,} pairs to train on, {len(validation):,} to validate on; {configuration.source_words:,} English "
        f"and {configuration.target_words:,} French words; {size:,} parameters; {os.cpu_count()} cores\n"
    )
    print(
        "| updates | loss, ours | PyTorch | difference "
        "| perplexity, ours | PyTorch | token accuracy, ours | PyTorch |\n"
        "|---|---|---|---|---|---|---|---|"
    )

    def validate(step: int) -> None:
        a, b = measure(ours.translator, held_out, step), theirs.measure(held_out, step)
        print(
            f"| {step} | {a.loss:.4f} | {b.loss:.4f} | {a.loss / b.loss - 1:+.3%} "
            f"| {a.perplexity:.2f} | {b.perplexity:.2f} | {a.accuracy:.2%} | {b.accuracy:.2%} |",
            flush=True,
        )

    seconds: tuple[list[float], list[float]] = ([], [])
    tokens = 0
    for epoch in range(RECIPE.epochs):
        for batch in batches.shuffled(RECIPE.seed, epoch):
            if ours.step in CHECKPOINTS:
                validate(ours.step)
            for kept, update in zip(seconds, (ours.update, theirs.update), strict=True):
                kept.append(seconds_of(update, batch))
            tokens += int((batch.source != PAD).sum() + (batch.target != PAD).sum())
    validate(ours.step)

    print("\n| | ms an update: median (lowest–highest) | tokens a second |\n|---|---|---|")
    for name, kept in zip(("Embedding Explorer", "PyTorch"), seconds, strict=True):
        middle, low, high = (of(kept) * 1000 for of in (statistics.median, min, max))
        print(f"| {name} | {middle:.1f} ({low:.1f}–{high:.1f}) | {tokens / sum(kept):,.0f} |")
    print(f"\nRatio of the times, ours to PyTorch's: {sum(seconds[0]) / sum(seconds[1]):.2f}.")


if __name__ == "__main__":
    main()

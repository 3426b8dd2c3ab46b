"""The whole model's golden values: every tensor and every gradient as PyTorch has them, checked where it is missing.

Run it to write them:

    python -m tests.transformer.golden_transformer
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.transformer.configuration import Configuration
from explorer.transformer.model import cross_entropy, language_model, transformer
from explorer.transformer.tape import Tape

GOLDEN = Path(__file__).with_name("golden_transformer.npz")
TOLERANCE = 1e-9
OPTIMISED, RATE, FACTORS = "post", 0.01, (1, -2, 3)  # steps along the gradients of one case, times each factor


class Case(NamedTuple):
    """A configuration and a batch: source ids (B, S), the target's from `<start>` to `<end>` (B, T + 1), 0 padding. A
    language model has no source."""

    configuration: Configuration
    source: list[list[int]] | None
    sentences: list[list[int]]
    smoothing: float = 0.0

    @property
    def ids(self):
        """Source, what the decoder is shown, what it should say."""
        sentences = np.array(self.sentences)
        source = None if self.source is None else np.array(self.source)
        return source, sentences[:, :-1], sentences[:, 1:]

    def logits(self, tape):
        source, target, _ = self.ids
        if source is None:
            return language_model(tape, target, self.configuration)
        return transformer(tape, source, target, self.configuration)


# tokens repeat in all of them, so that a table's rows must collect their gradients
LONG, SHORT = [[4, 5, 4, 6, 2], [5, 5, 2, 0, 0]], [[1, 4, 4, 2], [1, 6, 2, 0]]
SIZES = {"source_words": 7, "target_words": 8, "longest": 6}
CASES = {
    "post": Case(Configuration(d_model=4, heads=2, layers=1, d_ff=5, **SIZES), LONG, SHORT),
    "pre": Case(
        Configuration(d_model=6, heads=3, layers=2, d_ff=5, norm="pre", activation="gelu", scaled=True, **SIZES),
        SHORT,
        [[1, 4, 5, 4, 6, 2], [1, 7, 7, 2, 0, 0]],
        smoothing=0.1,
    ),
    "tied": Case(
        Configuration(d_model=4, heads=4, layers=2, d_ff=3, tied=True, scaled=True, **SIZES), LONG, SHORT, smoothing=0.2
    ),
    "learned": Case(
        Configuration(d_model=4, heads=1, layers=1, positions="learned", norm="pre", tied=True, **SIZES), LONG, SHORT
    ),
    "projected": Case(
        Configuration(d_model=4, heads=2, layers=1, d_ff=3, scaled=True, tied=True, source_width=3, **SIZES),
        LONG,
        SHORT,
    ),
    "as long": Case(
        Configuration(d_model=4, heads=2, layers=1, activation="gelu", **SIZES), [[4, 4, 5, 2]], [[1, 5, 5, 4, 2]]
    ),
    "language": Case(
        Configuration(d_model=4, heads=2, layers=2, d_ff=3, norm="pre", scaled=True, **SIZES | {"source_words": 0}),
        None,
        [[1, 4, 5, 4, 6, 2], [1, 7, 7, 2, 0, 0]],
    ),
    "tied language": Case(
        Configuration(d_model=4, heads=2, layers=1, tied=True, source_width=3, **SIZES | {"source_words": 0}),
        None,
        SHORT,
    ),
}


def run(case, parameters):
    """The tape, gone through forward and back."""
    tape = Tape(parameters)
    tape.backward(cross_entropy(case.logits(tape), case.ids[2], case.smoothing))
    return tape


def assert_same_tensors(tape, values, gradients):
    """Ours against PyTorch's, by name: values first to last, then gradients last to first, so that what is named first
    is where they part."""
    ours = {node.name: node for node in tape.nodes}
    for name, theirs in values.items():
        assert name in ours, f"value of {name} is missing"
        np.testing.assert_allclose(ours[name].value, theirs, atol=TOLERANCE, rtol=TOLERANCE, err_msg=f"value of {name}")
    for name, theirs in gradients.items():
        np.testing.assert_allclose(
            ours[name].gradient, theirs, atol=TOLERANCE, rtol=TOLERANCE, err_msg=f"gradient of {name}"
        )


def assert_equals_golden(name):
    tape = run(CASES[name], golden_array(name, "parameters"))
    assert_same_tensors(tape, golden_array(name, "values"), golden_array(name, "gradients"))


def golden_array(case, kind):
    """The "parameters", "values" or "gradients" of a case, by name, in the order of PyTorch's computation."""
    with np.load(GOLDEN) as golden:
        flat, shapes = golden[f"{case}/{kind}"], json.loads(str(golden[f"{case}/{kind}/shapes"]))
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes.values()])
    return {
        name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), np.split(flat, ends[:-1]), strict=True)
    }


def read_steps(optimiser):
    """Parameters, their gradients and the parameters after the optimiser's steps: three flat arrays."""
    parameters, gradients = golden_array(OPTIMISED, "parameters"), golden_array(OPTIMISED, "gradients")
    with np.load(GOLDEN) as golden:
        return flattened(parameters), flattened({name: gradients[name] for name in parameters}), golden[optimiser]


def flattened(tensors):
    return np.concatenate([array.ravel() for array in tensors.values()])


def write():
    import torch

    from tests.transformer.article_by_hand import positions
    from tests.transformer.pytorch_reference import uneven_parameters
    from tests.transformer.pytorch_transformer import as_arrays, pytorch_pass

    arrays = {}
    for name, case in CASES.items():
        parameters = uneven_parameters(case.configuration, seed=3)
        sines = np.array(positions(case.configuration.longest, case.configuration.d_model))
        values, gradients = as_arrays(
            *pytorch_pass(case.configuration, parameters, sines, *case.ids, smoothing=case.smoothing)
        )
        for kind, tensors in {"parameters": parameters, "values": values, "gradients": gradients}.items():
            arrays[f"{name}/{kind}"] = flattened(tensors)
            arrays[f"{name}/{kind}/shapes"] = np.array(json.dumps({key: a.shape for key, a in tensors.items()}))
        if name != OPTIMISED:
            continue
        gradient = torch.from_numpy(flattened({key: gradients[key] for key in parameters}))
        for optimiser, theirs in {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}.items():
            decay = {"weight_decay": 0.01} if optimiser == "adamw" else {}
            weights = torch.from_numpy(flattened(parameters)).requires_grad_()
            steps = theirs([weights], lr=RATE, betas=(0.9, 0.98), eps=1e-9, **decay)
            for factor in FACTORS:
                weights.grad = factor * gradient
                steps.step()
            arrays[optimiser] = weights.detach().numpy()
    np.savez_compressed(GOLDEN, **arrays)
    print(f"{len(CASES)} configurations, {GOLDEN.stat().st_size} bytes: {GOLDEN.name}")


if __name__ == "__main__":
    write()

"""The same transformer as a PyTorch user would write it: torch.nn.Transformer, embeddings, an output layer.

Without PyTorch, importing this ends the process with a word on how to get it.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping

from explorer.transformer.batches import Batch
from explorer.transformer.configuration import Configuration
from explorer.transformer.layers import sinusoidal_positions
from explorer.transformer.model import PAD
from explorer.transformer.tape import Array

try:
    import torch
except ImportError:
    sys.exit("This benchmark compares with PyTorch: pip install torch==2.13.0")

warnings.filterwarnings("ignore", "enable_nested_tensor")  # it says that pre-norm has no fast path for inference


class PyTorchTransformer(torch.nn.Module):
    """The same function in float32: sinusoidal positions, ReLU, embeddings not scaled, output layer not tied."""

    positions: torch.Tensor  # (longest, d)

    def __init__(self, configuration: Configuration, parameters: Mapping[str, Array]):
        super().__init__()
        d, layers = configuration.d_model, configuration.layers
        self.source = torch.nn.Embedding(configuration.source_words, d)
        self.target = torch.nn.Embedding(configuration.target_words, d)
        self.transformer = torch.nn.Transformer(
            d,
            configuration.heads,
            layers,
            layers,
            configuration.hidden,
            dropout=0.0,
            batch_first=True,
            norm_first=configuration.norm == "pre",
        )
        if configuration.norm == "post":  # PyTorch adds a norm after each stack there too, the paper does not
            self.transformer.encoder.norm = self.transformer.decoder.norm = None
        self.output = torch.nn.Linear(d, configuration.target_words)
        positions = torch.from_numpy(sinusoidal_positions(configuration.longest, d)).float()
        self.register_buffer("positions", positions, persistent=False)
        self.load_state_dict(pytorch_weights(configuration, parameters))

    def forward(self, source, target):
        """Logits (B, T, V) for source ids (B, S) and target ids (B, T)."""
        length = target.shape[1]
        source_padding, target_padding = (ids == PAD if (ids == PAD).any() else None for ids in (source, target))
        y = self.transformer(
            self.source(source) + self.positions[: source.shape[1]],
            self.target(target) + self.positions[:length],
            tgt_mask=torch.ones(length, length, dtype=torch.bool).triu(1),
            tgt_is_causal=True,
            src_key_padding_mask=source_padding,
            memory_key_padding_mask=source_padding,
            tgt_key_padding_mask=target_padding,
        )
        return self.output(y)

    def loss(self, batch: Batch):
        """The mean cross-entropy of the expected words, and the logits (B, T, V)."""
        source, target, expected = (torch.from_numpy(ids) for ids in batch)
        logits = self(source, target)
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), expected.flatten(), ignore_index=PAD), logits


def pytorch_weights(configuration: Configuration, parameters: Mapping[str, Array]) -> dict[str, torch.Tensor]:
    """Our parameters by PyTorch's names; its weights are (d_out, d_in), those of query, key and value stacked."""
    weights = {f"{side}.weight": torch.tensor(parameters[f"{side}.table"]) for side in ("source", "target")}

    def linear(theirs: str, *ours: str) -> None:
        weights[f"{theirs}weight"] = torch.cat([torch.tensor(parameters[f"{name}.weight"]).T for name in ours])
        weights[f"{theirs}bias"] = torch.cat([torch.tensor(parameters[f"{name}.bias"]) for name in ours])

    def norm(theirs: str, ours: str) -> None:
        weights[f"{theirs}.weight"] = torch.tensor(parameters[f"{ours}.gain"])
        weights[f"{theirs}.bias"] = torch.tensor(parameters[f"{ours}.bias"])

    attentions = {"self_attn": "self_attention", "multihead_attn": "cross_attention"}
    for stack, names in {"encoder": ["self_attn"], "decoder": ["self_attn", "multihead_attn"]}.items():
        for layer in range(configuration.layers):
            ours, theirs = f"{stack}.{layer}", f"transformer.{stack}.layers.{layer}"
            for number, name in enumerate(names, 1):
                attention = f"{ours}.{attentions[name]}"
                linear(f"{theirs}.{name}.in_proj_", *(f"{attention}.{role}" for role in ("query", "key", "value")))
                linear(f"{theirs}.{name}.out_proj.", f"{attention}.output")
                norm(f"{theirs}.norm{number}", f"{attention}.norm")
            linear(f"{theirs}.linear1.", f"{ours}.feed_forward.hidden")
            linear(f"{theirs}.linear2.", f"{ours}.feed_forward.output")
            norm(f"{theirs}.norm{len(names) + 1}", f"{ours}.feed_forward.norm")
        if configuration.norm == "pre":
            norm(f"transformer.{stack}.norm", f"{stack}.norm")
    linear("output.", "output")
    return weights


def adam(model: torch.nn.Module, rate: float) -> torch.optim.Adam:
    """PyTorch's Adam with our settings."""
    return torch.optim.Adam(model.parameters(), lr=rate, betas=(0.9, 0.98), eps=1e-9)

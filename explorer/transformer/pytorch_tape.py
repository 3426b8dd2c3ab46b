"""A tape that PyTorch computes, forward and back, on a graphics processor where there is one.

It is for training larger models: the same weights, batches and dropout give the same losses and gradients as NumPy's
tape, but for rounding. Which operation follows which is said by the model, as always; here stands what each is in
PyTorch. NumPy's operations stay the truth: they explain themselves, and these are tested against them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer import operations as ours
from explorer.transformer.convolution import Features
from explorer.transformer.operations.pointwise import LAYER_NORM_EPSILON
from explorer.transformer.tape import Array, Node, Operation, Tape

try:
    import torch
    from torch.nn import functional
except ImportError as error:
    raise UserError(
        _("PyTorch is not installed: pip install torch. Or take numpy as the backend, which computes the same.")
    ) from error


class PyTorchTape(Tape):
    """A tape without a trace whose values are PyTorch's tensors, of the dtype of the parameters."""

    def __init__(
        self, parameters: Mapping[str, Array], random: np.random.Generator | None = None, frozen: Collection[str] = ()
    ):
        super().__init__(parameters, tracing=False, random=random, frozen=frozen)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def apply(self, operation: Operation, *inputs: Node, name: str) -> Node:
        """Compute `operation` on `inputs`; PyTorch records it."""
        value = _COMPUTED[type(operation)](operation, *(node.value for node in inputs))
        return self._keep(Node(self, self.full_name(name), value, operation))

    def backward(self, output: Node, gradient: Array | None = None) -> dict[str, Array]:
        """The gradient of the loss with respect to every parameter that is not frozen, by name, as NumPy's arrays."""
        self.output = output
        value: Any = output.value
        value.backward(None if gradient is None else _tensor(gradient, self._device))
        output.value = value.detach()
        learnable: dict[str, Any] = {
            name: node.value for name, node in self.parameters.items() if name not in self._frozen
        }
        return {
            name: np.zeros_like(self._arrays[name]) if tensor.grad is None else tensor.grad.cpu().numpy()
            for name, tensor in learnable.items()
        }

    def _leaf(self, name: str, value: Array, is_fixed: bool) -> Node:
        return super()._leaf(name, _tensor(value, self._device).requires_grad_(not is_fixed), is_fixed)


def _tensor(array: Array, device: Any) -> Any:
    return torch.from_numpy(np.require(array, requirements="W")).to(device)


def _beside(array: Array, x: Any) -> Any:
    """An array of an operation as a tensor on the device of another one."""
    return _tensor(array, x.device)


def _matmul(operation: ours.MatMul, x: Any, y: Any) -> Any:
    return x @ (y.mT if operation.transposed else y)


def _split_heads(operation: ours.SplitHeads, x: Any) -> Any:
    return x.unflatten(-1, (operation.heads, -1)).transpose(-2, -3)  # (…, h, T, d / h)


def _mask(operation: ours.Mask, x: Any) -> Any:
    return x.masked_fill(~_beside(operation.allowed, x), -math.inf)


def _attention(operation: ours.Attention, query: Any, key: Any, value: Any) -> Any:
    allowed = None if operation.allowed is None else _beside(operation.allowed, query)
    return functional.scaled_dot_product_attention(query, key, value, allowed)


def _dropout(operation: ours.Dropout, x: Any) -> Any:
    return x * _beside(operation.kept, x) / (1 - operation.rate)


def _layer_norm(operation: ours.LayerNorm, x: Any, gain: Any, bias: Any) -> Any:
    return functional.layer_norm(x, gain.shape, gain, bias, LAYER_NORM_EPSILON)


def _losses(operation: ours.SoftmaxCrossEntropy, logits: Any) -> Any:
    targets = _beside(operation.targets, logits).flatten().long()
    losses = functional.cross_entropy(
        logits.flatten(0, -2), targets, reduction="none", label_smoothing=operation.smoothing
    )
    return losses.view(operation.targets.shape) * _beside(operation.counted, logits)


def _mean(operation: ours.Mean, losses: Any) -> Any:
    counted = _beside(operation.counted, losses)
    return losses[counted].sum() / counted.sum()


def _features(operation: Features, x: Any, *parameters: Any) -> Any:
    real = _beside(operation.real, x)
    x = (x * real[..., None]).mT  # (B, d, S), as PyTorch's convolutions take it
    highest = []
    for w, weight, bias in zip(operation.windows, parameters[::2], parameters[1::2], strict=True):
        filters = weight.unflatten(0, (w, -1)).permute(2, 1, 0)  # (w d, F) → (F, d, w)
        sums = functional.conv1d(x, filters, bias, padding=w - 1)  # (B, F, S + w − 1)
        windows = torch.arange(sums.shape[-1], device=x.device)
        beyond = windows >= real.sum(-1, keepdim=True) + w - 1  # windows without a word
        highest.append(sums.masked_fill(beyond[:, None], -math.inf).amax(-1))
    return functional.relu(torch.cat(highest, -1))[:, None]  # (B, 1, F · windows)


_COMPUTED: dict[type, Callable[..., Any]] = {
    ours.Add: lambda operation, x, y: x + y,
    ours.Attention: _attention,
    ours.Dropout: _dropout,
    Features: _features,
    ours.GELU: lambda operation, x: functional.gelu(x),
    ours.LayerNorm: _layer_norm,
    ours.Linear: lambda operation, x, weight, bias: x @ weight + bias,
    ours.Lookup: lambda operation, table: functional.embedding(_beside(operation.ids, table).long(), table),
    ours.Mask: _mask,
    ours.MatMul: _matmul,
    ours.Mean: _mean,
    ours.MergeHeads: lambda operation, x: x.transpose(-2, -3).flatten(-2),
    ours.ReLU: lambda operation, x: functional.relu(x),
    ours.Scale: lambda operation, x: x * operation.factor,
    ours.Softmax: lambda operation, x: x.softmax(-1),
    ours.SoftmaxCrossEntropy: _losses,
    ours.SplitHeads: _split_heads,
    ours.TransposedLinear: lambda operation, x, weight, bias: x @ weight.mT + bias,
}

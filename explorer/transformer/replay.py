"""What if a number were another one? Everything that depends on it, computed again from the same tape."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace


def replay(trace: Trace, changes: Mapping[str, Array]) -> dict[str, Array]:
    """The values of all tensors that differ when those in `changes` (name → array of the same shape) are put in place:
    the changed ones themselves, and what was computed from them.

    Raises UserError for a name that is not on the trace, or an array of another shape.
    """
    for name, array in changes.items():
        if array.shape != trace[name].shape:
            raise UserError(
                _(
                    "{name} has shape {shape}, but the change has {other}.",
                    name=name,
                    shape=trace[name].shape,
                    other=array.shape,
                )
            )
    values = dict(changes)
    for tensor in trace:
        node = tensor.node
        if node.name in changes or node.operation is None:
            continue
        if any(source.name in values for source in node.inputs):
            inputs = (values.get(source.name, source.value) for source in node.inputs)
            values[node.name] = node.operation.forward(*inputs)[0]
    return values

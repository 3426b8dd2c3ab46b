"""The operations a transformer is made of. Each knows

- `forward`, its value;
- `vjp`, the gradient of the loss with respect to its inputs, given that with respect to its value;
- `formula` and `slope_formulas`, in LaTeX; where the slopes have letters of their own, `letters` says what these
  stand for, with {0} for the symbol of the operation's input;
- `terms`, what adds up to one number of its value, and `slopes`, through which numbers of its value, and how
  steeply, one number of an input moves the loss.

Shapes: B sentences, h heads, T tokens, d features. Every operation takes any number of leading axes, so that one
sentence (T, d) and a batch (B, T, d) go the same way.
"""

from explorer.transformer.operations.attention import Append, Attention, Mask, MergeHeads, Softmax, SplitHeads
from explorer.transformer.operations.loss import CrossEntropy, Mean, SoftmaxCrossEntropy, TooUnlikely
from explorer.transformer.operations.pointwise import GELU, Dropout, LayerNorm, ReLU
from explorer.transformer.operations.products import Add, Linear, Lookup, MatMul, Scale, TransposedLinear

__all__ = [
    "GELU",
    "Add",
    "Append",
    "Attention",
    "CrossEntropy",
    "Dropout",
    "LayerNorm",
    "Linear",
    "Lookup",
    "Mask",
    "MatMul",
    "Mean",
    "MergeHeads",
    "ReLU",
    "Scale",
    "Softmax",
    "SoftmaxCrossEntropy",
    "SplitHeads",
    "TooUnlikely",
    "TransposedLinear",
]

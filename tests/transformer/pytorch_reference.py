"""PyTorch's own TransformerEncoder, given our weights: what the encoder is checked against.

Run it to write the golden values that are checked where PyTorch is not installed:

    python -m tests.transformer.pytorch_reference
"""

from pathlib import Path

import numpy as np

from explorer.transformer import article
from explorer.transformer.configuration import Configuration
from explorer.transformer.parameters import initial_parameters

GOLDEN = Path(__file__).with_name("golden_encoder.npz")
CASES = {
    "article": (Configuration(d_model=4, heads=2, layers=2), article.VECTORS),
    "wider": (Configuration(d_model=6, heads=3, layers=3, d_ff=5), np.random.default_rng(7).normal(size=(5, 6))),
}


def uneven_parameters(configuration, seed):
    """Initial parameters with noise on top, so that biases and gains are put to the test as well."""
    random = np.random.default_rng([seed, 1])
    parameters = initial_parameters(configuration, seed)
    return {name: array + random.normal(0, 0.2, array.shape) for name, array in parameters.items()}


def pytorch_encoder(configuration, parameters):
    """A float64 torch.nn.TransformerEncoder with these weights; ours are (d_in, d_out), PyTorch's (d_out, d_in)."""
    import torch

    layer = torch.nn.TransformerEncoderLayer(
        configuration.d_model,
        configuration.heads,
        configuration.hidden,
        dropout=0.0,
        batch_first=True,
        dtype=torch.float64,
    )
    encoder = torch.nn.TransformerEncoder(layer, configuration.layers, enable_nested_tensor=False)
    state = {}
    for number in range(configuration.layers):
        attention, feed_forward = f"encoder.{number}.self_attention", f"encoder.{number}.feed_forward"
        roles = ("query", "key", "value")
        ours = {
            "self_attn.in_proj_weight": np.concatenate([parameters[f"{attention}.{r}.weight"].T for r in roles]),
            "self_attn.in_proj_bias": np.concatenate([parameters[f"{attention}.{r}.bias"] for r in roles]),
            "self_attn.out_proj.weight": parameters[f"{attention}.output.weight"].T,
            "self_attn.out_proj.bias": parameters[f"{attention}.output.bias"],
            "norm1.weight": parameters[f"{attention}.norm.gain"],
            "norm1.bias": parameters[f"{attention}.norm.bias"],
            "linear1.weight": parameters[f"{feed_forward}.hidden.weight"].T,
            "linear1.bias": parameters[f"{feed_forward}.hidden.bias"],
            "linear2.weight": parameters[f"{feed_forward}.output.weight"].T,
            "linear2.bias": parameters[f"{feed_forward}.output.bias"],
            "norm2.weight": parameters[f"{feed_forward}.norm.gain"],
            "norm2.bias": parameters[f"{feed_forward}.norm.bias"],
        }
        for name, array in ours.items():
            state[f"layers.{number}.{name}"] = torch.from_numpy(np.ascontiguousarray(array))
    encoder.load_state_dict(state)
    return encoder


def pytorch_layers(configuration, parameters, x):
    """What goes in, then what each block gives: a list of (…, T, d) tensors with their gradients retained."""
    import torch

    outputs = [torch.from_numpy(x).unsqueeze(0).requires_grad_()]
    for layer in pytorch_encoder(configuration, parameters).layers:
        outputs.append(layer(outputs[-1]))
    return outputs


def write_golden():
    arrays = {}
    for case, (configuration, x) in CASES.items():
        parameters = uneven_parameters(configuration, seed=3)
        for name, array in parameters.items():
            arrays[f"{case}/parameters/{name}"] = array
        for number, output in enumerate(pytorch_layers(configuration, parameters, x)[1:]):
            arrays[f"{case}/blocks/{number}"] = output.detach().numpy()[0]
    np.savez_compressed(GOLDEN, **arrays)
    print(f"{len(arrays)} arrays, {GOLDEN.stat().st_size} bytes: {GOLDEN.name}")


if __name__ == "__main__":
    write_golden()

"""The whole encoder-decoder in PyTorch's own functions, every intermediate under the name that our trace gives it."""

import math

import torch
import torch.nn.functional as F


def pytorch_pass(configuration, parameters, positions, source, target, expected, smoothing=0.0):
    """Named float64 tensors with retained gradients, the parameters as leaves among them, after `loss.backward()`.

    `positions` are sinusoidal rows (longest, d); ids are (B, S) and (B, T) integer arrays, 0 being padding. Of a
    classifier there is no target, and `expected` has the numbers of the labels, (B, 1); of a language model no source.
    """
    tensors = {}
    leaves = {name: torch.tensor(array, dtype=torch.float64, requires_grad=True) for name, array in parameters.items()}
    source, expected = None if source is None else torch.from_numpy(source), torch.from_numpy(expected)

    def keep(name, tensor):
        if tensor.requires_grad:
            tensor.retain_grad()
        tensors[name] = tensor
        return tensor

    def linear(x, name):
        return F.linear(x, leaves[f"{name}.weight"].T, leaves[f"{name}.bias"])

    def norm(x, name, tensor_name=None):
        d = (configuration.d_model,)
        return keep(tensor_name or name, F.layer_norm(x, d, leaves[f"{name}.gain"], leaves[f"{name}.bias"], eps=1e-5))

    def attention(x, memory, name, masked):
        def heads(y, role):
            projected = keep(f"{name}.projected_{role}", linear(y, f"{name}.{role}"))
            shape = (*projected.shape[:-1], configuration.heads, -1)
            return keep(f"{name}.{role}", projected.view(shape).transpose(-2, -3))

        query, key, value = heads(x, "query"), heads(memory, "key"), heads(memory, "value")
        scores = keep(f"{name}.scores", torch.einsum("bhqd,bhkd->bhqk", query, key))
        scaled = keep(f"{name}.scaled", scores / math.sqrt(query.shape[-1]))
        if masked is not None:
            scaled = keep(f"{name}.masked", scaled.masked_fill(masked, -math.inf))
        weights = keep(f"{name}.weights", scaled.softmax(-1))
        attended = keep(f"{name}.heads", torch.einsum("bhqk,bhkd->bhqd", weights, value))
        joined = keep(f"{name}.concatenated", attended.transpose(1, 2).flatten(2))
        return keep(f"{name}.output", linear(joined, f"{name}.output"))

    def feed_forward(x, name):
        hidden = keep(f"{name}.hidden", linear(x, f"{name}.hidden"))
        activation = F.relu if configuration.activation == "relu" else F.gelu
        return keep(f"{name}.output", linear(keep(f"{name}.activation", activation(hidden)), f"{name}.output"))

    def sublayer(x, name, function):
        if configuration.norm == "pre":
            return keep(f"{name}.residual", x + function(norm(x, f"{name}.norm", f"{name}.normalised")))
        return norm(keep(f"{name}.residual", x + function(x)), f"{name}.norm")

    def embed(side, ids):
        x = keep(f"{side}.embedding", F.embedding(ids, leaves[f"{side}.table"]))
        if f"{side}.projection" in leaves:
            x = keep(f"{side}.projected", x @ leaves[f"{side}.projection"])
        if configuration.scaled:
            x = keep(f"{side}.scaled_embedding", x * math.sqrt(configuration.d_model))
        learned = configuration.positions == "learned"
        rows = leaves[f"{side}.position_table"] if learned else torch.tensor(positions)
        return keep(f"{side}.input", x + keep(f"{side}.positions", rows[: ids.shape[1]] * 1))

    padded = (source == 0)[:, None, None, :] if source is not None and (source == 0).any() else None

    def encoded():
        x = embed("source", source)
        for layer in range(configuration.layers):
            at = f"encoder.{layer}"
            x = sublayer(x, f"{at}.self_attention", lambda y, at=at: attention(y, y, f"{at}.self_attention", padded))
            x = sublayer(x, f"{at}.feed_forward", lambda y, at=at: feed_forward(y, f"{at}.feed_forward"))
        return norm(x, "encoder.norm") if configuration.norm == "pre" else x

    memory = None if source is None else encoded()
    if configuration.labels:
        labels_of(memory, source, expected, configuration, leaves, keep).backward()
        return tensors, leaves
    target = torch.from_numpy(target)
    future = torch.triu(torch.ones(target.shape[1], target.shape[1], dtype=torch.bool), diagonal=1)
    blocked = future | (target == 0)[:, None, None, :]
    y = embed("target", target)
    for layer in range(configuration.layers):
        at = f"decoder.{layer}"
        y = sublayer(y, f"{at}.self_attention", lambda z, at=at: attention(z, z, f"{at}.self_attention", blocked))
        if memory is not None:
            across = f"{at}.cross_attention"
            y = sublayer(y, across, lambda z, across=across: attention(z, memory, across, padded))
        y = sublayer(y, f"{at}.feed_forward", lambda z, at=at: feed_forward(z, f"{at}.feed_forward"))
    if configuration.norm == "pre":
        y = norm(y, "decoder.norm")
    if configuration.tied:
        table = leaves["target.table"]
        if "target.projection" in leaves:
            table = keep("projected_table", table @ leaves["target.projection"])
        logits = keep("similarities", y @ table.T) + leaves["output.bias"]
    else:
        logits = linear(y, "output")
    logits = keep("logits", logits)
    keep("probabilities", logits.detach().softmax(-1))
    loss = F.cross_entropy(logits.flatten(0, 1), expected.flatten(), ignore_index=0, label_smoothing=smoothing)
    keep("loss", loss).backward()
    return tensors, leaves


def labels_of(memory, source, expected, configuration, leaves, keep):
    """The loss of a classifier's labels: pooling by PyTorch's means, first rows and attention, then a linear layer."""
    padded = source == 0
    if configuration.pooling == "first":
        pooled = memory[:, :1]
    elif configuration.pooling == "mean":
        kept = memory.masked_fill(padded[:, :, None], 0)
        pooled = kept.sum(dim=1, keepdim=True) / (~padded).sum(dim=1)[:, None, None]
    else:
        query = leaves["pooling.query"].expand(len(memory), 1, -1)
        pooled = F.scaled_dot_product_attention(query, memory, memory, attn_mask=~padded[:, None, :])
    pooled = keep("pooling.pooled", pooled)
    logits = F.linear(pooled, leaves["labels.output.weight"].T, leaves["labels.output.bias"])
    logits = keep("labels.logits", logits)
    keep("labels.probabilities", logits.detach().softmax(-1))
    return keep("loss", F.cross_entropy(logits[:, 0], expected[:, 0]))


def as_arrays(tensors, leaves):
    """What `pytorch_pass` gave as arrays: values first to last, gradients last to first, those of the leaves behind."""
    values = {name: tensor.detach().numpy() for name, tensor in tensors.items()}
    gradients = {name: t.grad.numpy() for name, t in reversed(tensors.items()) if t.grad is not None}
    return values, gradients | {name: leaf.grad.numpy() for name, leaf in leaves.items()}

"""The article's whole example in plain loops over lists: no NumPy, no tape, no code shared with the transformer.

It takes the parameters' numbers and computes every intermediate from the words to the loss, under the trace's names.
Run it to write the golden values:

    python -m tests.transformer.article_by_hand
"""

import json
import math
from pathlib import Path

GOLDEN = Path(__file__).with_name("golden_article.json")
SOURCE = ["You", "are", "welcome"]
X = [[0.1, 0.2, -0.1, 0.4], [-0.3, 0.5, 0.1, -0.2], [0.4, -0.3, 0.2, 0.1]]
TARGET = ["<start>", "de", "nada"]
Y = [[0.0, 0.0, 0.0, 0.0], [-0.2, 0.4, 0.3, 0.1], [0.5, -0.1, -0.4, 0.3]]
WORDS = ["<pad>", "<start>", "<end>", "<unk>", "de", "nada"]
EXPECTED = ["de", "nada", "<end>"]
HEADS = 2


def product(a, b):
    return [[sum(a[i][k] * b[k][j] for k in range(len(b))) for j in range(len(b[0]))] for i in range(len(a))]


def transposed(a):
    return [[row[j] for row in a] for j in range(len(a[0]))]


def plus(a, b):
    return [[x + y for x, y in zip(row, other, strict=True)] for row, other in zip(a, b, strict=True)]


def positions(length, d):
    table = []
    for t in range(length):
        row = []
        for i in range(d // 2):
            row += [math.sin(t / 10000 ** (2 * i / d)), math.cos(t / 10000 ** (2 * i / d))]
        table.append(row)
    return table


def softmax(row):
    powers = [math.exp(x) for x in row]
    return [power / sum(powers) for power in powers]


def compute(parameters):
    """Every named intermediate as nested lists, given the parameters as nested lists."""
    values = {}

    def linear(x, name):
        xw = product(x, parameters[f"{name}.weight"])
        return [[value + b for value, b in zip(row, parameters[f"{name}.bias"], strict=True)] for row in xw]

    def add_and_norm(x, y, name):
        values[f"{name}.residual"] = total = plus(x, y)
        result = []
        for row in total:
            mean = sum(row) / len(row)
            variance = sum((value - mean) ** 2 for value in row) / len(row)
            normal = [(value - mean) / math.sqrt(variance + 1e-5) for value in row]
            gain, bias = parameters[f"{name}.norm.gain"], parameters[f"{name}.norm.bias"]
            result.append([n * g + b for n, g, b in zip(normal, gain, bias, strict=True)])
        values[f"{name}.norm"] = result
        return result

    def attention(x, memory, name, causal=False):
        def split(rows):
            width = len(rows[0]) // HEADS
            return [[row[h * width : (h + 1) * width] for row in rows] for h in range(HEADS)]

        for role, rows in (("query", x), ("key", memory), ("value", memory)):
            values[f"{name}.projected_{role}"] = linear(rows, f"{name}.{role}")
            values[f"{name}.{role}"] = split(values[f"{name}.projected_{role}"])
        query, key, value = (values[f"{name}.{role}"] for role in ("query", "key", "value"))
        scores = [product(query[h], transposed(key[h])) for h in range(HEADS)]
        scaled = [[[s / math.sqrt(len(query[0][0])) for s in row] for row in head] for head in scores]
        values[f"{name}.scores"], values[f"{name}.scaled"] = scores, scaled
        if causal:
            scaled = [[[s if k <= q else -math.inf for k, s in enumerate(r)] for q, r in enumerate(h)] for h in scaled]
            values[f"{name}.masked"] = [[[None if s == -math.inf else s for s in r] for r in h] for h in scaled]
        weights = [[softmax(row) for row in head] for head in scaled]
        heads = [product(weights[h], value[h]) for h in range(HEADS)]
        joined = [[number for h in range(HEADS) for number in heads[h][t]] for t in range(len(x))]
        values[f"{name}.weights"], values[f"{name}.heads"], values[f"{name}.concatenated"] = weights, heads, joined
        values[f"{name}.output"] = linear(joined, f"{name}.output")
        return values[f"{name}.output"]

    def feed_forward(x, name):
        values[f"{name}.hidden"] = hidden = linear(x, f"{name}.hidden")
        values[f"{name}.activation"] = active = [[max(0.0, number) for number in row] for row in hidden]
        values[f"{name}.output"] = linear(active, f"{name}.output")
        return values[f"{name}.output"]

    def embed(vectors, side):
        values[f"{side}.embedding"] = vectors
        values[f"{side}.positions"] = positions(len(vectors), len(vectors[0]))
        values[f"{side}.input"] = plus(vectors, values[f"{side}.positions"])
        return values[f"{side}.input"]

    x = embed(X, "source")
    x = add_and_norm(x, attention(x, x, "encoder.0.self_attention"), "encoder.0.self_attention")
    memory = add_and_norm(x, feed_forward(x, "encoder.0.feed_forward"), "encoder.0.feed_forward")
    y = embed(Y, "target")
    y = add_and_norm(y, attention(y, y, "decoder.0.self_attention", causal=True), "decoder.0.self_attention")
    y = add_and_norm(y, attention(y, memory, "decoder.0.cross_attention"), "decoder.0.cross_attention")
    y = add_and_norm(y, feed_forward(y, "decoder.0.feed_forward"), "decoder.0.feed_forward")
    values["logits"] = linear(y, "output")
    values["probabilities"] = [softmax(row) for row in values["logits"]]
    chosen = [row[WORDS.index(word)] for row, word in zip(values["probabilities"], EXPECTED, strict=True)]
    values["losses"] = [-math.log(p) for p in chosen]
    values["loss"] = sum(values["losses"]) / len(values["losses"])
    return values


def main():
    from explorer.transformer import article

    parameters = {name: array.tolist() for name, array in article.translator().parameters.items()}
    values = compute(parameters)
    GOLDEN.write_text(json.dumps({"parameters": parameters, "values": values}) + "\n", encoding="utf-8")
    print(f"{len(values)} tensors, {GOLDEN.stat().st_size} bytes: {GOLDEN.name}; loss {values['loss']}")


if __name__ == "__main__":
    main()

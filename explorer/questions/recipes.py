"""Copy as Python without this project: the few gensim and NumPy lines that give the numbers of an answer.

`recipe` returns a program that leaves its result in `answer`. It is run where `models/` is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from explorer import places
from explorer.embeddings import catalog, store
from explorer.embeddings.bounds import LEAST_SHARE
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.filters import on_list
from explorer.embeddings.formula import parse
from explorer.embeddings.frequency import HIGH, LOW
from explorer.embeddings.keys import other_forms
from explorer.embeddings.matrix import matrix as matrix_of
from explorer.embeddings.model_files import SUBWORDS, VECTORS, VOCABULARY
from explorer.embeddings.queries import Query, resolve
from explorer.embeddings.tags import code_of, tags_in
from explorer.embeddings.word_lists import query_list
from explorer.questions.question import Question
from explorer.questions.vectors import Analogy, Matrix, OddOneOut, Placement, Similarity
from explorer.questions.words import Neighbours

_NUMPY = "import numpy as np"
_GENSIM = "from gensim.models import KeyedVectors"
_PRINTED = ["for word, score in answer:", '    print(f"{score:.4f}  {word}")']


def recipe(question: Question) -> str | None:
    """The program of a question, None where there is none, as for a model of an engine. Raises UserError as the
    question itself does."""
    program = _RECIPES.get(type(question))
    return program(question) if program and question.embedding.remote is None else None  # type: ignore[attr-defined]


def _neighbours(question: Neighbours) -> str | None:
    """None where it goes by columns, which only this project keeps."""
    if question.where:
        return None
    embedding, n, metric = question.embedding, question.n, question.metric
    query = resolve(embedding, question.word, question.pos)
    forms = other_forms(embedding, query.words) if question.without_forms else []
    filters = [
        *_by_tag(embedding, question.pos),
        *_by_count(embedding, question.minimum_count, question.maximum_count, question.band),
        *_by_list(embedding, question.among),
        *_by_pattern(question.pattern),
    ]
    if not filters and not forms and metric == "cosine" and query.kind not in ("subwords", "formula"):
        words = query.words[0] if len(query.words) == 1 else list(query.words)
        return _program(embedding, [f"answer = vectors.most_similar({_literal(words)}, topn={n})", *_PRINTED])
    lines = [
        "words = np.array(vectors.index_to_key, dtype=object)",
        *_query(embedding, question, query),
        f"allowed = ~np.isin(words, {_literal([embedding.words[row] for row in (*query.rows, *forms)])})",
        *filters,
        f"scores = {_SCORES[metric]}",
        f"nearest = np.argsort(np.where(allowed, {'scores' if metric == 'euclidean' else '-scores'}, np.inf), "
        f'kind="stable")[: min({n}, allowed.sum())]',
        "answer = [(words[row], float(scores[row])) for row in nearest]",
        *_PRINTED,
    ]
    return _program(embedding, lines)


def _query(embedding: Embedding, question: Neighbours, query: Query) -> list[str]:
    """Lines that make `query`."""
    if query.kind != "formula":
        return [f"query = {_vector(embedding, query)}"]
    terms = parse(question.word).terms
    queries = [resolve(embedding, term.word, question.pos) for term in terms]
    weighted = [(query.label, term.weight) for query, term in zip(queries, terms, strict=True)]
    return [
        *_units(embedding, queries),
        f"query = sum(weight * unit[word] for word, weight in {_pairs(weighted)})",
    ]


_SCORES = {
    "cosine": "vectors.get_normed_vectors() @ (query / np.linalg.norm(query))",
    "dot": "vectors.vectors @ query",
    "euclidean": "np.linalg.norm(vectors.vectors - query, axis=1)",
}


def _similarity(question: Similarity) -> str | None:
    """Of one pair; many have none."""
    embedding, pairs = question.embedding, question.pairs or ((question.first or "", question.second or ""),)
    if len(pairs) != 1:
        return None
    pair = [resolve(embedding, side) for side in pairs[0]]
    if _are_words(pair):
        lines = [f"answer = vectors.similarity({', '.join(_literal(query.label) for query in pair)})"]
    else:
        lines = [
            *_units(embedding, pair),
            "vectors_of_both = list(unit.values())",
            "answer = vectors_of_both[0] @ vectors_of_both[-1]",
        ]
    return _program(embedding, [*lines, 'print(f"{answer:.4f}")'])


def _analogy(question: Analogy) -> str:
    embedding, n, method = question.embedding, question.n, question.method
    terms = parse(question.formula).terms
    queries = [resolve(embedding, term.word) for term in terms]
    weighted = [(query.label, term.weight) for query, term in zip(queries, terms, strict=True)]
    forms = other_forms(embedding, (query.label for query in queries)) if question.without_forms else []
    if method == "add" and _are_words(queries) and not forms:
        added, taken = ([pair for pair in weighted if (pair[1] > 0) is sign] for sign in (True, False))
        arguments = f"positive={_pairs(added)}, negative={_pairs(taken)}, topn={n}"
        return _program(embedding, [f"answer = vectors.most_similar({arguments})", *_PRINTED])
    own = [embedding.words[row] for query in queries for row in query.rows]
    own += [embedding.words[row] for row in forms]
    lines = [
        *_units(embedding, queries),
        f"formula = {_pairs(weighted)}",
        "normed = vectors.get_normed_vectors()",
        *_COMBINED[method],
        f"given = {_literal(own)}",
        'order = np.argsort(-scores, kind="stable")',
        "answer = [(vectors.index_to_key[row], float(scores[row])) for row in order]",
        f"answer = [(word, score) for word, score in answer if word not in given][:{n}]",
        *_PRINTED,
    ]
    return _program(embedding, lines)


_COMBINED = {
    "add": [
        "query = sum(weight * unit[word] for word, weight in formula)",
        "scores = normed @ (query / np.linalg.norm(query))",
    ],
    "multiply": [
        "added = taken = 1.0",
        "for word, weight in formula:",
        "    cosines = np.clip(normed @ unit[word], -1, 1).astype(float)",
        "    factor = ((1 + cosines) / 2) ** abs(weight)",
        "    added, taken = (added * factor, taken) if weight > 0 else (added, taken * factor)",
        "scores = added / (taken + 1e-6)",
    ],
}


def _matrix(question: Matrix) -> str:
    """The words stand in the order of the answer."""
    embedding, words = question.embedding, question.words
    queries = {query.label: query for query in query_list(embedding, words, least=2)}
    lines = [
        *_units(embedding, [queries[word] for word in matrix_of(embedding, words).words]),
        "rows = np.array(list(unit.values()))",
        "answer = rows @ rows.T",
        "print(answer.round(4))",
    ]
    return _program(embedding, lines)


def _odd_one_out(question: OddOneOut) -> str:
    embedding = question.embedding
    queries = query_list(embedding, question.words, least=3)
    if _are_words(queries):
        lines = [f"answer = vectors.rank_by_centrality({_literal([query.label for query in queries])})"]
    else:
        lines = [
            *_units(embedding, queries),
            "mean = np.mean(list(unit.values()), axis=0)",
            "answer = [(vector @ mean / np.linalg.norm(mean), word) for word, vector in unit.items()]",
            "answer.sort(reverse=True)",
        ]
    printed = ["for score, word in answer:", '    print(f"{score:.4f}  {word}")']
    return _program(embedding, [*lines, *printed, 'print(f"The odd one out is {answer[-1][1]}.")'])


def _axes(question: Placement) -> str:
    embedding = question.embedding
    words = query_list(embedding, question.words, least=1)
    sides = [tuple(query_list(embedding, side, least=1) for side in pair) for pair in question.axis]
    everything = {
        query.label: query for query in (*words, *(query for pair in sides for side in pair for query in side))
    }
    lines = [
        *_units(embedding, list(everything.values())),
        f"words = {_literal([query.label for query in words])}",
        "ends = [",
        *(f"    ({', '.join(_literal([query.label for query in side]) for side in pair)})," for pair in sides),
        "]",
        "means = [[np.mean([unit[word] for word in side], axis=0) for side in pair] for pair in ends]",
        "axes = np.array([end - start for start, end in means])",
        "axes /= np.linalg.norm(axes, axis=1, keepdims=True)",
        "positions = np.array([unit[word] for word in words]) @ axes.T",
        'order = np.argsort(positions[:, 0], kind="stable")',
        "answer = [(words[row], positions[row].tolist()) for row in order]",
        "for word, position in answer:",
        "    print(word, np.round(position, 4))",
    ]
    return _program(embedding, lines)


_RECIPES: dict[type[Question], Callable[[Any], str | None]] = {
    Neighbours: _neighbours,
    Similarity: _similarity,
    Analogy: _analogy,
    Matrix: _matrix,
    OddOneOut: _odd_one_out,
    Placement: _axes,
}


def _are_words(queries: Sequence[Query]) -> bool:
    """Whether each stands for a word of the vocabulary, so that gensim can be asked by name."""
    return all(query.kind in ("word", "variant") for query in queries)


def _units(embedding: Embedding, queries: Sequence[Query]) -> list[str]:
    """Lines that make `unit`, which holds the vector of length 1 of each label."""
    if _are_words(queries):
        words = _literal([query.label for query in queries])
        return [f"unit = {{word: vectors.get_vector(word, norm=True) for word in {words}}}"]
    return [
        "unit = {",
        *(f"    {_literal(query.label)}: {_vector(embedding, query)}," for query in queries),
        "}",
        "unit = {word: vector / np.linalg.norm(vector) for word, vector in unit.items()}",
    ]


def _program(embedding: Embedding, lines: Sequence[str]) -> str:
    """The lines behind those that open the model, and behind the imports that they need."""
    lines = [*_opened(embedding), "", *lines]
    text = "\n".join(lines)
    modules = [f"import {name}" for name in ("gzip", "lzma", "pyarrow") if f"{name}." in text]
    modules += ["import pyarrow.compute"] if "pyarrow." in text else []
    imports = [*modules, *([""] if modules else []), *([_NUMPY] if "np." in text else []), _GENSIM]
    imports += ["from gensim.models.fasttext import ft_ngram_hashes"] if "ft_ngram_hashes" in text else []
    is_relative = not Path(_path(embedding, "")).is_absolute()
    where = ["# Run this in the folder in which these paths begin."] if is_relative else []
    return "\n".join([*where, *imports, "", *lines, ""])


def _opened(embedding: Embedding) -> list[str]:
    if _is_converted(embedding):
        words = _literal(_path(embedding, "words.txt"))
        return [
            f'words = open({words}, encoding="utf-8", newline="\\n").read().split("\\n")',
            f"vectors = KeyedVectors({embedding.dimensions})",
            f"vectors.add_vectors(words, np.load({_literal(_path(embedding, 'vectors.npy'))}))",
        ]
    return [
        "vectors = KeyedVectors.load_word2vec_format(",
        f"    {_literal(_path(embedding, VECTORS))},",
        f"    fvocab={_literal(_path(embedding, VOCABULARY))},",
        "    binary=True,",
        ")",
    ]


def _vector(embedding: Embedding, query: Query) -> str:
    """An expression for the query's vector."""
    if embedding.subwords is None or query.kind != "subwords":
        if len(query.words) == 1:
            return f"vectors.get_vector({_literal(query.words[0])})"
        return f"vectors.get_mean_vector({_literal(list(query.words))})"
    subwords = embedding.subwords
    hashed = f"ft_ngram_hashes({_literal(query.label)}, {subwords.minimum}, {subwords.maximum}, {subwords.buckets})"
    if _is_converted(embedding):
        opened = _literal(_path(embedding, "subwords.npy"))
    else:
        opened = f"lzma.open({_literal(_path(embedding, SUBWORDS))})"
    return f"np.load({opened})[{hashed}].mean(axis=0)"


def _by_tag(embedding: Embedding, pos: str | None) -> list[str]:
    if not pos:
        return []
    tags = list(tags_in(pos))
    if _is_converted(embedding):
        codes = [code_of(tag) for tag in tags]
        passing = f"np.isin(np.load({_literal(_path(embedding, 'tag_codes.npy'))}), {codes})"
        if embedding.tag_shares is not None:
            shares = f"np.load({_literal(_path(embedding, 'tag_shares.npy'))})[:, {[code - 1 for code in codes]}]"
            passing += f" | ({shares} >= {LEAST_SHARE}).any(axis=1)"
        return [f"allowed &= {passing}  # {pos}"]
    lexicon = _literal(places.label(catalog.LEXICON))
    return [
        f'with gzip.open({lexicon}, "rt", encoding="utf-8") as lines:',
        '    entries = (line.split("\\t") for line in lines if not line.startswith("#"))',
        '    tags = {word: [tag.split(":") for tag in tags] for word, _, *tags in entries}',
        "tags = [tags.get(word) or tags.get(word.lower(), []) for word in words]  # the main tag first",
        f"asked, least = {_literal(tags)}, {LEAST_SHARE / 100}",
        "passing = [[tag for tag, share in own if float(share) >= least or tag == own[0][0]] for own in tags]",
        "allowed &= [any(tag in asked for tag in own) for own in passing]",
    ]


def _by_count(embedding: Embedding, minimum: int, maximum: int | None, band: str | None) -> list[str]:
    if not (minimum or maximum is not None or band):
        return []
    if _is_converted(embedding):
        lines = [f"counts = np.load({_literal(_path(embedding, 'counts.npy'))})"]
    else:
        lines = ['counts = np.array([vectors.get_vecattr(word, "count") for word in words])']
    if minimum:
        lines.append(f"allowed &= counts >= {minimum}")
    if maximum is not None:
        lines.append(f"allowed &= counts <= {maximum}")
    if band in ("high", "medium"):
        lines.append(f"allowed &= counts {'>' if band == 'high' else '<='} {HIGH} * counts.sum()")
    if band in ("low", "medium"):
        lines.append(f"allowed &= counts {'<' if band == 'low' else '>='} {LOW} * counts.sum()")
    return lines


def _by_list(embedding: Embedding, among: Sequence[str] | None) -> list[str]:
    if among is None:
        return []
    rows, _ = on_list(embedding, among)
    return [f"allowed &= np.isin(words, {_literal([embedding.words[row] for row in rows])})"]


def _by_pattern(pattern: str | None) -> list[str]:
    if not pattern:
        return []
    mask = f"pyarrow.compute.match_substring_regex(pyarrow.array(words), {_literal(pattern)})"
    return [f"allowed &= {mask}.to_numpy(zero_copy_only=False)"]


def _is_converted(embedding: Embedding) -> bool:
    return store.is_converted(catalog.folder(embedding.name))


def _path(embedding: Embedding, file: str) -> str:
    return places.label(catalog.folder(embedding.name) / file)


def _literal(value: object) -> str:
    """A Python literal in double quotes; words, whatever signs they have, can be nothing else in it."""
    return json.dumps(value, ensure_ascii=False)


def _pairs(weighted: Sequence[tuple[str, float]]) -> str:
    return f"[{', '.join(f'({_literal(word)}, {_number(weight)})' for word, weight in weighted)}]"


def _number(weight: float) -> str:
    return f"{weight:g}" if float(f"{weight:g}") == weight else repr(weight)

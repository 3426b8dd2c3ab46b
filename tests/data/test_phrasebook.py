"""The shipped phrase book: complete, unambiguous, divided without leaks, and correct as far as rules can tell.

The rules of agreement here are kept by hand and share nothing with the grammar that wrote the sentences.
"""

import re
from collections import Counter
from itertools import combinations, pairwise

import pytest

from explorer.data.pairs import PHRASEBOOK, PHRASEBOOK_ORIGIN, TEST, TRAIN, VALIDATION, handwritten, read_pairs
from tools import build_phrasebook
from tools.grammar.lexicon import ESTAR, VERBS

BOOK = read_pairs(PHRASEBOOK)
TRANSLATION = {pair.source: pair.target for pair in BOOK}
HANDWRITTEN = {pair.source: pair.target for pair in handwritten()}
GENERATED = [pair for pair in BOOK if pair.source not in HANDWRITTEN]
HELD_OUT = [pair for pair in BOOK if pair.part != TRAIN]


def test_what_is_said_of_its_origin_is_true_and_said_where_results_stand():
    numbers = (f"{len(BOOK):,}", f"{len(HANDWRITTEN)}", f"{len(GENERATED):,}")
    assert re.findall(r"[0-9,]+[0-9]", PHRASEBOOK_ORIGIN) == list(numbers)
    assert not {pair.source for pair in HELD_OUT} & set(HANDWRITTEN)
    root = PHRASEBOOK.parents[2]
    for place in ("README.md", "docs/initialisation.md", "models/translators/phrasebook-en-es.toml"):
        assert "generated" in (root / place).read_text(encoding="utf-8"), place


MASCULINE = set(
    """pan queso arroz pescado pollo huevo tomate café té vino zumo vestido abrigo sombrero zapato bolso teléfono
    ordenador reloj mapa libro regalo plato coche perro gato caballo pájaro baño jardín mercado hotel restaurante museo
    banco aeropuerto parque hospital pueblo tren autobús avión niño hombre profesor médico padre hermano hijo tío amigo
    vecino marido periódico vaso río mar""".split()
)
FEMININE = set(
    """carne fruta manzana naranja patata leche cerveza camisa cámara llave carta flor botella caja mesa silla cama
    guitarra bicicleta puerta ventana cocina habitación casa estación playa biblioteca oficina escuela iglesia ciudad
    tienda niña mujer madre hermana hija tía taza radio""".split()
)
PLURALS = {"jardines": "jardín", "habitaciones": "habitación", "estaciones": "estación", "autobuses": "autobús"}
DETERMINERS = {
    ("m", 1): {"el", "un", "este", "ese", "nuestro", "al", "del"},
    ("f", 1): {"la", "una", "esta", "esa", "nuestra"},
    ("m", 2): {"los", "unos", "estos", "esos", "nuestros", "muchos", "cuántos"},
    ("f", 2): {"las", "unas", "estas", "esas", "nuestras", "muchas", "cuántas"},
}
ADJECTIVES = """rojo blanco negro nuevo viejo caro barato bonito pequeño abierto cerrado limpio sucio vacío lleno roto
    frío""".split()
ENDINGS = {("m", 1): "o", ("f", 1): "a", ("m", 2): "os", ("f", 2): "as"}
ADJECTIVE_FORMS = {adjective[:-1] + ending: adjective[:-1] for adjective in ADJECTIVES for ending in ENDINGS.values()}


def noun(word: str) -> tuple[str, int] | None:
    """Gender and number (1 or 2) of a Spanish noun kept here; None for other words."""
    for number, singular in ((1, word), (2, PLURALS.get(word, word)), (2, word[:-1]), (2, word[:-2])):
        if number == 2 and not word.endswith("s"):
            continue
        if singular in MASCULINE or singular in FEMININE:
            return ("m" if singular in MASCULINE else "f"), number
    return None


def test_the_shipped_file_is_what_the_command_builds(tmp_path):
    build_phrasebook.write_pairs(tmp_path / "phrasebook.tsv", build_phrasebook.build())
    assert (tmp_path / "phrasebook.tsv").read_bytes() == PHRASEBOOK.read_bytes()


def test_it_is_as_large_as_promised():
    assert len(HANDWRITTEN) >= 550
    assert len(GENERATED) >= 3000
    assert HANDWRITTEN.items() <= TRANSLATION.items()
    assert len({word for pair in BOOK for word in pair.source.split()}) <= 900


def test_you_are_welcome_is_de_nada():
    assert TRANSLATION["you are welcome"] == "de nada"


def test_every_phrase_has_one_translation_and_one_part():
    assert len(TRANSLATION) == len(BOOK)
    lines = (PHRASEBOOK.parent / "phrases.tsv").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not line.startswith("#")]) == len(HANDWRITTEN)


def test_the_characters_are_those_of_the_convention():
    english, spanish = r"[a-z]+(?:'[a-z]+)?", r"[a-zñáéíóúü]+"
    for pair in BOOK:
        assert re.fullmatch(rf"{english}( {english})*", pair.source), pair
        assert re.fullmatch(rf"{spanish}( {spanish})*", pair.target), pair
        assert "'s" not in pair.source, pair


def test_the_parts_have_their_shares():
    shares = {part: count / len(BOOK) for part, count in Counter(pair.part for pair in BOOK).items()}
    assert 0.08 <= shares[TEST] <= 0.10
    assert 0.04 <= shares[VALIDATION] <= 0.10
    assert all(pair.part == TRAIN for pair in BOOK if pair.source in HANDWRITTEN)


def test_held_out_phrases_are_made_of_words_known_from_training():
    training = [pair for pair in BOOK if pair.part == TRAIN]
    english = {word for pair in training for word in pair.source.split()}
    spanish = {word for pair in training for word in pair.target.split()}
    for pair in HELD_OUT:
        assert english.issuperset(pair.source.split()), pair
        assert spanish.issuperset(pair.target.split()), pair


def test_held_out_phrases_combine_words_that_no_training_phrase_combines():
    seen = {frozenset(two) for pair in BOOK if pair.part == TRAIN for two in combinations(set(pair.source.split()), 2)}
    for pair in HELD_OUT:
        assert not seen.issuperset(map(frozenset, combinations(set(pair.source.split()), 2))), pair


def test_determiners_agree_with_their_nouns():
    everywhere = set().union(*DETERMINERS.values())
    checked = 0
    for pair in GENERATED:
        words = pair.target.split()
        for determiner, word in pairwise(words):
            kind = noun(word)
            if kind and determiner in everywhere and word not in ("casa", "cocina"):  # also forms of casar, cocinar
                assert determiner in DETERMINERS[kind], pair
                checked += 1
    assert checked > 3000


def test_adjectives_agree_with_the_nouns_before_them():
    checked = 0
    for pair in GENERATED:
        words = pair.target.split()
        for before, word in pairwise(words):
            kind = noun(before)
            if kind and word in ADJECTIVE_FORMS and not word.startswith("limpi"):  # also forms of limpiar
                assert word == ADJECTIVE_FORMS[word] + ENDINGS[kind], pair
                checked += 1
    assert checked > 300


def test_predicates_agree_with_their_subjects():
    pattern = re.compile(
        r"(?:el|la|los|las|mis?|tus?|est[aeo]s?|es[aeo]s?|nuestr[ao]s?) (\w+) (?:no )?"
        r"(?:es|son|está|están) (?:muy )?(\w+)"
    )
    checked = 0
    for pair in GENERATED:
        match = pattern.fullmatch(pair.target)
        if match and noun(match[1]) and match[2] in ADJECTIVE_FORMS:
            assert match[2] == ADJECTIVE_FORMS[match[2]] + ENDINGS[noun(match[1])], pair
            checked += 1
    assert checked > 50


def test_spanish_verbs_agree_with_the_subjects_before_them():
    clitics = r"(?:no )?(?:(?:me|te|se|le|les|nos|lo|la|los) )?"
    endings = {
        rf"(?:ellos|laura y pablo) {clitics}(\w+)": r"\w+n",
        rf"mi \w+ y yo {clitics}(\w+)": r"\w+mos",
        rf"(?:él|ella|laura(?! y)|pablo) {clitics}(\w+)": r"es|\w*[aeoáóé]",
    }
    checked = Counter[str]()
    for pair in GENERATED:
        for subject, verb in endings.items():
            match = re.match(subject, pair.target)
            if match and not pair.target.startswith("él dice"):
                assert re.fullmatch(verb, match[1]), pair
                checked[subject] += 1
    assert min(checked.values()) > 100


def test_english_verbs_agree_with_the_subjects_before_them():
    plain = set("eat drink buy write go live work speak sleep call have are do".split())
    third = set("eats drinks buys reads writes goes lives works speaks sleeps calls has is does".split())
    for pair in GENERATED:
        if match := re.match(r"(?:he|she|laura(?! and)|pablo|my (?:brother|sister|mother)(?! and)) (\w+)", pair.source):
            assert match[1] not in plain, pair
        if match := re.match(r"(?:i|you|we|they|laura and pablo|my \w+ and i) (\w+)", pair.source):
            assert match[1] not in third, pair


def test_what_will_be_is_in_the_future_and_what_did_happen_is_not():
    future = re.compile(r"\b(?!esperé\b)\w*[aeid]r(?:é|ás|á|emos|án)\b")
    for pair in GENERATED:
        if re.search(r"\b(?:will|won't)\b", pair.source):
            assert future.search(pair.target), pair
        elif re.search(r"\b(?:did|didn't|does|doesn't)\b", pair.source):
            assert not future.search(pair.target), pair


def test_negation_is_on_both_sides():
    for pair in GENERATED:
        negated = re.search(r"n't\b|\bnot\b", pair.source)
        assert bool(negated) == bool(re.search(r"\bno\b", pair.target)), pair


def test_prepositions_contract_with_the_article():
    for pair in BOOK:
        assert not re.search(r"\b(?:a|de) el\b", pair.target), pair


def test_the_personal_a_stands_before_people():
    called = re.compile(
        r"\b(?:visit|call|help)(?:s|ed|ing)? (?:laura|pablo|(?:the|my|your|his|her|our) (?:brother|sister|father|mother"
        r"|son|daughter|uncle|aunt|friend|neighbour|boy|girl|man|woman|teacher|doctor|student))"
    )
    checked = 0
    for pair in GENERATED:
        if called.search(pair.source):
            assert re.search(r"\b(?:visit|llam|ayud)\w+ (?:.+ )?al? ", pair.target), pair
            checked += 1
    assert checked > 100


@pytest.mark.parametrize(
    ("english", "tense", "person", "spanish"),
    [
        ("go", "present", 0, "voy"),
        ("go", "preterite", 2, "fue"),
        ("read", "preterite", 2, "leyó"),
        ("read", "preterite", 4, "leyeron"),
        ("sleep", "present", 1, "duermes"),
        ("sleep", "present", 3, "dormimos"),
        ("sleep", "preterite", 4, "durmieron"),
        ("look for", "preterite", 0, "busqué"),
        ("arrive", "preterite", 0, "llegué"),
        ("play", "present", 2, "juega"),
        ("play", "preterite", 0, "jugué"),
        ("bring", "present", 0, "traigo"),
        ("bring", "preterite", 4, "trajeron"),
        ("give", "preterite", 2, "dio"),
        ("see", "preterite", 0, "vi"),
        ("leave", "future", 0, "saldré"),
        ("have", "future", 3, "tendremos"),
        ("close", "present", 4, "cierran"),
        ("live", "present", 3, "vivimos"),
        ("eat", "present", 3, "comemos"),
    ],
)
def test_verbs_are_conjugated_as_the_grammar_books_say(english, tense, person, spanish):
    assert VERBS[english].tenses[tense][person] == spanish


def test_the_copula_is_conjugated_as_the_grammar_books_say():
    assert ESTAR.tenses["present"] == ("estoy", "estás", "está", "estamos", "están")
    assert ESTAR.tenses["preterite"] == ("estuve", "estuviste", "estuvo", "estuvimos", "estuvieron")
    assert ESTAR.tenses["future"] == ("estaré", "estarás", "estará", "estaremos", "estarán")

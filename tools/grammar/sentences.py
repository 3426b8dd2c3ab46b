"""Sentences drawn from the grammar: what people do, what things are like, questions, wishes, commands.

A method of `Sentences` draws one sentence of one construction; `generate` draws from all of them.
"""

from collections.abc import Iterator
from functools import partial

from tools.grammar.lexicon import (
    ADJECTIVES,
    ESTAR,
    EXPRESSIONS,
    NOUNS,
    QUALITIES,
    SER,
    STATES,
    TENER,
    VERBS,
    Adjective,
    Noun,
    Text,
    nouns,
)
from tools.grammar.parts import BUILDINGS, PLACES, Draw, Parts
from tools.grammar.rules import (
    DATIVE,
    FIRST,
    MOODS,
    NEGATION,
    NOTHING,
    NUMBERS,
    PERSONS,
    QUESTION,
    SECOND,
    STATEMENT,
    THEY,
    THIRD,
    WE,
    Subject,
    agreeing,
    clause,
    command,
    contract,
    noun_phrase,
    noun_subject,
)

TENSES = ["present", "preterite", "future"]
LIKE = VERBS["like"]
MODALS = ["can", "must", "want to", "need to", "have to", "be going to"]
# After these "can" is saber in Spanish, elsewhere poder.
ABILITIES = {"swim", "sing", "speak", "cook", "read", "write", "play"}

BELONGINGS = nouns("garments things")
DESCRIBED = BELONGINGS + nouns("shoes furniture openings animals rooms") + PLACES
COLOURED = [noun for noun in DESCRIBED if "K" in noun.suits]
PRICED = [noun for noun in BELONGINGS + nouns("shoes furniture") if "P" in noun.suits]
STATEFUL = [noun for noun in [*DESCRIBED, *nouns("food drinks")] if noun.adjectives(STATES)]
COMPARABLE = [
    nouns(words)
    for words in (
        "garments",
        "table chair bed",
        "guitar bicycle car",
        "phone computer watch camera",
        "bag box bottle plate",
        "animals",
        "kitchen room bathroom garden",
        "market station hotel restaurant museum library school hospital church",
        "village city",
    )
]
OFFICES = nouns("market museum library bank office school church shop restaurant")
# Where things can be, by their kind; the last is for all other kinds.
SPOTS = {
    "animals": [
        ("in", "en", "garden park"),
        ("behind", "detrás de", "house church"),
        ("next to", "al lado de", "door car"),
    ],
    "pieces": [("on", "en", "table plate"), ("in", "en", "kitchen box bag"), ("under", "debajo de", "table chair")],
    "things": [
        ("on", "en", "table chair bed"),
        ("under", "debajo de", "table chair bed"),
        ("in", "en", "box bag kitchen room"),
    ],
}

PASTIMES = "eat drink cook read write visit travel walk study learn speak sleep play sing swim help".split()
COMMANDS = [
    "look for",
    "listen to",
    "wait for",
    *"eat drink buy read write open close clean go call help bring".split(),
]
PROGRESSIVE = [verb for verb in COMMANDS if verb != "go"]
PROGRESSIVE += "cook sell walk work study learn speak sleep play sing swim give".split()
WHAT = "eat drink buy sell read write study learn cook bring".split()
SETTLED = "live work study sleep eat swim play cook".split()  # one asks "where" of these without a complement
CIRCUMSTANCES = [
    (Text("where", "dónde"), [*SETTLED, "buy", "find", "lose", "see"]),
    (Text("when", "cuándo"), "go return arrive travel leave open close clean visit call buy sell".split()),
    (Text("why", "por qué"), [*"go study learn work buy sell open close call give".split(), "wait for", "get up"]),
]
# Of what one asks "how many": animals one saw or has, other things one has, bought, sold or found.
COUNTED_ANIMALS = [("see", "preterite"), ("have", "present")]
COUNTED_THINGS = [("have", "present"), ("buy", "preterite"), ("sell", "preterite"), ("find", "preterite")]
# What one does, and what one does not do, for feeling so.
REASONS = {
    "hungry": ["eat", "cook"], "thirsty": ["drink"], "hot": ["swim"], "sleepy": ["sleep"], "tired": ["sleep", "return"],
    "sad": ["listen to", "call", "visit", "see"], "alone": ["listen to", "call", "visit", "see"],
    "worried": ["call", "speak", "return"],
}  # fmt: skip
HINDRANCES = "tired sick busy cold sleepy nervous angry".split()
HINDERED = "go work study cook clean swim sing play speak travel walk help visit call eat read".split()


class Sentences(Parts):
    """A source of random sentences in both languages."""

    def action(self, verb: str, tense: str, person: int) -> Text:
        """*my sister didn't buy bread yesterday*"""
        mood = self.mood(person)
        subject = self.subject(person, mood)
        complement, clitic = self.complement(subject, verb, habit=tense == "present")
        time = NOTHING if "o'clock" in complement.english else self.when(verb, tense)
        return clause(subject, VERBS[verb], complement + time, tense, mood, clitic=clitic)

    def infinitive(self, subject: Subject, verb: str, habit: bool = False) -> Text:
        """*get up early*, *levantarme temprano*"""
        complement, clitic = self.complement(subject, verb, habit)
        return Text(verb, VERBS[verb].infinitive + clitic) + complement

    def modal(self) -> Text:
        """*we have to open the window*"""
        modal, person = self.pick(MODALS), self.pick(PERSONS)
        mood = self.mood(person) if modal != "must" else self.pick(MOODS[:2])
        verb = self.pick([verb for verb in self.habits if modal != "can" or verb not in ABILITIES])
        subject = self.subject(person, mood)
        infinitive = self.infinitive(subject, verb)
        time = self.when(verb, "future") if self.chance(0.5) and "o'clock" not in infinitive.english else NOTHING
        return clause(subject, VERBS[modal], infinitive + time, mood=mood)

    def progressive(self) -> Text:
        """*she is reading a book*"""
        verb, person = self.pick(PROGRESSIVE), self.pick(PERSONS)
        mood = self.mood(person)
        subject = self.subject(person, mood)
        complement, clitic = self.complement(subject, verb, habit=False)
        now = Text("now", "ahora") if self.chance(0.4) else NOTHING
        doing = Text(VERBS[verb].ing, VERBS[verb].gerund)
        return clause(subject, SER, complement + now, mood=mood, spanish_verb=ESTAR, clitic=clitic, attribute=doing)

    def order(self) -> Text:
        """*don't close the door please*, *let us go to the beach*"""
        verb, kind = VERBS[self.pick(COMMANDS)], self.pick(["do", "do", "don't", "let us"])
        complement, _ = self.complement(Subject(Text("you"), SECOND), verb.english, habit=False)
        if kind == "let us":
            vamos = "vamos" if verb.english == "go" else f"vamos a {verb.infinitive}"
            return Text(f"let us {verb.english}", vamos) + complement
        please = Text("please", "por favor") if self.chance(0.4) else NOTHING
        return command(verb, complement, negative=kind == "don't") + please

    def quality(self) -> Text:
        """*those shirts are very expensive*, *my brother isn't tall*"""
        mood = self.pick(MOODS)
        if self.chance(0.3):
            subject = self.subject(self.person(mood), mood)
            adjective = self.pick(ADJECTIVES["character"])
        else:
            noun = self.pick(DESCRIBED)
            determiners = ["the", "this", "that"] + ([] if noun in PLACES else ["my", "your", "our"])
            subject = noun_subject(self.pick(determiners), noun, self.chance(0.35))
            adjective = self.pick(noun.adjectives(QUALITIES))
        return clause(subject, SER, mood=mood, attribute=self.very(adjective) + agreeing(adjective, subject))

    def very(self, adjective: Adjective) -> Text:
        return Text("very", "muy") if adjective.comparative and self.chance(0.4) else NOTHING

    def state(self) -> Text:
        """*the water is cold*, *the shop will be closed tomorrow*, *i was tired yesterday*"""
        mood = self.pick(MOODS)
        if self.chance(0.5):
            subject, adjective = self.subject(self.person(mood), mood), self.pick(ADJECTIVES["feeling"])
            tense = self.pick(["present", "present", "preterite"])
        else:
            noun = self.pick(STATEFUL)
            plural = bool(noun.english_plural) and self.chance(0.35)
            subject = noun_subject(self.pick(["the", "this", "that"]), noun, plural)
            adjective = self.pick(noun.adjectives(STATES))
            tense = self.pick(TENSES) if adjective in ADJECTIVES["o"] else "present"
        time = self.pick(EXPRESSIONS[tense]) if tense != "present" else NOTHING
        return clause(subject, SER, time, tense, mood, ESTAR, attribute=agreeing(adjective, subject))

    def sensation(self) -> Text:
        """*my brother is very hungry*, with a noun in Spanish: *mi hermano tiene mucha hambre*"""
        mood = self.pick(MOODS)
        subject, sensation = self.subject(self.person(mood), mood), self.pick(EXPRESSIONS["sensation"])
        much = "mucha" if sensation.spanish in ("hambre", "sed") else "mucho"
        very = Text("very", much) if self.chance(0.3) else NOTHING
        return clause(subject, SER, mood=mood, spanish_verb=TENER, attribute=very + sensation)

    def possession(self) -> Text:
        """*my sister has two cats*"""
        mood, tense = self.pick([STATEMENT, STATEMENT, QUESTION]), self.pick(["present", "present", "future"])
        subject = self.subject(self.person(mood), mood)
        words, time = "garments things furniture animals house", NOTHING
        if tense == "future":
            words, time = "car bicycle guitar computer dog horse house", self.pick(EXPRESSIONS["lasting-future"])
        owned = self.thing(words, ["a", "a", "many", *NUMBERS], 0.6)()
        return clause(subject, TENER, owned + time, tense, mood)

    def liking(self) -> Text:
        """*my mother likes apples*, the other way round in Spanish: *a mi madre le gustan las manzanas*"""
        mood, kind, plural = self.pick(MOODS), self.pick(["pastime", "food", "food", "thing", "thing"]), False
        subject = self.subject(self.person(mood), mood)
        if kind == "pastime":
            liked = Text("to") + self.infinitive(subject, self.pick(PASTIMES), habit=True)
        elif kind == "food":
            noun = self.pick(nouns("food drinks pieces"))
            plural = bool(noun.english_plural)
            # What one likes in general has no article in English, but one in Spanish.
            liked = Text(noun_phrase("", noun, plural).english, noun_phrase("the", noun, plural).spanish)
        else:
            noun, plural = self.pick(DESCRIBED), self.chance(0.4)
            adjective = self.pick([None, *noun.adjectives(QUALITIES)])
            liked = noun_phrase(self.pick(["this", "that", "your"]), noun, plural, adjective)
        name = subject.text.spanish.replace(" y ", " y a ").replace(" a yo", " a mí")
        whom = f"a {name} " if name else ""
        no = "no " if mood == NEGATION else ""
        gusta = LIKE.tenses["present"][THEY if plural else THIRD]
        english = clause(subject, LIKE, liked, mood=mood).english
        return Text(english, f"{whom}{no}{DATIVE[subject.person]} {gusta} {liked.spanish}")

    def spot(self, noun: Noun) -> Text:
        """Where such a thing can be: keys on a table, a cat in the garden, a bank next to a hotel."""
        if noun in PLACES:
            return self.beside([place for place in BUILDINGS if place != noun])
        if noun in NOUNS["people"]:
            return self.at("station hotel restaurant office airport park school hospital church village shop garden")()
        kind = next((kind for kind in ("animals", "pieces") if noun in NOUNS[kind]), "things")
        english, spanish, grounds = self.pick(SPOTS[kind])
        ground = self.pick([place for place in nouns(grounds) if place != noun])
        return Text(english, spanish) + noun_phrase("the", ground)

    def existence(self) -> Text:
        """*there are two cats in the garden*"""
        mood = self.pick([STATEMENT, STATEMENT, QUESTION, NEGATION])
        noun = self.pick(nouns("garments things pieces animals animals people") + BUILDINGS)
        numbers = NUMBERS[:2] if noun in PLACES else NUMBERS
        determiner = self.pick({STATEMENT: ["a", *numbers], QUESTION: ["a", "many"], NEGATION: ["many"]}[mood])
        be = "is" if determiner == "a" else "are"
        there = {STATEMENT: f"there {be}", QUESTION: f"{be} there", NEGATION: f"there {be}n't"}[mood]
        return Text(there, "no hay" if mood == NEGATION else "hay") + noun_phrase(determiner, noun) + self.spot(noun)

    def location(self) -> Text:
        """*the keys are on the table*, *my parents were at the beach yesterday*"""
        mood, tense = self.pick(MOODS), self.pick(TENSES)
        if self.chance(0.4):
            subject = self.subject(self.person(mood), mood)
            time = self.pick(EXPRESSIONS[tense]) if tense != "present" else NOTHING
            return clause(subject, SER, self.spot(NOUNS["people"][0]) + time, tense, mood, ESTAR)
        noun = self.pick(nouns("garments things animals") + BUILDINGS)
        subject = self.known(noun)
        return clause(subject, SER, self.spot(noun), mood=mood, spanish_verb=ESTAR)

    def known(self, noun: Noun) -> Subject:
        """Things one knows, one's own or others': *the bank*, *my keys*."""
        if noun in PLACES:
            return noun_subject("the", noun)
        return noun_subject(self.pick(["the", "my", "your"]), noun, plural=self.chance(0.4))

    def circumstance(self) -> Text:
        """*where did your brother buy the shirt*, *when*, *why*"""
        word, verbs = self.pick(CIRCUMSTANCES)
        verb = self.pick(verbs)
        tense = self.pick(TENSES if verb in self.habits else TENSES[1:])
        subject = self.subject(self.person(QUESTION), QUESTION)
        complement, clitic = self.complement(subject, verb, habit=tense == "present")
        if word.english == "where" and verb in SETTLED:
            complement = NOTHING
        elif word.english == "when" and verb in ("arrive", "leave"):
            complement = Text("home", "a casa" if verb == "arrive" else "de casa")
        return word + clause(subject, VERBS[verb], complement, tense, QUESTION, clitic=clitic)

    def who(self) -> Text:
        """*who opened the door*"""
        who, verb, tense = Subject(Text("who", "quién"), THIRD), self.pick(list(self.habits)), self.pick(TENSES)
        complement, clitic = self.complement(who, verb, habit=tense == "present")
        time = NOTHING if "o'clock" in complement.english else self.when(verb, tense)
        return clause(who, VERBS[verb], complement + time, tense, clitic=clitic)

    def what(self) -> Text:
        """*what did she buy yesterday*"""
        verb, tense = self.pick(WHAT), self.pick(TENSES)
        subject = self.subject(self.person(QUESTION), QUESTION)
        return Text("what", "qué") + clause(subject, VERBS[verb], self.when(verb, tense), tense, QUESTION)

    def inquiry(self) -> Text:
        """*where are my keys*, *how much is the shirt*, *what colour is your car*"""
        kind = self.pick(["where", "price", "colour"])
        candidates = {"where": nouns("garments things shoes animals") + PLACES, "price": PRICED, "colour": COLOURED}
        subject = self.known(self.pick(candidates[kind]))
        be = "are" if subject.plural else "is"
        asked = {
            "where": Text(f"where {be}", f"dónde {ESTAR.tenses['present'][subject.person]}"),
            "price": Text(f"how much {be}", "cuánto cuestan" if subject.plural else "cuánto cuesta"),
            "colour": Text(f"what colour {be}", f"de qué color {SER.tenses['present'][subject.person]}"),
        }
        return asked[kind] + subject.text

    def number(self) -> Text:
        """*how many books do you have*"""
        noun = self.pick(nouns("garments things shoes pieces animals animals"))
        verb, tense = self.pick(COUNTED_ANIMALS if noun in NOUNS["animals"] else COUNTED_THINGS)
        subject = self.subject(self.person(QUESTION), QUESTION)
        return noun_phrase("how many", noun) + clause(subject, VERBS[verb], tense=tense, mood=QUESTION)

    def comparison(self) -> Text:
        """*my car is more expensive than your bicycle*, *she is as tall as her brother*"""
        mood = self.pick(MOODS)
        if self.chance(0.5):
            subject, other = self.subject(self.person(mood), mood), self.someone()
            adjective = self.pick(ADJECTIVES["character"])
            while set(subject.text.english.split()) & set(other.english.split()) - {"the", "my", "your"}:
                other = self.someone()
        else:
            group, kind = self.pick(COMPARABLE), self.pick("SNOP")
            suitable = [noun for noun in group if kind in noun.suits] or group
            noun, rival = self.pick(suitable), self.pick(suitable)
            adjective = self.pick([shared for shared in noun.adjectives("SNOP") if shared in rival.adjectives("SNOP")])
            mine, yours = (["this"], ["that"]) if noun in PLACES else (["my", "our"], ["your", "his", "her"])
            subject = noun_subject(self.pick(mine), noun, self.chance(0.3))
            other = noun_phrase(self.pick(yours), rival, subject.plural)
        agreed = agreeing(adjective, subject)
        compared = Text(f"{adjective.comparative} than", f"más {agreed.spanish} que")
        if self.chance(0.3):
            compared = Text(f"as {agreed.english} as", f"tan {agreed.spanish} como")
        return clause(subject, SER, compared + other, mood=mood)

    def pronoun_object(self) -> Text:
        """*she called me yesterday*, *i will buy it tomorrow*"""
        tense, mood = self.pick(TENSES), self.pick(MOODS)
        subject = self.subject(self.person(mood), mood)
        own = {FIRST: ("me", "us"), SECOND: ("you",), WE: ("me", "us")}.get(subject.person, ())
        verb = self.pick(["see", "help", "call", "visit", "wait for"])
        pronoun = self.pick([pronoun for pronoun in EXPRESSIONS["object"] if pronoun.english not in own])
        if tense != "present" and self.chance(0.3):
            verb, pronoun = self.pick(["buy", "sell", "find", "lose", "read", "bring"]), Text("it", "lo")
        rest = Text(pronoun.english) + self.when(verb, tense)
        return clause(subject, VERBS[verb], rest, tense, mood, clitic=pronoun.spanish)

    def timetable(self) -> Text:
        """*the train leaves at nine o'clock*, *at what time does the bank open*"""
        tense, mood = self.pick(["present", "future"]), self.pick(MOODS)
        verbs, what = self.pick([(["leave", "arrive"], NOUNS["vehicles"]), (["open", "close"], OFFICES)])
        verb, subject = VERBS[self.pick(verbs)], noun_subject("the", self.pick(what))
        if mood == QUESTION:
            return Text("at what time", "a qué hora") + clause(subject, verb, tense=tense, mood=mood)
        return clause(subject, verb, self.pick(EXPRESSIONS["hour"]), tense, mood)

    def opinion(self) -> Text:
        """*i think that the house is very expensive*"""
        while True:
            thought = self.pick([self.quality, self.state, self.location, self.sensation])()
            question = thought.english.split()[0] in ("are", "is", "was", "were", "will")
            if not question and "my mother" not in thought.english:
                return self.pick(EXPRESSIONS["opinion"]) + thought

    def reason(self) -> Text:
        """*i am going to sleep because i am tired*"""
        subject = self.pick([Subject(Text("i"), FIRST), Subject(Text("you"), SECOND), Subject(Text("we"), WE)])
        modal = self.pick(["want to", "be going to"])
        if self.chance(0.5):
            mood, feeling = STATEMENT, self.pick(list(REASONS))
            verb = self.pick(REASONS[feeling])
        else:
            mood, feeling, verb = NEGATION, self.pick(HINDRANCES), self.pick(HINDERED)
        infinitive = self.infinitive(subject, verb, habit=True)
        feelings = {adjective.english: adjective for adjective in ADJECTIVES["feeling"]}
        if feeling in feelings:
            cause = clause(subject, SER, agreeing(feelings[feeling], subject), spanish_verb=ESTAR)
        else:
            noun = next(noun for noun in EXPRESSIONS["sensation"] if noun.english == feeling)
            cause = clause(subject, SER, noun, spanish_verb=TENER)
        return clause(subject, VERBS[modal], infinitive, mood=mood) + Text("because", "porque") + cause


def generate(seed: int) -> Iterator[Text]:
    """Distinct sentences: some for every form of every verb, then so many of each construction."""
    sentences = Sentences(seed)
    draws: list[tuple[Draw, int]] = [
        (partial(sentences.action, verb, tense, person), 8)
        for verb in sentences.habits | sentences.events
        for tense in TENSES
        for person in PERSONS
        if tense != "present" or verb in sentences.habits
    ]
    draws += [
        (sentences.modal, 450), (sentences.progressive, 250), (sentences.order, 200), (sentences.quality, 400),
        (sentences.state, 500), (sentences.sensation, 120), (sentences.possession, 250), (sentences.liking, 250),
        (sentences.existence, 200), (sentences.location, 250), (sentences.circumstance, 250), (sentences.who, 80),
        (sentences.what, 80), (sentences.inquiry, 150), (sentences.number, 80), (sentences.comparison, 150),
        (sentences.pronoun_object, 250), (sentences.timetable, 80), (sentences.opinion, 150), (sentences.reason, 100),
    ]  # fmt: skip
    seen: set[str] = set()
    for draw, quota in draws:
        for _ in range(quota):
            text = draw()
            while text.english in seen:
                text = draw()
            seen.add(text.english)
            yield Text(text.english, contract(text.spanish))

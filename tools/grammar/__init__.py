"""A small grammar that writes English sentences together with their Spanish translations.

- `lexicon`: the words with their forms, read from the tables beside it;
- `rules`: agreement, noun phrases and clauses, in both languages at once;
- `parts`: which complements, places and times make sense with which verb;
- `sentences`: the constructions, and `generate`, which draws from all of them.
"""

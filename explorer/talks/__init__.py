"""Talks: scenes that are computed before and shown by a clicker, from one file of HTML that needs no network.

`deck` reads the TOML file of a talk, `views` computes what a scene shows, `drawings` turns an answer into what the
stage draws, `rehearsal` puts the whole talk together, and `document` writes it as a page.
"""

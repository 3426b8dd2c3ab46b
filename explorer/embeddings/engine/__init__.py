"""Models whose vectors an engine holds: Milvus, which goes beyond the memory of one machine.

`explorer push` loads a model into it; EXPLORER_ENGINE says where it is. Words, counts and tags are fetched when a model
is opened; vectors stay in the engine, which finds the nearest and hands out single ones.
"""

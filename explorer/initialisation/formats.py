"""The formats of a report, by the endings of their files; nothing here needs NumPy."""

FORMATS = ("html", "pdf", "md", "tex", "zip", "csv", "parquet", "toml")

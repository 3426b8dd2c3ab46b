"""The same lesson as Markdown, LaTeX, a notebook, a page of HTML, and its matrices as figures."""

"""What the pages share: the shell, the controls in the URL, the neighbour table, the matrix view, the palette."""

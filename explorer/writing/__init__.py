"""How answers are written: numbers, formulas, tables, drawings, in notebooks, HTML and other documents."""

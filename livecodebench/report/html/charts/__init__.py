"""Charts: pure functions from figures to SVG. Colours are the style sheet's, by class; each has a table beside it."""

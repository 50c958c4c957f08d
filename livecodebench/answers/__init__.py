"""What models answered: completions, the code in them, and the files that hold them."""

"""A results folder: what is kept of a run, how it is resumed, and the scores that follow from it."""

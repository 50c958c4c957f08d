"""The pool's rules: pure, no Ray, no clock, no input or output."""

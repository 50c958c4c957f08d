"""The pool on Ray: sandbox actors, the pool actor that lends them, and the driver's side."""

"""Ask a model and judge its answers at the same time."""

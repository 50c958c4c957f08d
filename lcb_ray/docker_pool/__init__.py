"""The `docker` backend: sandboxes that are containers, each with an agent in it, held by the process that uses them."""

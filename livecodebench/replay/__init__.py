"""A model's API without a model: an OpenAI-compatible server that answers from stored completions.

For tests, demonstrations and re-runs: it needs no key, costs nothing and can be as slow, limited and faulty as an API
is. `stored` has the completions, `matching` finds the problem in a prompt, `faults` decides what goes wrong, `wire` has
the API's shapes, `answering` joins them, `server` serves. Only `app` and `server` need aiohttp.
"""

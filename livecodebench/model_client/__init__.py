"""Asking a model over an OpenAI-compatible API: one prompt, one completion, or a reason why not.

`sampling` builds the request, `client` sends it, `retry` decides what is tried again and when, `answer` reads what
comes back, `refusal` says what to mend, `key` keeps the key out of sight. Many prompts at once, storing and judging are
other modules' work.
"""

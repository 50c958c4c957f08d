"""Which style LiveCodeBench uses for which model: the names of its model list, as an API knows them."""

from __future__ import annotations

from typing import NamedTuple

GENERIC_STYLE = "OpenAIChat"
"""A system and a user message: what an instruction-tuned model behind a chat API takes, whoever made it."""

_OFFICIAL: dict[str, tuple[str, ...]] = {
    "GenericBase": (
        "meta-llama/Meta-Llama-3-8B",
        "meta-llama/Meta-Llama-3-70B",
        "meta-llama/Llama-3.1-8B",
        "meta-llama/Llama-3.1-70B",
        "meta-llama/Llama-3.1-405B-FP8",
        "deepseek-ai/deepseek-coder-33b-base",
        "deepseek-ai/deepseek-coder-6.7b-base",
        "deepseek-ai/deepseek-coder-1.3b-base",
        "bigcode/starcoder2-3b",
        "bigcode/starcoder2-7b",
        "bigcode/starcoder2-15b",
        "google/codegemma-7b",
        "google/codegemma-2b",
        "google/gemma-7b",
        "google/gemma-2b",
    ),
    "LLaMa3": (
        "meta-llama/Meta-Llama-3-8B-Instruct",
        "meta-llama/Meta-Llama-3-70B-Instruct",
        "meta-llama/Llama-3.1-8B-Instruct",
        "meta-llama/Llama-3.1-70B-Instruct",
        "meta-llama/Llama-3.1-405B-Instruct-FP8",
        "meta-llama/Llama-3.3-70B-Instruct",
    ),
    "DeepSeekCodeInstruct": (
        "deepseek-ai/deepseek-coder-33b-instruct",
        "deepseek-ai/deepseek-coder-6.7b-instruct",
        "deepseek-ai/deepseek-coder-1.3b-instruct",
    ),
    "DeepSeekAPI": (
        "01-ai/Yi-Coder-9B-Chat",
        "deepseek-r1-preview",
        "deepseek-r1-lite-preview",
        "deepseek-chat",
        "deepseek-coder",
    ),
    "OpenAIChat": (
        "gpt-3.5-turbo-0301",
        "gpt-3.5-turbo-0125",
        "gpt-4-0613",
        "gpt-4-1106-preview",
        "gpt-4-turbo-2024-04-09",
        "gpt-4o-2024-05-13",
        "gpt-4o-2024-08-06",
        "gpt-4o-mini-2024-07-18",
    ),
    "OpenAIReasonPreview": (
        "o1-preview-2024-09-12",
        "o1-mini-2024-09-12",
    ),
    "OpenAIReason": (
        "o1-2024-12-17__low",
        "o1-2024-12-17__medium",
        "o1-2024-12-17__high",
        "o3-mini-2025-01-31__low",
        "o3-mini-2025-01-31__medium",
        "o3-mini-2025-01-31__high",
        "o4-mini__high",
        "o4-mini__medium",
        "o4-mini__low",
        "o3__high",
    ),
    "Claude": (
        "claude-instant-1",
        "claude-2",
    ),
    "Claude3": (
        "claude-3-opus-20240229",
        "claude-3-sonnet-20240229",
        "claude-3-5-sonnet-20240620",
        "claude-3-5-sonnet-20241022",
        "claude-3-haiku-20240307",
        "claude-sonnet-4-20250514_nothink",
    ),
    "Claude3Thinking": (
        "claude-3-7-sonnet-20250219",
        "claude-sonnet-4-20250514",
        "claude-opus-4-20250514",
        "claude-opus-4-20250514_nothink",
    ),
    "Gemini": (
        "gemini-1.5-pro-002",
        "gemini-1.5-flash-002",
    ),
    "GeminiThinking": (
        "gemini-2.5-pro",
        "gemini-2.5-pro-preview-06-05",
        "gemini-2.5-pro-preview-05-06",
        "gemini-2.5-flash-preview-04-17",
        "gemini-2.5-flash-preview-05-20",
    ),
    "MistralWeb": (
        "mistral-large-latest",
        "open-mixtral-8x22b",
        "open-mixtral-8x7b",
        "codestral-latest",
    ),
    "QwQ": (
        "Qwen/QwQ-32B-Preview",
        "Qwen/QwQ-32B",
        "Qwen/QwQ-Max-Preview",
    ),
    "CodeQwenInstruct": (
        "Qwen/Qwen2-72B-Instruct",
        "Qwen/Qwen2.5-7B-Instruct",
        "Qwen/Qwen2.5-32B-Instruct",
        "Qwen/Qwen2.5-72B-Instruct",
        "Qwen/Qwen2.5-Coder-7B-Instruct",
        "Qwen/Qwen2.5-Coder-32B-Instruct",
        "Qwen/Qwen3-235B-A22B",
        "azerogpt",
        "Kimi-k1.6-IOI-high",
        "Kimi-k1.6-IOI",
    ),
    "DeepSeekR1": (
        "accounts/fireworks/models/deepseek-r1",
        "deepseek-reasoner",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
        "MetaStone-L1-7B",
        "nvidia/Llama-3_1-Nemotron-Ultra-253B-v1",
        "nvidia/Llama-3_1-Nemotron-Nano-8B-v1",
        "agentica-org/DeepCoder-14B-Preview",
    ),
    "CohereCommand": (
        "command-r-plus-08-2024",
        "command-r-08-2024",
        "command-r7b-12-2024",
        "command-a-03-2025",
    ),
    "TogetherAI": ("Qwen/Qwen2.5-72B-Instruct-Turbo",),
    "Grok": (
        "grok-3-mini-beta",
        "grok-3-mini-beta_high",
    ),
}

_STYLE_OF = {model: style for style, models in _OFFICIAL.items() for model in models}
# The official name of an OpenAI reasoning model carries its effort ("o3-mini-2025-01-31__high"); the API's does not.
_STYLE_OF |= {model.split("__")[0]: style for model, style in _STYLE_OF.items() if "__" in model}


class StyleChoice(NamedTuple):
    """A style for a model.

    Attributes:
        style: The style's name.
        guessed: Whether the model is missing from LiveCodeBench's list, so that the style is the generic one; to be
            said in the log, since the score may depend on it.
    """

    style: str
    guessed: bool


def style_for(model: str) -> StyleChoice:
    """The official style of a model; the generic one for a model that LiveCodeBench does not list."""
    style = _STYLE_OF.get(model)
    return StyleChoice(style or GENERIC_STYLE, guessed=style is None)

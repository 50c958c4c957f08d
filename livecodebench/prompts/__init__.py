"""What a model is asked: LiveCodeBench's official prompts for code generation, byte for byte, in all its styles.

The texts in this package, and the two examples of the few-shot prompt, are LiveCodeBench's (MIT licence, see NOTICE); a
score is comparable only with them unchanged, spelling included. Sending them and taking the code out of an answer are
other modules' work.
"""

from livecodebench.prompts.models import GENERIC_STYLE, StyleChoice, style_for
from livecodebench.prompts.prompt import Endpoint, Message, Prompt, Style
from livecodebench.prompts.styles import STYLES, build_prompt, find_style

__all__ = [
    "GENERIC_STYLE",
    "STYLES",
    "Endpoint",
    "Message",
    "Prompt",
    "Style",
    "StyleChoice",
    "build_prompt",
    "find_style",
    "style_for",
]

"""Raw texts with a model's own chat markup written out, for a completions API. The texts are LiveCodeBench's (MIT).

Officially vLLM generates from them directly, without a chat template.
"""

from __future__ import annotations

from livecodebench.problem import Problem
from livecodebench.prompts.prompt import Endpoint, Prompt, Style
from livecodebench.prompts.question import CODE_ONLY, TASK, format_block

_STOP = ("###",)

_DEEPSEEK_CODER = (
    "You are an AI programming assistant, utilizing the DeepSeek Coder model, developed by DeepSeek Company, and you"
    " answer questions related to computer science."
)
_CODEQWEN = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user"
_QWQ = (
    "<|im_start|>system\nYou are a helpful and harmless assistant. You are Qwen developed by Alibaba. You should think"
    " step-by-step.<|im_end|>\n<|im_start|>user"
)
_IM_END = "<|im_end|>\n<|im_start|>assistant\n"
_DEEPSEEK_R1 = (
    "<｜begin▁of▁sentence｜>A conversation between User and Assistant. The user asks a question, and the Assistant"
    " solves it. The assistant first thinks about the reasoning process in the mind and then provides the user with the"
    " answer. The reasoning process and answer are enclosed within <think> </think> and <answer> </answer> tags,"
    " respectively, i.e., <think> reasoning process here </think> <answer> answer here </answer>.<｜User｜>"
)


def _deepseek_coder(problem: Problem) -> Prompt:
    task = f"### Instruction: {TASK}{CODE_ONLY}\n\n"
    block = format_block(problem, lead="### Instruction: ")
    return Prompt(text=f"{_DEEPSEEK_CODER}\n\n{task}Question:\n{problem.content}\n\n{block}### Response:\n\n")


def _codeqwen(problem: Problem) -> Prompt:
    question = f"{TASK}{CODE_ONLY}\n\nQuestion: {problem.content}\n\n{format_block(problem)}"
    return Prompt(text=f"{_CODEQWEN}\n\n{question}{_IM_END}")


def _qwq(problem: Problem) -> Prompt:
    question = f"{TASK}\n\nQuestion: {problem.content}\n\n{format_block(problem)}"
    return Prompt(text=f"{_QWQ}\n\n{question}{_IM_END}")


def _deepseek_r1(problem: Problem) -> Prompt:
    question = f"{TASK}\n\nQuestion: {problem.content}\n\n{format_block(problem)}"
    return Prompt(text=f"{_DEEPSEEK_R1}{question}<｜Assistant｜>")


STYLES = (
    Style("DeepSeekCodeInstruct", _deepseek_coder, endpoint=Endpoint.COMPLETIONS, stop=_STOP),
    Style("CodeQwenInstruct", _codeqwen, endpoint=Endpoint.COMPLETIONS, stop=_STOP),
    Style("QwQ", _qwq, endpoint=Endpoint.COMPLETIONS, stop=_STOP),
    Style("DeepSeekR1", _deepseek_r1, endpoint=Endpoint.COMPLETIONS, stop=_STOP),
)

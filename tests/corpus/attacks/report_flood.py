# /// attack
# kind = "bomb"
# aim = "return a value larger than any output may be"
# outcome = ["output_limit", "memory_limit"]
# function = "answer"
# ///
def answer(given):
    return ["x" * 1_000_000] * 10

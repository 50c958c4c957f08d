# /// attack
# kind = "bomb"
# aim = "have the compiler compute what is never run"
# outcome = "exited"
# ///
def never():
    return "x" * 10**12, (1 << 10**11), 9**9**9, b"y" * 2**40, ((1,) * 4096,) * 4096, "%1000000000d" % 1, 10 ** (10**10)


print("contained")

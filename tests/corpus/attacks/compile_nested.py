# /// attack
# kind = "bomb"
# aim = "overflow the compiler"
# outcome = ["compile_error", "nonzero_exit"]
# ///
x = 1

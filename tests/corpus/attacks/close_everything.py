# /// attack
# kind = "time"
# aim = "pull the files out from under its own watching"
# outcome = ["exited", "nonzero_exit"]
# stdout = ""
# ///
import os

for number in range(1024):
    try:
        os.close(number)
    except OSError:
        pass
for number in range(16):  # what is opened now gets the numbers that the reports were on
    try:
        os.pipe()
    except OSError:
        pass

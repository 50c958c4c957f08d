# /// attack
# kind = "bomb"
# aim = "fill the disk, wherever a file can be made"
# outcome = "exited"
# ///
import json
import os
import tempfile

given = json.loads(input())
block = bytes(100_000)
for folder in (
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/run",
    "/run/lock",
    "/var/lock",
    "/var/crash",
    given["folder"],
    ".",
    "/dev",
):
    path = f"{folder}/{given['token']}"
    for flags in (os.O_CREAT | os.O_WRONLY, os.O_TMPFILE | os.O_WRONLY):
        try:
            number = os.open(folder if flags & os.O_TMPFILE == os.O_TMPFILE else path, flags, 0o600)
            print("managed to write", os.write(number, block), "in", folder)
            os.close(number)
            os.unlink(path)
        except OSError:
            pass
try:
    tempfile.TemporaryFile()
    print("managed a temporary file")
except OSError:
    pass
for number in (0, 3):
    try:
        os.fallocate = os.posix_fallocate(number, 0, 10**12)
        print("managed to allocate")
    except OSError:
        pass
print("contained")

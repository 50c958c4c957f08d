# /// attack
# kind = "escape"
# aim = "write to devices"
# outcome = "exited"
# ///
import os

for (
    path
) in """/dev/kmsg /dev/tty /dev/console /dev/ptmx /dev/full /dev/random /dev/urandom /dev/zero /dev/loop0 /dev/vda
/dev/sda /dev/net/tun /dev/fuse /dev/loop-control /dev/mem""".split():
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY))
        print("managed to open to write", path)
    except OSError:
        pass
os.close(os.open("/dev/null", os.O_RDONLY))  # the one that programs use
print("contained")

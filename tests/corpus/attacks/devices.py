# /// attack
# kind = "escape"
# aim = "open devices: memory, virtual machines, tunnels, disks, terminals, user file systems"
# outcome = "exited"
# needs_landlock = true
# ///
import os

for path in """/dev/mem /dev/kmem /dev/port /dev/kmsg /dev/kvm /dev/vsock /dev/vhost-vsock /dev/vhost-net /dev/net/tun
/dev/fuse /dev/userfaultfd /dev/loop-control /dev/loop0 /dev/sda /dev/vda /dev/ptmx /dev/tty /dev/console /dev/hpet
/dev/rtc0 /dev/full /dev/random /dev/shm /dev/mqueue /dev/cpu/0/msr /dev/dri/card0 /dev/nvidiactl""".split():
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
        try:
            os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY))
            print("managed to open", path, flags)
        except OSError:
            pass
print("contained")

# /// attack
# kind = "escape"
# aim = "send to someone else's socket from one end of a pair of one's own"
# outcome = "exited"
# ///
import array
import json
import socket

given = json.loads(input())
socket.setdefaulttimeout(0.001)  # where there is a way out, nobody answers
targets = ["\0" + given["abstract_datagram"], "\0" + given["abstract"], given["path"]]
kinds = (socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW)
for family in (socket.AF_UNIX, socket.AF_INET, 30):  # 30: AF_TIPC
    for kind in kinds:
        for flags in (0, socket.SOCK_NONBLOCK, socket.SOCK_CLOEXEC):
            try:
                ours, theirs = socket.socketpair(family, kind | flags)
            except OSError:
                continue
            if kind != socket.SOCK_STREAM:
                print("managed a pair", family, kind)
            for target in targets:
                for send in (
                    lambda: ours.sendto(b"x", target),
                    lambda: ours.sendmsg([b"x"], [], 0, target),
                    lambda: ours.sendmsg(
                        [b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))], 0, target
                    ),
                    lambda: ours.connect(target),
                    lambda: ours.bind("\0" + given["token"]),
                ):
                    try:
                        send()
                        print("managed to send", target)
                    except OSError:
                        pass
print("contained")

import os
import signal

import pytest

from livecodebench.cli.signals import Interrupted, StopSignals


def send(number=signal.SIGTERM):
    os.kill(os.getpid(), number)
    signal.sigpending()  # a system call: the handler has run when it returns


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_raised_where_the_main_thread_is(number):
    with pytest.raises(Interrupted) as raised, StopSignals():
        send(number)
    assert raised.value.signal is number


def test_while_asking_it_is_a_call_and_raised_at_the_end():
    asked = []
    done = []

    def work():
        with StopSignals() as signals, signals.asking(lambda: asked.append(True)):
            send()
            done.append(True)

    with pytest.raises(Interrupted):
        work()
    assert (asked, done) == ([True], [True])


def test_a_second_one_does_not_wait():
    done = []

    def work():
        with StopSignals() as signals, signals.asking(lambda: None):
            send()
            send(signal.SIGINT)
            done.append(True)

    with pytest.raises(Interrupted) as raised:
        work()
    assert raised.value.signal is signal.SIGINT
    assert done == []


def test_the_handlers_of_before_come_back():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with StopSignals() as signals, signals.asking(lambda: pytest.fail("nothing was sent")):
        pass
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before

"""AtCoder arc191_c: any A and M such that A^n - 1 is a multiple of M exactly for the multiples n of N."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers

_LARGEST = 10**18
_SIEVE = 31_623  # the root of the largest N, 10^9
_MOST_CASES = 10_000


def check_multiplicative_order(output: str, expected: str, input: str) -> CheckOutcome:
    """N is the order of A modulo M: A^N is 1, and no A^(N/p) is, for the primes p of N."""
    count, *numbers = input_integers(input, at_least=1)
    expect(len(numbers) == count <= _MOST_CASES and all(1 <= number <= 10**9 for number in numbers))
    printed = integers(output.split(None, 2 * count))
    if printed is None or len(printed) != 2 * count or not all(1 <= number <= _LARGEST for number in printed):
        return wrong(f"expected {count} pairs of integers from 1 to 10^18")
    primes = _primes()
    for case, number in enumerate(numbers):
        base, modulus = printed[2 * case : 2 * case + 2]
        one = 1 % modulus
        powers = [number // prime for prime in _factors(number, primes)]
        if pow(base, number, modulus) != one or any(pow(base, power, modulus) == one for power in powers):
            return wrong(f"case {case + 1}: the order of {base} modulo {modulus} is not {number}")
    return RIGHT


def _primes() -> list[int]:
    prime = bytearray([1]) * (_SIEVE + 1)
    for i in range(2, int(_SIEVE**0.5) + 1):
        if prime[i]:
            prime[i * i :: i] = bytes(len(range(i * i, _SIEVE + 1, i)))
    return [i for i in range(2, _SIEVE + 1) if prime[i]]


def _factors(number: int, primes: list[int]) -> list[int]:
    found = []
    for prime in primes:
        if prime * prime > number:
            break
        if number % prime == 0:
            found.append(prime)
            while number % prime == 0:
                number //= prime
    return [*found, number] if number > 1 else found

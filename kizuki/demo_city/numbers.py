"""Municipal numbers: 宛名番号 with its check digit, and numbers of households, meters and papers.

The last of the 10 digits of a 宛名番号 is a modulus-11 check digit: the nine digits before it are weighted 2, 3, 4, 5,
6, 7, 2, 3, 4 from the right and summed; with r the remainder of the sum by 11 the digit is 0 if r is 0 or 1, else
11 − r. A few numbers in ten thousand carry a wrong digit, as numbers taken over from an older system do.
"""

from __future__ import annotations

import numpy as np

from kizuki.demo_city.randomness import Ints, happens

_WEIGHTS = (2, 3, 4, 5, 6, 7)
_WITHOUT_VALID_DIGIT = 0.0003


def check_digits(stems: Ints) -> Ints:
    """The check digit for each stem of nine digits.

    >>> int(check_digits(np.array([123456789]))[0])
    2
    """
    total = np.zeros_like(stems)
    rest = stems.copy()
    for place in range(9):
        total += (rest % 10) * _WEIGHTS[place % 6]
        rest //= 10
    remainder = total % 11
    return np.where(remainder <= 1, 0, 11 - remainder)


def address_numbers(rng: np.random.Generator, count: int) -> Ints:
    """Distinct 宛名番号 in random order; all start with at least one zero, which Excel will lose."""
    stems = scattered(rng, count, 1_000_000, 99_000_000)
    digits = check_digits(stems)
    wrong = happens(rng, _WITHOUT_VALID_DIGIT, count)
    return stems * 10 + np.where(wrong, (digits + rng.integers(1, 10, count)) % 10, digits)


def scattered(rng: np.random.Generator, count: int, low: int, high: int) -> Ints:
    """Distinct numbers spread over a range, in random order."""
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    step = max((high - low) // count, 1)
    return np.asarray(rng.permutation(low + np.arange(count, dtype=np.int64) * step + rng.integers(0, step, count)))

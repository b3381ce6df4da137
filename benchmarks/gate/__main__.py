"""`make bench-gate`: how many random texts the gate takes for each kind of identifier, and what a million cells cost.

The peer of the speed is the same judgement asked text by text.
"""

import time
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from apendata.disclosure.gate.triggers import would_run_each
from apendata.identifiers import KINDS, is_national_identity_number, kinds_in, kinds_in_each

RANDOM = 1_000_000
CELLS = 1_000_000
SEED = 2032
FORMS = {
    "11 digits": (11, lambda d: d),
    "11 digits, 6 + 5": (11, lambda d: f"{d[:6]} {d[6:]}"),
    "11 digits, 4.2.5": (11, lambda d: f"{d[:4]}.{d[4:6]}.{d[6:]}"),
    "10 digits": (10, lambda d: d),
    "9 digits": (9, lambda d: d),
    "9 digits, 3 + 3 + 3": (9, lambda d: f"{d[:3]} {d[3:6]} {d[6:]}"),
    "8 digits": (8, lambda d: d),
    "8 digits, 2 + 2 + 2 + 2": (8, lambda d: f"{d[:2]} {d[2:4]} {d[4:6]} {d[6:]}"),
    "yyyymmdd": (0, None),
}


def main() -> None:
    """Print the share of random texts that each kind is found in, then seconds."""
    rng = np.random.default_rng(SEED)
    print(f"{'of 100 random texts':<26}{''.join(f'{kind[:20]:>22}' for kind in KINDS)}")
    for name, (length, written) in FORMS.items():
        texts = [written(d) for d in _digits(rng, length)] if written else list(_dates())
        found = kinds_in_each(pa.array(texts))
        print(f"{name:<26}{''.join(_share(found, kind, len(texts)) for kind in KINDS)}")
    numbers = _digits(rng, 11)
    old = sum(is_national_identity_number(d, rule_2032=False) for d in numbers)
    print(f"\nnational identity numbers among 11 digits, by the old rule alone: {100 * old / len(numbers):.2f} %")
    _speed(rng)


def _digits(rng: np.random.Generator, length: int) -> list[str]:
    return [f"{number:0{length}}" for number in rng.integers(0, 10**length, RANDOM)]


def _dates() -> Iterable[str]:
    days = np.arange("1950-01-01", "2050-01-01", dtype="datetime64[D]")
    return (str(day).replace("-", "") for day in days)


def _share(found: dict, kind: str, among: int) -> str:  # type: ignore[type-arg]
    return f"{100 * found[kind].sum() / among:>21.2f}%" if kind in found else f"{'0':>22}"


def _speed(rng: np.random.Generator) -> None:
    words = [f"Tiltak {n} i område {n % 97}" for n in range(CELLS)]
    for name, texts in (
        ("distinct words", words),
        ("distinct codes of 11 digits", _digits(rng, 11)[:CELLS]),
        ("a few codes many times", [f"{n % 300:03}" for n in range(CELLS)]),
    ):
        array = pa.array(texts)
        whole = _seconds(lambda array=array: (kinds_in_each(array), would_run_each(array)))
        one = _seconds(lambda texts=texts: [kinds_in(text) for text in texts[: CELLS // 20]]) * 20
        print(f"{name:<30}{whole:>7.2f} s a million{one / whole:>8.1f} times as fast as one by one")


def _seconds(work) -> float:  # type: ignore[no-untyped-def]  # noqa: ANN001
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()

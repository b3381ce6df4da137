"""Which counts of people no reader may learn; never public."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Protected:
    """One row whose count no reader may learn. Private: which cells are protected narrows what they can be."""

    key: tuple[str, ...]
    low: int
    high: int
    """It must stay possible that the count is ``low`` or less, and that it is ``high`` or more."""
    alone: bool
    """One person is in it, who knows that."""

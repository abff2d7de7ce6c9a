"""How much work fits: maxima for each class of channels, and a weighted total over all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.decide.classes import ChannelClass


@dataclass(frozen=True)
class Capacity:
    """What one agent may have at once. `total` bounds the sum of work times its class's weight; None does not.

    Automatic assignment never exceeds it; what people give or take by hand may (product reference, 2.2).
    """

    maxima: Mapping[str, int]
    total: int | None = None
    weights: Mapping[str, int] = field(default_factory=dict)

    def weight(self, channel_class: str) -> int:
        return self.weights.get(channel_class, 1)

    def room(self, load: Mapping[str, int], channel_class: str) -> int:
        """Give how many more pieces of this class fit beside `load`, which counts what there is by class."""
        free = self.maxima.get(channel_class, 0) - load.get(channel_class, 0)
        if self.total is not None and (weight := self.weight(channel_class)):
            used = sum(self.weight(each) * load.get(each, 0) for each in ChannelClass.values)
            free = min(free, (self.total - used) // weight)
        return max(0, free)

"""Small UDP packets at a chosen rate, counted at the other end, and the highest rate that arrives."""

from __future__ import annotations

import json
import math
import subprocess
from dataclasses import dataclass

from .lab import LabError, Namespace, wait_until

PORT = 9000
# A sender that reached less of the rate it was asked for did not measure the tunnel.
OFFERED_MIN = 0.95
STRIDE = 1.5
RATE_MIN = 500.0


@dataclass(frozen=True)
class Trial:
    sent: int
    received: int
    seconds: float

    @property
    def loss(self) -> float:
        return 1 - self.received / self.sent if self.sent else 1.0

    @property
    def sent_per_second(self) -> float:
        return self.sent / self.seconds

    @property
    def received_per_second(self) -> float:
        return self.received / self.seconds


@dataclass(frozen=True)
class Load:
    """One way through a tunnel; `program` is our `flood`."""

    program: str
    source: Namespace
    sink: Namespace
    address: str
    payload_size: int

    def trial(self, packets_per_second: float, seconds: int) -> Trial:
        """0 packets per second: as fast as it goes."""
        sink = self.sink.start(
            self.program, "sink", self.address, str(PORT), stdout=subprocess.PIPE, text=True
        )
        wait_until(lambda: self.sink.is_listening(PORT, "udp"), "the sink listens")
        done = self.source.run(
            self.program, "sequence", self.address, str(PORT), "--pps",
            str(int(packets_per_second)), "--size", str(self.payload_size),
            "--seconds", str(seconds),
        )  # fmt: skip
        sink.terminate()
        counted, _ = sink.communicate(timeout=30)
        sent = json.loads(done.stdout)
        return Trial(sent["sent"], json.loads(counted)["received"], sent["seconds"])

    def highest_rate(
        self, loss_max: float, *, start: float, seconds: int = 1, steps: int = 6
    ) -> float:
        """The highest rate that arrives with at most that loss: in factors of STRIDE from `start`
        to a rate that passes and one that does not, then `steps` halvings between them."""
        low, high, found = 0.0, math.inf, 0.0
        rate = max(start, RATE_MIN)
        while steps > 0:
            trial = self._best_of_two(rate, seconds, loss_max)
            if trial.loss <= loss_max:
                found = max(found, trial.received_per_second)
                low = rate
                if trial.sent_per_second < OFFERED_MIN * rate:
                    break  # the sender is the limit
            else:
                high = rate
            if rate < RATE_MIN:
                raise LabError(f"even {rate:,.0f} packets/s lose more than {loss_max:.1%}")
            if low and math.isfinite(high):
                steps -= 1
                rate = math.sqrt(low * high)
            else:
                rate = rate * STRIDE if low else rate / STRIDE
        return found

    def _best_of_two(self, rate: float, seconds: int, loss_max: float) -> Trial:
        """One unlucky moment of the machine is no property of the tunnel."""
        first = self.trial(rate, seconds)
        if first.loss <= loss_max:
            return first
        return min(first, self.trial(rate, seconds), key=lambda trial: trial.loss)

"""Network namespaces, WireGuard daemons and traffic for tests, the demonstration and benchmarks.

    with Lab() as lab:
        left, right = lab.namespace("left"), lab.namespace("right")
        lab.veth(left, right, "10.0.0.1/24", "10.0.0.2/24")
        alice = WireGuard(lab, left, "a", program).start()

Everything a lab makes carries its process id in its name (pm1234-left, pm1234a) and goes when the
lab is closed, the process ends or is interrupted; what a killed lab left behind goes when the next
one starts. Python 3.11, standard library only.
"""

from .lab import Lab, LabError, Namespace, is_alive, run, wait_until
from .process import cpu_seconds, memory_peak_bytes, memory_resident_bytes
from .tunnel import KeyPair, Peer, Uapi, WireGuard, key_pair, preshared_key

__all__ = [
    "KeyPair",
    "Lab",
    "LabError",
    "Namespace",
    "Peer",
    "Uapi",
    "WireGuard",
    "cpu_seconds",
    "is_alive",
    "key_pair",
    "memory_peak_bytes",
    "memory_resident_bytes",
    "preshared_key",
    "run",
    "wait_until",
]

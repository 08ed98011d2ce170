"""The detector's numbers, from `thresholds.yaml`, where each has its derivation."""

from functools import cache
from importlib import resources

import msgspec
import yaml


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights are natural logarithms of odds; times are seconds; the meaning of each stands in the data file."""

    failure_weight: float
    success_weight: float
    threshold: float
    cap: float
    half_life: float
    named_weight: float
    named_for: float
    patience: float
    patience_round_trips: float
    patience_cold: float
    longest_round_trip: float
    patience_slow: float
    udp_silent_networks: int
    tried_for: float
    network_answers: int
    networks: int
    port_share: float
    port_share_of: int
    outage_contacts: int
    outage_share: float
    outage_seconds: float
    outage_longest: float
    answered_before: int
    arp_unanswered: int
    arp_seconds: float
    quiet: float
    request_addresses: int
    late: float
    late_in_a_row: int
    leap: float
    most_actors: int
    most_destinations: int
    most_destinations_of_one: int
    most_ports_of_one: int


@cache
def load_thresholds() -> Thresholds:
    """The numbers as shipped."""
    text = resources.files("codered.detect.scanning").joinpath("thresholds.yaml").read_bytes()
    return msgspec.convert(yaml.safe_load(text), Thresholds)

from codered_hq.hosts.models import HOST_STATES
from codered_hq.model.action import ACTION_KINDS, LOOKING, UNDOING
from codered_hq.rules.vocabulary import read_vocabulary


def test_every_kind_of_action_looks_undoes_cuts_off_or_cleans() -> None:
    vocabulary = read_vocabulary()
    rooms = [LOOKING, UNDOING, vocabulary.cutting_off, vocabulary.cleaning]
    assert sorted(kind for room in rooms for kind in room) == sorted(ACTION_KINDS)


def test_states_are_those_of_hosts() -> None:
    assert read_vocabulary().states == tuple(state for state, _ in HOST_STATES)
    assert {"vital", "never_touch", "may_isolate", "fragile"} == set(read_vocabulary().tags)

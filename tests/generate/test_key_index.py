"""The table from keys to places."""

import random

from crossthink_data.generate.key_index import KeyIndex


def test_it_is_a_dict_of_the_keys() -> None:
    draw = random.Random(0)
    index, mirror = KeyIndex(), {}
    for _ in range(3000):
        # Few different low bits, so that slots collide and runs of them wrap around the end.
        key = f"{draw.randrange(8):016x}{draw.randrange(2**10):013x}{draw.choice(['3ff', '001'])}"
        value = draw.randrange(2**64 - 1)
        index.put(key, value)
        mirror[key] = value
        if draw.random() < 0.3:
            index.put(key, value ^ 1)
            mirror[key] = value ^ 1
    assert {key: index.get(key) for key in mirror} == mirror
    assert len(index) == len(mirror)
    assert all(index.get(f"{draw.randrange(2**64):032x}") is None for _ in range(1000))


def test_the_key_of_zeros_is_a_key_like_others() -> None:
    index = KeyIndex()
    assert index.get("0" * 32) is None
    index.put("0" * 32, 5)
    assert (index.get("0" * 32), len(index)) == (5, 1)

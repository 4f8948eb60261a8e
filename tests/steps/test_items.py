"""Items of a run: one file, in order of id, shared out by hash."""

from pathlib import Path

import pytest

from crossthink_data.errors import SourceError
from crossthink_data.records import stable_hash
from crossthink_data.steps.items import Item, ItemFile, write_items


def items(number: int) -> list[Item]:
    made = [Item(stable_hash(str(at)), "chosen", {"at": at}) for at in range(number)]
    return [*made, Item(stable_hash("left"), "not_sampled", {"at": -1})]


def test_items_come_back_in_order_of_id_whatever_order_they_came_in(tmp_path: Path) -> None:
    write_items(tmp_path / "a.parquet", items(5_000), {"files": 3})
    write_items(tmp_path / "b.parquet", reversed(items(5_000)), {"files": 3})
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    read = ItemFile.open(tmp_path / "a.parquet")
    assert [item.id for item in read] == sorted(item.id for item in items(5_000))
    assert read.counts == {"chosen": 5_000, "not_sampled": 1}
    assert read.account == {"files": 3}
    assert read.chosen == 5_000


def test_equal_items_stand_once(tmp_path: Path) -> None:
    made = write_items(tmp_path / "a.parquet", items(3_000) * 2, {})
    assert made.chosen == 3_000
    assert len(list(made)) == 3_001


def test_ranks_share_the_chosen_items_and_no_others(tmp_path: Path) -> None:
    made = write_items(tmp_path / "a.parquet", items(3_000), {})
    shares = [[item.id for item in made.of_rank(rank, 4)] for rank in range(4)]
    assert sorted(id_ for share in shares for id_ in share) == sorted(
        item.id for item in items(3_000)[:-1]
    )
    assert all(600 < len(share) < 900 for share in shares)


def test_a_file_that_holds_no_items_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceError, match="not a whole file of items"):
        ItemFile.open(tmp_path / "a.parquet")

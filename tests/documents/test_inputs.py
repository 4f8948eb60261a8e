"""Which files are read, as what; what a list of paths may name."""

import os
from pathlib import Path

import pytest

from crossthink_data.documents.inputs import input_files
from crossthink_data.errors import SourceError

BASE = "https://data.example.org/"


def test_a_text_in_a_folder_whose_first_line_looks_like_a_path_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("crawl-data/segment.warc.gz\nThe file above holds a crawl.\n")
    (tmp_path / "c.txt").write_text("/etc/x.warc.gz\n")
    kinds = {file.name: file.kind for file in input_files([str(tmp_path)], BASE)}
    assert kinds == {"b.txt": "text", "c.txt": "text"}


def test_a_named_file_of_nothing_but_paths_is_a_list(tmp_path: Path) -> None:
    path = tmp_path / "few"
    path.write_text("# a comment\ncrawl-data/a.warc.gz\n\ncrawl-data/b.warc.gz\n")
    found = input_files([str(path)], BASE)
    assert [file.where for file in found] == [
        f"{BASE}crawl-data/a.warc.gz",
        f"{BASE}crawl-data/b.warc.gz",
    ]


@pytest.mark.parametrize("line", ["/etc/passwd.warc.gz", "../../x.warc.gz"])
def test_a_list_names_no_file_outside_its_base(line: str, tmp_path: Path) -> None:
    path = tmp_path / "warc.paths"
    path.write_text(f"{line}\n")
    with pytest.raises(SourceError, match="not below crawl_base"):
        input_files([str(path)], str(tmp_path))


def test_a_file_that_cannot_be_read_is_recorded_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("some text\n")
    os.symlink(tmp_path / "nowhere", tmp_path / "b.txt")
    os.symlink("/proc/self/mem", tmp_path / "c.txt")
    found = {file.name: file for file in input_files([str(tmp_path)], BASE)}
    assert found["a.txt"].kind == "text"
    assert (found["b.txt"].kind, found["b.txt"].reason) == ("broken", "unreadable_file")
    assert (found["c.txt"].kind, found["c.txt"].reason) == ("broken", "unreadable_file")

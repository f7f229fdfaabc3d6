"""Files as students and browsers name, place and damage them."""

import json
import os
import zipfile
from datetime import datetime

import handed_in
import nbformat
import pytest
import tiny
from handed_in import choose, collect, released, student_id
from nbformat.v4 import new_output
from read_notebook import UnreadableError, read

NAME = tiny.NAME
USUAL = f"{NAME}/{NAME}.ipynb"
OTHERS = {NAME: tiny.given(), "4-tied": nbformat.v4.new_notebook()}
TEXT = nbformat.writes(tiny.right())


def format_3():
    cells = [
        {"cell_type": "code", "language": "python", "input": cell.source, "outputs": []}
        | {"metadata": cell.metadata, "collapsed": False}
        for cell in tiny.right().cells
        if cell.cell_type == "code"
    ]
    sheet = {"cells": cells, "metadata": {}}
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}
    )


def changed(**parts):
    return json.dumps(json.loads(TEXT) | parts)


def long():
    notebook = tiny.right()
    notebook.cells[1].outputs = [new_output("stream", text="x" * 50_000_000)]
    return nbformat.writes(notebook)


def without_ids():
    content = json.loads(TEXT) | {"nbformat_minor": 2}
    for cell in content["cells"]:
        del cell["id"]
    return json.dumps(content)


WHOLE = {
    "as it was given out": TEXT,
    "a byte order mark and Windows line ends": "\ufeff" + TEXT.replace("\n", "\r\n"),
    "Windows line ends in the cells": TEXT.replace("\\n", "\\r\\n"),
    "UTF-16": TEXT.encode("utf-16"),
    "format 3": format_3(),
    "format 4.2": without_ids(),
    "format 4.9": changed(nbformat_minor=9),
    "50 MB of outputs": long(),
    "an output that is none": TEXT.replace('"outputs": []', '"outputs": [7]'),
    "an id twice": TEXT.replace('"id": "end"', '"id": "3b"'),
}
BROKEN = {
    "empty": ("", "the file is empty"),
    "blank": (" \n", "the file is empty"),
    "a word": ("a word", "the file is no notebook"),
    "a page": ("<html></html>", "the file is no notebook"),
    "a list": ("[1, 2]", "the file is no notebook"),
    "other JSON": ('{"cells": []}', "the file is no notebook"),
    "bytes": (b"\x89PNG\r\n\x1a\n\xff\x00", "the file is no notebook"),
    "cut off": (TEXT[:-50], "the file is damaged at line"),
    "deep": ("[" * 100_000, "the file"),
    "format 5": (changed(nbformat=5), "notebook format 5, we read up to 4"),
    "no cells": (changed(cells=7), "the notebook is damaged"),
    "cells of no type": (changed(cells=[{}]), "the notebook is damaged"),
    "cells of no text": (changed(cells=[{"cell_type": "code"}]), "the notebook is damaged"),
}


def as_bytes(data):
    return data.encode() if isinstance(data, str) else data


@pytest.mark.parametrize("kind", WHOLE)
def test_a_notebook_is_read_in_whatever_format(kind):
    notebook = read(as_bytes(WHOLE[kind]))
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert code == [cell.source for cell in tiny.right().cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert [name for name in tiny.labels(notebook) if name] == ["3a", "check-3a", "3b", "check-3b"]
    assert read(as_bytes(WHOLE[kind])) == notebook  # or it would be graded again


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_notebook_is_named_in_a_sentence(kind):
    data, sentence = BROKEN[kind]
    with pytest.raises(UnreadableError, match=sentence) as caught:
        read(as_bytes(data))
    assert "\n" not in str(caught.value)


@pytest.fixture
def put(tmp_path):
    """Write files; give back what is found: (student, exercise) or the reason, and the rest."""

    def put(*paths, data=TEXT):
        for path in paths:
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(as_bytes(data) if path.lower().endswith(".ipynb") else b"x")
        return collect(tmp_path, OTHERS)

    return put


@pytest.mark.parametrize(
    "path",
    [
        f"ada/{USUAL}",
        f"ada/{NAME}/Copy of {NAME}.ipynb",
        f"ada/{NAME}/{NAME} (1).ipynb",
        f"ada/{NAME}/{NAME}-Copy1.ipynb",
        f"ada/{NAME}/Untitled.ipynb",
        f"ada/{NAME}/4-tied.ipynb",  # the cells know better than the name
        "ada/Untitled.IPYNB",
        f"ada/{NAME}.ipynb",
        f"ada/{NAME}/{NAME}/{NAME}.ipynb",
        f"ada/{NAME} (2)/{NAME}.ipynb",
        f"ada/homework/{USUAL}",
        f"{NAME}/ada/{NAME}.ipynb",
    ],
)
def test_a_notebook_is_found_by_its_cells_whatever_its_name_and_place(put, path):
    (one,), missing = put(path)
    assert (one.student, one.exercise) == ("ada", NAME)
    assert missing == []


@pytest.mark.parametrize("path", [f"ada/{USUAL}", "ada/3_Tiny final.ipynb", f"ada/{NAME}/x.ipynb"])
def test_a_notebook_that_cannot_be_read_is_known_by_its_name_or_its_folder(put, path):
    (one,), _ = put(path, data=TEXT[:-50])
    assert (one.student, one.exercise) == ("ada", NAME)
    assert one.notebook is None
    assert "damaged" in one.unreadable


def test_a_zip_is_read_as_a_folder(tmp_path):
    (tmp_path / "ada").mkdir()
    for name in (f"ada/{NAME}.zip", "bob.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(
                zipfile.ZipInfo(f"work/{NAME} (1).ipynb", (2026, 3, 1, 9, 30, 0)), TEXT
            )
            archive.writestr(f"__MACOSX/work/._{NAME}.ipynb", "x")
            archive.writestr(f"work/.ipynb_checkpoints/{NAME}.ipynb", TEXT)
    found, missing = collect(tmp_path, OTHERS)
    assert [(one.student, one.exercise) for one in found] == [("ada", NAME), ("bob", NAME)]
    assert handed_in.local(found[0].time) == "2026-03-01 09:30"
    assert missing == []


def test_a_zip_that_is_damaged_is_named(put):
    (one,), _ = put(f"ada/{NAME}.zip")
    assert (one.student, one.exercise, one.notebook) == ("ada", NAME, None)
    assert "cannot be opened" in one.unreadable


@pytest.mark.parametrize(
    ("paths", "line"),
    [
        ([f"ada/{NAME}/{NAME}.html"], f"ada, {NAME}: no notebook, but {NAME}.html"),
        ([f"ada/{NAME}.ipynb", "ada/4-tied.html"], "ada, 4-tied: no notebook, but 4-tied.html"),
        (["notes.txt"], "notes.txt: no notebook, and in no student's folder"),
        ([f"ada/{USUAL}", "bob/readme.pdf"], "bob: no notebook, but readme.pdf"),
    ],
)
def test_what_is_there_instead_of_a_notebook_is_named(put, paths, line):
    _, missing = put(*paths)
    assert missing == [line]


def test_an_empty_folder_is_named_and_a_program_s_own_files_are_not(put, tmp_path):
    (tmp_path / "ada" / NAME).mkdir(parents=True)
    (tmp_path / "bob").mkdir()
    found, missing = put(f"eve/{NAME}/.ipynb_checkpoints/{NAME}.ipynb", f"eve/{USUAL}", ".DS_Store")
    assert [one.path for one in found] == [f"eve/{USUAL}"]
    assert missing == [f"ada, {NAME}: an empty folder", "bob: an empty folder"]


def test_files_beside_a_notebook_are_nothing_to_report(put):
    _, missing = put(f"ada/{USUAL}", f"ada/{NAME}/helper.py", f"ada/{NAME}/data/numbers.csv")
    assert missing == []


def test_a_notebook_in_no_folder_has_no_student(put):
    (one,), _ = put(f"ada-{NAME}.ipynb")
    assert one.student is None
    assert one.exercise == NAME


def test_a_notebook_of_no_exercise_is_found_all_the_same(put):
    (one,), _ = put("ada/essay.ipynb", data=nbformat.writes(nbformat.v4.new_notebook()))
    assert (one.student, one.exercise) == ("ada", None)


def two(put, tmp_path, *paths, later=1000, data=None):
    """Two notebooks that differ, the second of them later by some seconds."""
    put(*paths)
    second = tmp_path / paths[1]
    second.write_text(data or TEXT.replace("3 * x", "x * 3"), encoding="utf-8")
    for number, path in enumerate(paths):
        os.utime(tmp_path / path, (1_700_000_000 + later * number,) * 2)
    return choose(collect(tmp_path, OTHERS)[0])


SECOND = f"ada/{NAME}/{NAME} (1).ipynb"


@pytest.mark.parametrize("later", [1000, -1000])
def test_of_two_notebooks_the_later_one_counts_and_both_are_named(put, tmp_path, later):
    one, notes, doubts = two(put, tmp_path, f"ada/{USUAL}", SECOND, later=later)
    assert one.path == (SECOND if later > 0 else f"ada/{USUAL}")
    assert SECOND in notes[0]
    assert f"ada/{USUAL}" in notes[0]
    assert doubts == []
    assert len(list(tmp_path.rglob("*.ipynb"))) == 2


def test_the_time_that_nbgrader_wrote_counts_more_than_the_file_s(put, tmp_path):
    put(f"ada/{USUAL}")
    stamp = tmp_path / "ada" / NAME / "timestamp.txt"
    for text, time in (
        ("2026-03-01 09:30:00 UTC", datetime(2026, 3, 1, 9, 30)),
        ("2026-03-01 10:30:00.123 Europe/Berlin", datetime(2026, 3, 1, 9, 30, 0, 123_000)),
    ):
        stamp.write_text(text, encoding="utf-8")
        (one,), _ = collect(tmp_path, OTHERS)
        assert one.time == time
    stamp.write_text("yesterday evening", encoding="utf-8")
    (one,), _ = collect(tmp_path, OTHERS)
    assert one.time.timestamp() > 0


def test_the_same_notebook_twice_is_nothing_to_report(put, tmp_path):
    one, notes, doubts = two(put, tmp_path, f"ada/{USUAL}", SECOND, data=TEXT)
    assert (one.path, notes, doubts) == (SECOND, [], [])


def test_of_two_that_differ_and_are_of_the_same_time_the_teacher_is_asked(put, tmp_path):
    one, _, doubts = two(put, tmp_path, f"ada/{USUAL}", SECOND, later=0)
    assert one is not None
    assert "differ and are of the same time" in doubts[0]


@pytest.mark.parametrize(("later", "asked"), [(1000, True), (-1000, False)])
def test_where_one_cannot_be_read_the_other_counts(put, tmp_path, later, asked):
    one, notes, doubts = two(put, tmp_path, f"ada/{USUAL}", SECOND, later=later, data="{")
    assert one.path == f"ada/{USUAL}"
    assert SECOND in (doubts if asked else notes)[0]
    assert len(notes + doubts) == 1


def test_a_folder_of_a_whole_class_is_not_taken_for_one_student(put, tmp_path):
    one, _, doubts = two(put, tmp_path, f"class/ada/{USUAL}", f"class/bob/{USUAL}")
    assert one is None
    assert doubts == ["is in ada and bob: if these are students, move their folders up"]


def test_two_students_of_one_name_are_not_taken_for_one(put, tmp_path):
    one, _, doubts = two(put, tmp_path, f"a,b/{USUAL}", f"a;b/{USUAL}")
    assert one is None
    assert doubts == ["a,b and a;b would have one name: rename a folder"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("Müller, J. [2]", "Müller_ J. _2_"),
        ("Mu\u0308ller", "Müller"),  # as a Mac writes it
        ("a*b?", "a_b_"),
    ],
)
def test_a_student_s_name_is_one_that_a_table_can_take(folder, name):
    assert student_id(folder) == name


def test_what_was_handed_out_is_known_by_its_folder(tmp_path):
    (tmp_path / NAME).mkdir()
    nbformat.write(tiny.given(), tmp_path / NAME / f"{NAME}.ipynb")
    (tmp_path / "notes").mkdir()
    assert list(released(tmp_path)) == [NAME]

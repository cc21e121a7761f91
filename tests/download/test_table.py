"""The table of files is what the tasks, the readers and a person can rely on."""

import re
from pathlib import Path

import pytest

from m3it_build.core.errors import SettingsError
from m3it_build.download.table import Access, read_table
from m3it_build.plan.registry import load_registry
from tests.corpus import m3it

TABLE = read_table()
TASKS = [entry.task for entry in load_registry()]
COLLECTIONS = {name for task in TASKS for name in task.collections}


@pytest.mark.parametrize("task", [task.name for task in TASKS])
def test_every_task_says_what_it_needs_and_what_a_person_does(task: str) -> None:
    files = TABLE.of(task)
    assert files
    for each in files:
        assert each.urls or (each.page.startswith("https://") and each.say)
        if each.access is Access.FORM:  # one step for all that a page gives
            assert any(one.say for one in files if each.page and one.page == each.page)


def test_steps_are_short_and_stand_once() -> None:
    said = [(each.page, each.say) for each in TABLE.file if each.say and not each.place.startswith("imagenet/")]
    assert len(set(said)) == len(said)
    assert all(len(each.say) <= 200 for each in TABLE.file)


def test_tasks_and_places_are_those_of_the_readers() -> None:
    names = {task.name for task in TASKS}
    for each in TABLE.file:
        assert set(each.tasks) <= names
        top = each.place.split("/")[0]
        assert top in names | COLLECTIONS
        for task in each.tasks:
            own = next(one for one in TASKS if one.name == task)
            assert top == task or top in own.collections, f"{task} does not look into {top}"


def test_addresses_are_https_or_their_bytes_are_known() -> None:
    plain = [each for each in TABLE.file for url in each.urls if url.startswith("http:")]
    assert plain and all(each.sha256 for each in plain)


def test_hashes_and_sizes_say_where_they_stand() -> None:
    known = [each for each in TABLE.file if each.hashes or each.bytes]
    assert len(known) > 60 and all(each.source for each in known)


def test_no_folder_has_two_files_of_one_name() -> None:
    places = [each.place.lower() for each in TABLE.file]
    assert len(set(places)) == len(places)


WRONG = {
    'place = "../x.zip"': "path below",
    'place = "okvqa/.x"': "path below",
    'place = "/etc/passwd"': "path below",
    'place = "okvqa/a\\u001b[2J.zip"': "path below",
    f'place = "okvqa/{"a" * 300}"': "path below",
    'urls = ["https://[oops/x"]': "must be an address",
    'urls = ["file:///etc/passwd"]': "must be an address",
    'urls = ["hub:org/name/*.zip"]': "slash",
    f'sha256 = "{"a" * 65}"': "pattern",
    "bytes = 0": "more than 0",
    "bites = 1": "no such setting",
    "urls = []": "needs page and say",
    'optional_for = ["gqa"]': "which for does not",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_table_of_your_own_is_judged_as_it_is_read(tmp_path: Path, line: str) -> None:
    good = {
        "place": '"okvqa/x.zip"',
        "for": '["okvqa"]',
        "kind": '"media"',
        "access": '"open"',
        "urls": '["https://a.org/x"]',
    }
    path = tmp_path / "downloads.toml"
    path.write_text("[[file]]\n" + "".join(f"{name} = {value}\n" for name, value in good.items()))
    assert read_table(path).file[0].place == "okvqa/x.zip"
    name, _, value = line.partition(" = ")
    path.write_text("[[file]]\n" + "".join(f"{key} = {each}\n" for key, each in (good | {name: value}).items()))
    with pytest.raises(SettingsError, match=WRONG[line]):
        read_table(path)


def test_a_table_of_your_own_names_no_unknown_task(tmp_path: Path) -> None:
    path = tmp_path / "downloads.toml"
    path.write_text(
        '[[file]]\nplace = "okvqa/x.zip"\nfor = ["okvqa", "okvaq"]\nkind = "media"\naccess = "open"\n'
        'urls = ["https://a.org/x"]\n'
    )
    with pytest.raises(SettingsError, match=r"okvqa/x\.zip is for okvaq, which is no task"):
        read_table(path, {"okvqa", "gqa"})


def test_sources_tells_sizes_and_pages_of_the_table() -> None:
    told = m3it("sources", "vqa-v2").stdout
    assert "vqa-v2/v2_Annotations_Val_mscoco.zip  10.5 MB  s3.amazonaws.com" in told
    assert re.search(r"annotations_trainval2014.zip  253 MB, optional", told)
    told = m3it("sources", "winoground").stdout
    assert "gated" in told and "https://huggingface.co/datasets/facebook/winoground" in told

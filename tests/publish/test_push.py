"""`m3it push-to-hub` with the real client in a real process, against a Hub on this machine."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.corpus import change_state, m3it, m3it_process, tree, write_okvqa
from tests.publish.conftest import Push
from tests.publish.folders import add_task, build, translate
from tests.publish.hub import LoopbackHub, Stored

REPO = "org/m3it"
OTHER = "org/m3it-80"


def public(out: Path) -> dict[str, bytes]:
    """What of an output folder is for others."""
    return tree(out, "data", "translated", "card") | {
        name: (out / name).read_bytes() for name in ("README.md", "croissant.json")
    }


def test_the_hub_holds_what_the_folder_holds_and_a_second_push_sends_nothing(
    out: Path, hub: LoopbackHub, push: Push
) -> None:
    (out / "notes.txt").write_text("mine")
    done = push(out, "--private", "--verify")
    assert "2 configs read back from the Hub, 0 problems" in done.stdout
    assert hub.tree(REPO) == public(out)
    assert hub.repo(REPO).private
    assert hub.messages == ["Add data (1 of 1)", "Update the dataset card"]
    received = hub.received.copy()
    hub.calls.clear()
    assert "everything was there already" in push(out).stdout
    assert hub.received == received
    assert not {"commit", "preupload", "batch", "put"} & set(hub.calls)


def test_datasets_loads_and_streams_what_was_pushed(out: Path, push: Push, python: Callable[[str], str]) -> None:
    push(out, "--public", "--accept-licenses")
    printed = python(
        "from datasets import get_dataset_config_names, load_dataset\n"
        f"print(get_dataset_config_names('{REPO}'))\n"
        f"print({{name: len(split) for name, split in load_dataset('{REPO}', 'okvqa').items()}})\n"
        f"german = load_dataset('{REPO}', 'okvqa-de', split='validation', streaming=True)\n"
        "row = list(german)[0]\n"  # to the end: a stream left half-way can abort the interpreter when it exits
        "print(list(row), row['outputs'], row['meta']['language'])\n"
    )
    assert printed.splitlines() == [
        "['okvqa', 'okvqa-de']",
        "{'train': 12, 'validation': 12}",
        "['instruction', 'inputs', 'image_base64_str', 'outputs', 'meta'] Der Antwort ist disc. de",
    ]


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More shards than one commit takes."""
    folder = tmp_path_factory.mktemp("large")
    write_okvqa(folder, pictures=40, questions=1)
    out = build(folder, folder / "out", "--rows-per-shard", 1)
    translate(out, "de")
    return out


def test_a_push_killed_five_times_ends_with_the_same_files_and_sends_no_large_file_twice(
    large: Path, tmp_path: Path, hub: LoopbackHub, environment: dict[str, str], push: Push
) -> None:
    out = shutil.copytree(large, tmp_path / "out")
    # twice while files go up, at the first commit (which the Hub still makes), between two commits, at the card's
    for call, nth, lost in (("verify", 20, 0), ("verify", 60, 0), ("commit", 1, 0), ("batch", 1, 1), ("commit", 2, 1)):
        killed_push(out, hub, environment, call, nth, lost=bool(lost))
        assert "README.md" not in hub.tree(REPO)
    push(out)
    assert hub.tree(REPO) == public(out)
    assert set(hub.received.values()) == {1}
    assert len(hub.received) == 120 + 1, "shards, and the picture of the card"


def test_all_samples_and_their_translations_arrive_through_five_kills(
    samples: Callable[[str], Path],
    tmp_path: Path,
    hub: LoopbackHub,
    environment: dict[str, str],
    push: Push,
    python: Callable[[str], str],
) -> None:
    out = shutil.copytree(samples("parquet"), tmp_path / "everything")
    m3it("translate", "--langs", "all", "--sample", "--out", out)
    for call, nth in (("preupload", 1), ("verify", 40), ("batch", 2), ("commit", 1), ("commit", 1)):
        killed_push(out, hub, environment, call, nth, lost=False)
    done = push(out, "--private", "--verify")
    assert "61 configs read back from the Hub, 0 problems" in done.stdout
    assert hub.tree(REPO) == public(out)
    assert set(hub.received.values()) == {1}
    hub.calls.clear()
    assert "everything was there already" in push(out, "--private").stdout
    assert not {"commit", "preupload", "batch", "put"} & set(hub.calls)
    printed = python(
        "from datasets import load_dataset\n"
        f"rows = load_dataset('{REPO}', 'winoground-zh', split='test')\n"
        "print(len(rows), rows[0]['meta']['language'])\n"
    )
    assert printed.strip() == "16 zh"


def killed_push(
    out: Path, hub: LoopbackHub, environment: dict[str, str], call: str, nth: int, *more: str, lost: bool
) -> None:
    """Push until the n-th call of a kind reaches the Hub; `lost` is whether the Hub then forgets it."""
    command = [sys.executable, "-m", "m3it_build", "push-to-hub", str(out), "--repo-id", REPO, "--private", *more]
    seen = 0
    process: subprocess.Popen[bytes] | None = None

    def kill(name: str) -> bool:
        nonlocal seen
        with hub.lock:
            seen += name == call
            due = name == call and seen == nth
        if due and process is not None:
            process.kill()
            process.wait()
        return due and lost

    hub.on_call = kill
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert process.wait(60) == -signal.SIGKILL
    hub.on_call = lambda _: False


def test_ctrl_c_says_how_to_go_on(out: Path, hub: LoopbackHub, environment: dict[str, str], push: Push) -> None:
    process: subprocess.Popen[str] | None = None

    def interrupt(name: str) -> bool:
        if name == "batch" and process is not None:
            process.send_signal(signal.SIGINT)
        return False

    hub.on_call = interrupt
    process = subprocess.Popen(
        [sys.executable, "-m", "m3it_build", "push-to-hub", str(out), "--repo-id", REPO, "--private"],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command again" in told
    hub.on_call = lambda _: False
    push(out)
    assert hub.tree(REPO) == public(out)


def test_large_files_go_up_in_parts_where_the_hub_wants_it(tmp_path: Path, push: Push, hub: LoopbackHub) -> None:
    hub.multipart = True
    write_okvqa(tmp_path / "noisy", pictures=3, noisy=True)
    out = build(tmp_path / "noisy", tmp_path / "other")
    push(out, "--private")
    assert hub.calls["part"] > hub.calls["complete"] > 0
    assert hub.tree(REPO) == public(out)


@pytest.mark.parametrize("more", [("--format", "jsonl"), ("--format", "jsonl.zst"), ("--images", "bytes")])
def test_every_format_arrives_and_loads(
    source: Path, tmp_path: Path, hub: LoopbackHub, push: Push, more: tuple[str, ...]
) -> None:
    out = build(source, tmp_path / "out", *more)
    assert "0 problems" in push(out, "--private", "--verify").stdout
    assert hub.tree(REPO) == public(out)
    assert "everything was there already" in push(out).stdout


def test_the_hub_of_the_settings_holds_unless_flag_or_variable_say_another(
    out: Path, hub: LoopbackHub, environment: dict[str, str]
) -> None:
    settings = out.parent / "mine.toml"
    settings.write_text(f'[hub]\nrepo_id = "{REPO}"\nprivate = true\n')
    push = ("push-to-hub", out, "--config", settings)
    m3it_process(*push, check=0, **environment)
    assert hub.repo(REPO).private
    assert "--accept-licenses" in m3it_process(*push, "--public", "--repo-id", OTHER, check=2, **environment).stderr
    m3it_process(*push, check=0, M3IT_REPO_ID=OTHER, **environment)
    assert hub.repo(OTHER).private


def test_a_dry_run_needs_no_token_and_changes_nothing(out: Path, hub: LoopbackHub, push: Push) -> None:
    done = push(out, "--dry-run", "--private", HF_TOKEN="")
    assert "to send: 6 files" in done.stdout
    assert "+ data/kvqa/okvqa/train-00000-of-00002.parquet" in done.stdout
    assert not hub.repos
    assert not (out / "README.md").exists()


def test_a_public_push_stops_at_sources_that_may_not_be_passed_on(out: Path, hub: LoopbackHub, push: Push) -> None:
    done = push(out, "--public", check=2)
    assert "okvqa: LicenseRef-COCO" in done.stderr
    assert "--accept-licenses" in done.stderr
    assert not hub.repos
    push(out, "--public", "--accept-licenses")
    assert not hub.repo(REPO).private


def test_a_source_that_may_be_passed_on_needs_no_other_flag(out: Path, hub: LoopbackHub, push: Push) -> None:
    for path in out.glob(".m3it/manifests/okvqa/**/*n.json"):
        change_state(path, redistributable=True)
    assert "a new dataset; everybody sees it" in push(out, "--public").stdout
    assert not hub.repo(REPO).private


def test_without_a_flag_a_new_repository_is_private(out: Path, hub: LoopbackHub, push: Push) -> None:
    assert "org/m3it: a new dataset; only its owners see it" in push(out).stdout
    assert hub.repo(REPO).private


def test_no_push_changes_who_sees_a_repository(out: Path, hub: LoopbackHub, push: Push) -> None:
    hub.add(REPO)
    assert "is public, and --private does not change that" in push(out, "--private", check=2).stderr
    assert "--accept-licenses" in push(out, check=2).stderr  # of a public one that was there, too
    assert "everybody sees it, which a push does not change" in push(out, "--accept-licenses").stdout
    assert not hub.repo(REPO).private
    hub.add(OTHER, private=True)
    done = push(out, "--public", repo_id=OTHER)
    assert "is private, and --public does not change that" in done.stderr
    assert hub.repo(OTHER).private


def test_only_one_task_goes_and_the_card_lists_what_the_hub_has(out: Path, hub: LoopbackHub, push: Push) -> None:
    add_task(out, "other")
    push(out, "--private", "--only", "okvqa")
    assert "config_name: other" not in hub.tree(REPO)["README.md"].decode()
    assert not [path for path in hub.tree(REPO) if "other" in path]
    push(out, "--only", "other")
    assert "config_name: other" in hub.tree(REPO)["README.md"].decode()
    assert "config_name: okvqa-de" in hub.tree(REPO)["README.md"].decode()
    assert hub.tree(REPO) == public(out)


def test_only_does_not_wait_for_tasks_that_are_being_built(out: Path, push: Push) -> None:
    add_task(out, "other")
    (out / ".m3it/manifests/other/train-00001.json").unlink()
    assert "other/train: shard 1 of 2 is not finished" in push(out, "--private", check=2).stderr
    push(out, "--private", "--only", "okvqa")
    assert "no task 'okvaq'" in push(out, "--only", "okvaq", check=2).stderr


def test_files_of_an_earlier_build_are_told_and_pruned(
    source: Path, tmp_path: Path, hub: LoopbackHub, push: Push
) -> None:
    push(build(source, tmp_path / "four", "--rows-per-shard", 4), "--private")
    out = build(source, tmp_path / "six")
    done = push(out)
    assert "--prune deletes them" in done.stdout
    assert "data/kvqa/okvqa/train-00000-of-00003.parquet" in hub.tree(REPO)
    assert b"train-*-of-00002.parquet" in hub.tree(REPO)["README.md"]
    push(out, "--prune", "--verify")
    assert hub.tree(REPO) == public(out)


def test_an_old_file_that_the_card_would_load_goes_without_being_asked(out: Path, hub: LoopbackHub, push: Push) -> None:
    repo = hub.add(REPO, private=True)
    files = {
        "data/kvqa/okvqa/train-00007-of-00002.parquet": Stored(b"old", large=True),
        "data/raw/mine.parquet": Stored(b"mine", large=True),
        "LICENSE": Stored(b"text", large=False),
    }
    repo.commit("main", files)
    push(out)
    assert set(hub.tree(REPO)) == {*public(out), "data/raw/mine.parquet", "LICENSE"}


def test_translations_go_to_a_repository_of_their_own(
    out: Path, hub: LoopbackHub, push: Push, python: Callable[[str], str]
) -> None:
    add_task(out, "other")
    more = ("--private", "--translations-to", OTHER)
    told = push(out, *more, "--dry-run").stdout
    new = "a new dataset; only its owners see it\nto send"
    assert f"{REPO}: {new}: 8 files" in told and f"{OTHER}: {new}: 2 files" in told
    assert not hub.repos
    done = push(out, *more, "--verify").stdout
    assert f"{REPO}: 2 configs read back from the Hub, 0 problems" in done
    assert f"{OTHER}: 1 config read back from the Hub, 0 problems" in done
    assert hub.repo(REPO).private and hub.repo(OTHER).private
    files = public(out)
    assert hub.tree(REPO) == {name: data for name, data in files.items() if not name.startswith("translated/")}
    other = hub.tree(OTHER)
    translated = tree(out, "translated")
    assert other.keys() == {*translated, "README.md", "croissant.json"}
    assert {name: other[name] for name in translated} == translated
    assert f"datasets/{REPO})".encode() in other["README.md"]
    assert f"datasets/{OTHER})".encode() in files["README.md"]
    assert f"datasets/{OTHER}".encode() in other["croissant.json"]
    hub.calls.clear()
    assert push(out, *more).stdout.count("everything was there already") == 2
    assert not {"commit", "preupload", "batch", "put"} & set(hub.calls)
    printed = python(
        "from datasets import get_dataset_config_names, load_dataset\n"
        f"print(get_dataset_config_names('{REPO}'), get_dataset_config_names('{OTHER}'))\n"
        f"print(type(load_dataset('{OTHER}', 'okvqa-de', split='validation')[0]['meta']).__name__)\n"
    )
    assert printed.splitlines() == ["['okvqa', 'other'] ['okvqa-de']", "dict"]


def test_translations_that_were_sent_with_the_tasks_can_move_out(out: Path, hub: LoopbackHub, push: Push) -> None:
    push(out, "--private")
    done = push(out, "--private", "--translations-to", OTHER)
    assert "2 data files on the Hub are not of this build (translated/okvqa/de/" in done.stdout
    push(out, "--private", "--translations-to", OTHER, "--prune")
    assert not [path for path in hub.tree(REPO) if path.startswith("translated/")]
    assert [path for path in hub.tree(OTHER) if path.startswith("translated/")] == list(tree(out, "translated"))


def test_only_and_translations_apart(out: Path, hub: LoopbackHub, push: Push) -> None:
    add_task(out, "other")
    push(out, "--private", "--translations-to", OTHER, "--only", "other")
    assert ("datasets", OTHER) not in hub.repos
    assert "config_name: okvqa" not in hub.tree(REPO)["README.md"].decode()
    push(out, "--private", "--translations-to", OTHER, "--only", "okvqa")
    assert "config_name: okvqa-de" in hub.tree(OTHER)["README.md"].decode()
    assert "config_name: other" in hub.tree(REPO)["README.md"].decode()


def test_translations_apart_go_on_after_a_kill(
    out: Path, hub: LoopbackHub, environment: dict[str, str], push: Push
) -> None:
    more = ("--translations-to", OTHER)
    for call, nth in (("commit", 1), ("batch", 2), ("commit", 2)):  # the last two in the second repository
        killed_push(out, hub, environment, call, nth, *more, lost=False)
    push(out, "--private", *more)
    assert hub.tree(REPO).keys() == {name for name in public(out) if not name.startswith("translated/")}
    assert hub.tree(OTHER).keys() == {*tree(out, "translated"), "README.md", "croissant.json"}
    assert set(hub.received.values()) == {1}


def test_translations_cannot_move_to_nowhere(source: Path, tmp_path: Path, out: Path, push: Push) -> None:
    assert "names the same repository" in push(out, "--private", "--translations-to", REPO, check=2).stderr
    alone = build(source, tmp_path / "alone")
    assert "holds no translations" in push(alone, "--private", "--translations-to", OTHER, check=2).stderr


def test_an_edited_card_is_sent_for_the_tasks_alone(out: Path, hub: LoopbackHub, push: Push) -> None:
    m3it("card", out, "--translations-to", OTHER)
    card = out / "README.md"
    card.write_text(card.read_text() + "\nThanks to everybody.\n")
    push(out, "--private", "--translations-to", OTHER)
    assert hub.tree(REPO)["README.md"].decode().endswith("Thanks to everybody.\n")
    assert "Thanks" not in hub.tree(OTHER)["README.md"].decode()
    assert f"m3it card --overwrite {out}" in push(out, check=2).stderr


def test_a_read_back_finds_what_a_user_would_find_wrong(out: Path, hub: LoopbackHub, push: Push) -> None:
    push(out, "--private")
    files = hub.repo(REPO)
    german = next(path for path in public(out) if path.startswith("translated/"))

    def spoil(call: str) -> bool:
        if call == "validate":  # what the Hub has was listed before
            hub.on_call = lambda _: False
            files.commit(
                "main", {name: each for name, each in files.commits[files.heads["main"]].items() if name != german}
            )
        return False

    hub.on_call = spoil
    assert "okvqa-de: the Hub's splits have {'validation': 1} files, not" in push(out, "--verify", check=1).stderr


def test_a_pull_request_gets_everything_and_main_nothing(out: Path, hub: LoopbackHub, push: Push) -> None:
    hub.add(REPO, private=True)
    done = push(out, "--create-pr", "--verify")
    assert "go on with --revision refs/pr/1" in done.stderr
    assert hub.tree(REPO, "refs/pr/1") == public(out)
    assert hub.tree(REPO) == {}
    assert "everything was there already" in push(out, "--revision", "refs/pr/1").stdout


def test_a_branch_gets_everything_and_main_nothing(out: Path, hub: LoopbackHub, push: Push) -> None:
    repo = hub.add(REPO, private=True)
    repo.commit("next", {})
    push(out, "--revision", "next")
    assert hub.tree(REPO, "next") == public(out)
    assert hub.tree(REPO) == {}


def test_an_edited_card_is_sent_as_it_is_while_its_configs_are_right(out: Path, hub: LoopbackHub, push: Push) -> None:
    m3it("card", out)
    card = out / "README.md"
    card.write_text(card.read_text() + "\nThanks to everybody.\n")
    push(out, "--private")
    for _ in range(2):
        assert hub.tree(REPO)["README.md"].decode().endswith("Thanks to everybody.\n")
        assert hub.tree(REPO) == public(out)
        push(out)
    card.write_text(card.read_text().replace("okvqa-de", "okvqa-fr"))
    assert "its configs are not those" in push(out, check=2).stderr


def test_progress_is_told_in_bytes(out: Path, push: Push) -> None:
    with contextlib.suppress(FileNotFoundError):
        (out / "README.md").unlink()
    assert re.search(r"sent (\d+ kB) of \1$", push(out, "--private").stderr, re.MULTILINE)

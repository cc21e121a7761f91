"""Whatever the Hub or the user does wrong ends in one clear message, and never in something half that looks whole."""

from pathlib import Path

import pytest

from tests.corpus import change_state, tree
from tests.publish.conftest import Push
from tests.publish.hub import READER, Fault, LoopbackHub
from tests.publish.test_push import REPO, public

CALLS = ("create", "validate", "preupload", "batch", "put", "verify", "commit")


@pytest.mark.parametrize("status", [409, 412, 429, 500])
def test_a_passing_fault_of_every_call_is_survived(out: Path, hub: LoopbackHub, push: Push, status: int) -> None:
    hub.faults = [Fault(call, status, headers={"Retry-After": "0"}) for call in CALLS]
    done = push(out, "--private")
    assert not any(fault.times for fault in hub.faults)
    assert f"commit: the Hub answered {status}, trying again" in done.stderr
    assert hub.tree(REPO) == public(out)


def test_the_hub_is_given_the_time_that_it_asks_for(out: Path, hub: LoopbackHub, push: Push) -> None:
    hub.faults = [Fault("commit", 429, headers={"Retry-After": "2"})]
    assert "trying again in 2 s" in push(out, "--private").stderr


def test_a_commit_whose_answer_is_lost_is_not_made_twice(out: Path, hub: LoopbackHub, push: Push) -> None:
    hub.faults = [Fault("commit", 502, after=True)]
    push(out, "--private")
    assert hub.tree(REPO) == public(out)
    assert set(hub.received.values()) == {1}


def test_a_hub_that_never_commits_is_given_up_and_the_next_push_sends_nothing_again(
    out: Path, hub: LoopbackHub, push: Push
) -> None:
    hub.faults = [Fault("commit", 500, times=99, headers={"Retry-After": "0"})]
    done = push(out, "--private", check=1)
    assert "Could not commit after 5 tries: the Hub answered 500" in done.stderr
    assert "run the same command again" in done.stderr
    assert hub.tree(REPO) == {}
    hub.faults = []
    puts = hub.calls["put"]
    push(out)
    assert hub.calls["put"] == puts + 1, "the picture of the card, which goes last"
    assert hub.tree(REPO) == public(out)


def test_a_card_that_cannot_be_committed_leaves_no_card(out: Path, hub: LoopbackHub, push: Push) -> None:
    def break_second(call: str) -> bool:
        if call == "commit":
            hub.faults = [Fault("commit", 500, times=99, headers={"Retry-After": "0"})]
        return False

    hub.on_call = break_second
    push(out, "--private", check=1)
    assert sorted(hub.tree(REPO)) == sorted(tree(out, "data", "translated"))


def test_a_hub_that_asks_for_an_hour_is_not_waited_for(out: Path, hub: LoopbackHub, push: Push) -> None:
    hub.faults = [Fault("create", 429, times=9, headers={"Retry-After": "3600"})]
    done = push(out, "--private", check=1)
    assert hub.calls["create"] == 1
    assert "429" in done.stderr


def test_a_hub_that_is_not_there(out: Path, push: Push) -> None:
    done = push(out, "--private", check=1, HF_ENDPOINT="http://127.0.0.1:9")
    assert "no answer from http://127.0.0.1:9" in done.stderr


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"HF_TOKEN": ""}, "No token. Make one with write rights"),
        ({"HF_TOKEN": "hf_wrongwrongwrongwrongwrong"}, "refuses this token"),
        ({"HF_TOKEN": READER}, "may not create the repository"),
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"),
    ],
)
def test_tokens_that_do_not_do(out: Path, hub: LoopbackHub, push: Push, changed: dict[str, str], words: str) -> None:
    assert words in push(out, "--private", check=2, **changed).stderr
    assert not hub.repos


def test_no_write_right_to_a_repository_that_is_there(out: Path, hub: LoopbackHub, push: Push) -> None:
    hub.add(REPO, private=True)
    assert "may not send files (org/m3it)" in push(out, check=2, HF_TOKEN=READER).stderr


def test_a_repository_that_is_a_model(out: Path, hub: LoopbackHub, push: Push) -> None:
    hub.add(REPO, "models")
    assert "org/m3it is a model, not a dataset" in push(out, "--private", check=2).stderr
    assert ("datasets", REPO) not in hub.repos


@pytest.mark.parametrize("name", ["m3it", "org/m3it/more", "org/m3--it", ""])
def test_names_that_no_repository_can_have(out: Path, push: Push, name: str) -> None:
    assert "--repo-id" in push(out, check=2, repo_id=name).stderr


@pytest.mark.parametrize("there", [True, False])
def test_a_revision_that_does_not_exist(out: Path, hub: LoopbackHub, push: Push, there: bool) -> None:
    if there:
        hub.add(REPO, private=True)
    done = push(out, "--private", "--revision", "next", check=2)
    assert "org/m3it has no revision next" in done.stderr
    assert not hub.received
    assert bool(hub.repos) == there


def test_a_card_that_the_hub_refuses(out: Path, hub: LoopbackHub, push: Push) -> None:
    hub.refused_card = '"language[0]" must be in ISO 639'
    done = push(out, "--private", check=2)
    assert 'The Hub refuses README.md: "language[0]" must be in ISO 639. Nothing was sent.' in done.stderr
    assert not hub.received


def test_a_folder_that_is_not_valid(out: Path, hub: LoopbackHub, push: Push) -> None:
    shard = next(out.glob("data/kvqa/okvqa/train-00000-*"))
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    done = push(out, "--private", check=1)
    assert "is not valid" in done.stderr and "bytes changed" in done.stderr
    assert not hub.repos


def test_a_damaged_translation(out: Path, hub: LoopbackHub, push: Push) -> None:
    shard = next(out.glob("translated/okvqa/de/*"))
    shard.write_bytes(shard.read_bytes()[:-1])
    assert "its bytes changed" in push(out, "--private", check=1).stderr
    assert not hub.repos


def test_a_folder_changed_after_it_was_found_valid_is_validated_again(out: Path, push: Push) -> None:
    push(out, "--private")
    shard = next(out.glob("data/kvqa/okvqa/train-00000-*"))
    shard.write_bytes(shard.read_bytes()[::-1])
    assert "is not valid" in push(out, check=1).stderr


def test_a_manifest_that_names_a_file_elsewhere(out: Path, tmp_path: Path, hub: LoopbackHub, push: Push) -> None:
    import hashlib

    secret = tmp_path / "secret.parquet"
    secret.write_bytes(b"secret")
    for name in ("../secret.parquet", "data/../../secret.parquet", ".m3it/settings.json"):
        path = out / ".m3it/manifests/okvqa/de/validation-00000.json"
        data = (out / name).read_bytes()
        change_state(path, file=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        assert "is no shard" in push(out, "--private", check=2).stderr
    assert not hub.repos


def test_a_folder_without_a_build(tmp_path: Path, push: Push) -> None:
    assert "nothing was built here" in push(tmp_path, check=2).stderr

"""What a person reads: each message says what is the matter, where, and what to type."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from m3it_build.answers.estimate import Templates
from m3it_build.answers.settings import ParaphraseSettings
from m3it_build.cli.app import SECTIONS
from m3it_build.cli.build import _told
from m3it_build.cli.notices import PHRASES, told
from m3it_build.cli.table import table
from m3it_build.core.plural import plural
from m3it_build.paper import paper
from m3it_build.plan.planner import Kind, Notice
from m3it_build.plan.registry import load_registry
from m3it_build.plan.settings import BuildSettings
from m3it_build.services.chat.budget import estimate_tokens
from m3it_build.services.mt.fetching import QUANTIZATION
from m3it_build.settings import WORDS, in_words
from m3it_build.translate.settings import GateSettings, TranslateSettings, TranslatorSettings
from tests.corpus import jpeg, m3it, m3it_process, write_okvqa

OKVQA = ("build", "--task", "okvqa", "--sample", "--workers", 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("build",), ("--task okvqa", "--all", "m3it tasks")),
        (("build", "--task", ","), ("--task okvqa", "a,b")),
        (("build", "--task", "okvqa"), ("m3it-sources: no such", "m3it download okvqa", "--source DIR", "--sample")),
        (("paraphrase", "--task", "okvqa,gqa"), ("m3it-sources: no such folder", "m3it download gqa okvqa")),
        (("build", "--all"), ("m3it-sources: no such folder", "m3it download --all")),
        (("build", "--task", "okvqa", "--all", "--sample"), ("--all and --task were both given",)),
        (("build", "--task", "okvqa", "--source", "x", "--sample"), ("--source and --sample were both given",)),
        ((*OKVQA, "--limit", "0"), ("--limit: must be at least 1, not 0",)),
        ((*OKVQA, "--seed", "x"), ("--seed: must be a whole number, not x",)),
        ((*OKVQA, "--format", "csv"), ("--format: must be 'parquet', 'jsonl' or 'jsonl.zst', not csv",)),
        ((*OKVQA, "--out", ""), ("--out", "must not be empty")),
        (("build", "--task", "okvqa", "--source", ""), ("--source", "must not be empty")),
        (("validate", ""), ("OUT", "must not be empty")),
        (("card", ""), ("OUT", "must not be empty")),
        ((*OKVQA, "--split", "dev"), ("--split", "'dev' is not one of 'train', 'validation', 'test'")),
        (("translate", "--langs", "de", "--beam", "x"), ("--beam: must be a whole number, not x",)),
        (("translate", "--langs", "de", "--beam", "0"), ("--beam: must be at least 1, not 0",)),
        (("translate", "--langs", "de", "--back-translate", "-1"), ("--back-translate: must be at least 0, not -1",)),
        (("translate", "--langs", "de", "--model", "x", "--sample"), ("--model or --sample",)),
        (("gate", "--threshold", "inf"), ("--threshold: must be a number, not inf",)),
        (("gate", "--flores", ""), ("--flores", "must not be empty")),
        (("paraphrase", *OKVQA[1:4], "--concurrency", "0"), ("--concurrency: must be at least 1, not 0",)),
        (("sources", "okvqa", "--source", "nowhere", "--check"), ("nowhere: no such folder",)),
    ],
)
def test_wrong_usage_says_what_to_type(arguments: tuple[object, ...], words: tuple[str, ...]) -> None:
    said = m3it(*arguments, check=2)
    assert all(word in said.stderr for word in words), said.stderr
    assert not said.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[build]\nseed = 1\nworker = 3\n", "line 3: [build] worker: there is no such setting. Did you mean workers?"),
        ("[build]\n\nlimit = 0\n", "line 3: [build] limit: must be at least 1, not 0."),
        (
            '[build]\nanswers = "no"\n',
            "line 2: [build] answers: must be 'paraphrase', 'template' or 'original', not no.",
        ),
        ("build = 1\n", "line 1: build: [build] must be a table, not 1."),
        ("build = [1]\n", "[build] must be a table, not [1]."),
        ("limit = 3\n", "line 1: limit: there is no such setting. Put it under [build]."),
        ("[biuld]\nlimit = 3\n", "line 1: [biuld]: there is no such table. Did you mean build?"),
        ('[options.nlvr2]\nx = "y"\n', "[options.nlvr2]: No task 'nlvr2'. Did you mean nlvr"),
        ('[options.nlvr]\nx = "y"\n', "[options.nlvr] x = 'y'"),
        ('[media]\ncoco2015 = "/x"\n', "[media] coco2015: no task looks for it. Did you mean coco2017?"),
        ("[build]\nlimit = \n", "not TOML"),
    ],
)
def test_a_wrong_settings_file_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    config = tmp_path / "m3it.toml"
    config.write_text(text)
    said = m3it(*OKVQA, "--out", tmp_path / "out", "--config", config, check=2)
    assert str(config) in said.stderr or words.startswith(("[options", "[media")), said.stderr
    assert words in said.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[paraphrase]\nmodl = "x"\n', "line 2: [paraphrase] modl: there is no such setting. Did you mean model?"),
        ("[paraphrase]\ntimeout = 0\n", "line 2: [paraphrase] timeout: must be more than 0, not 0."),
        ("[prices.x]\ninput = -1\noutput = 1\n", "[prices] (x.input): must be at least 0, not -1."),
    ],
)
def test_so_is_one_of_a_paraphrase_pass(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "m3it.toml").write_text(text)
    said = m3it("paraphrase", *OKVQA[1:4], "--out", tmp_path / "out", "--config", tmp_path / "m3it.toml", check=2)
    assert words in said.stderr


def test_so_is_one_of_a_translation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "m3it.toml"
    config.write_text("[translator]\nbeam = 0\n\n[translate]\nper_spilt = 3\n\n[gate]\nthreshold = 'high'\n")
    monkeypatch.chdir(tmp_path)
    translate: tuple[str, ...] = ("translate", "--langs", "de", "--sample")
    wrong = f"{config}, line 5: [translate] per_spilt: there is no such setting. Did you mean per_split?"
    assert wrong in m3it(*translate, check=2).stderr
    assert f"{config}, line 8: [gate] threshold: must be a number, not high." in m3it("gate", check=2).stderr
    other = tmp_path / "other.toml"
    other.write_text("[translator]\nbeam = 0\n")
    translate = (*translate, "--config", str(other))
    assert f"{other}, line 2: [translator] beam: must be at least 1, not 0." in m3it(*translate, check=2).stderr
    monkeypatch.setenv("M3IT_BEAM", "banana")
    assert "M3IT_BEAM: must be a whole number, not banana." in m3it(*translate, check=2).stderr
    assert "no rows are here" in m3it(*translate, "--beam", 1, check=2).stderr


def test_a_translation_hears_variables_and_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    m3it(*OKVQA, "--out", tmp_path / "out")
    (tmp_path / "m3it.toml").write_text(
        'out = "out"\ncache = "models"\n[translator]\nmodel = "none"\n[translate]\nper_split = 3\n'
    )
    monkeypatch.chdir(tmp_path)

    def rows(*flags: object) -> list[int]:
        said = m3it("translate", "--langs", "de", "--json", *flags)
        return [each["rows"] for each in json.loads(said.stdout)["configs"]]

    assert rows("--sample") == [3]
    monkeypatch.setenv("M3IT_PER_SPLIT", "2")
    assert (rows("--sample"), rows("--sample", "--per-split", 1)) == ([2], [1])
    assert "No model 'none'" in m3it("translate", "--langs", "de", check=2).stderr
    monkeypatch.setenv("M3IT_TRANSLATE_MODEL", "mine")
    (tmp_path / "models/mine").mkdir(parents=True)
    assert f"{tmp_path / 'models/mine'}: no model.bin" in m3it("translate", "--langs", "de", check=2).stderr


def test_a_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("M3IT_LIMIT", "many")
    assert "M3IT_LIMIT: must be a whole number, not many." in m3it(*OKVQA, "--out", tmp_path, check=2).stderr
    monkeypatch.delenv("M3IT_LIMIT")
    monkeypatch.setenv("M3IT_PARAPHRASE_TIMEOUT", "long")
    said = m3it("paraphrase", *OKVQA[1:4], "--out", tmp_path, check=2)
    assert "M3IT_PARAPHRASE_TIMEOUT: must be a number, not long." in said.stderr


def test_no_word_of_pydantic_is_left() -> None:
    wrong: list[tuple[type[BaseModel], dict[str, object]]] = [
        (BuildSettings, {name: [None] for name in BuildSettings.model_fields}),
        (BuildSettings, dict.fromkeys(BuildSettings.model_fields, "")),
        (BuildSettings, dict.fromkeys(BuildSettings.model_fields, 0.5)),
        (BuildSettings, {"limit": "9" * 5000, "options": {"nlvr": {"x": 1}}, "media": {"coco2014": 1}}),
        (ParaphraseSettings, {"model": "", "extra": "no JSON", "concurrency": 2000, "timeout": 0, "max_cost": -1}),
        (TranslatorSettings, {name: [None] for name in TranslatorSettings.model_fields}),
        (TranslatorSettings, {"model": "", "beam": 0, "workers": 0.5}),
        (TranslateSettings, {name: [None] for name in TranslateSettings.model_fields}),
        (TranslateSettings, {"per_split": 0, "threshold": float("inf"), "back_translate": -1}),
        (GateSettings, {name: [None] for name in GateSettings.model_fields}),
        (ParaphraseSettings, {"prices": {"x": 1, "y": {"input": float("nan"), "and": 1}}, "prompts": 1}),
    ]
    for kind, values in wrong:
        with pytest.raises(ValidationError) as caught:
            kind.model_validate(values)
        for error in caught.value.errors():
            assert error["type"] in WORDS, error
            assert not re.search("Input|should|[Vv]alue error|[{}]", in_words(error)), error


def test_other_settings_are_told_in_words(tmp_path: Path) -> None:
    m3it(*OKVQA, "--out", tmp_path)
    said = m3it(*OKVQA, "--out", tmp_path, "--limit", 1, "--rows-per-shard", 5, check=2)
    assert "(limit: none there, 1 now; rows-per-shard: 2000 there, 5 now)" in said.stderr


def test_one_is_one_and_many_are_many(tmp_path: Path) -> None:
    assert [plural(1, "shard"), plural(2000, "shard"), plural(2, "try", "tries")] == [
        "1 shard",
        "2,000 shards",
        "2 tries",
    ]
    said = m3it(*OKVQA, "--out", tmp_path, "--limit", 1, "--split", "train")
    assert "1 row in " in said.stdout
    shard = next(tmp_path.glob("data/*/*/*"))
    assert "1 row in 1 shard checked, 0 problems" in m3it("validate", tmp_path).stdout
    shard.unlink()
    assert ", 1 problem\n" in m3it("validate", tmp_path, check=1).stdout


def test_rejects_are_pointed_to_only_where_there_are_some(tmp_path: Path) -> None:
    assert "m3it/rejects" not in m3it(*OKVQA, "--out", tmp_path / "a").stdout
    said = m3it("build", "--task", "coco-goi", "--sample", "--out", tmp_path / "b").stdout
    assert f"what was filtered or rejected: {tmp_path / 'b/.m3it/rejects'}" in said


def test_missing_pictures_are_told_with_the_places_that_were_looked_at(tmp_path: Path) -> None:
    source = write_okvqa(tmp_path / "source")
    (source / "val2014/COCO_val2014_000000001001.jpg").unlink()
    said = m3it("build", "--task", "okvqa", "--source", tmp_path / "source", "--out", tmp_path / "out").stdout
    assert "okvqa: 2 records rejected as pictures or clips are not there" in said
    assert "as val2014/COCO_val2014_000000001001.jpg" in said
    assert f"(looked in {source})" in said
    assert f"m3it sources okvqa --source {tmp_path / 'source'} --check" in said


def test_what_the_user_can_mend_comes_last_and_is_marked(tmp_path: Path) -> None:
    root = tmp_path / "source/vqa-v2"
    sample = next(entry for entry in load_registry() if entry.task.name == "vqa-v2").sample
    for path in Path(str(sample)).rglob("*"):
        if path.is_file() and "val" not in path.name:
            copy = root / path.relative_to(Path(str(sample)))
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    said = m3it("build", "--task", "vqa-v2", "--source", tmp_path / "source", "--out", tmp_path / "out").stdout
    first, last = (
        said.index("vqa-v2/test: not built: "),
        said.index("vqa-v2/validation: not built, and you can mend it"),
    )
    assert first < last
    assert f"(looked in {root})" in said


def test_many_of_a_kind_are_one_line_unless_all_are_asked_for() -> None:
    notices = [Notice(Kind.MISSING, "z/train", "x not there")]
    notices += [Notice(Kind.UNLABELLED, f"{name}/test", "secret") for name in "abcd"]
    notices += [Notice(Kind.NOT_IN_PAPER, "y/test", "the paper has no rows of it")]
    assert list(told(notices, "not built", every=False)) == [
        f"4 splits not built, {PHRASES[Kind.UNLABELLED].why} (each with its reason: -v): "
        + ", ".join(f"{name}/test" for name in "abcd"),
        "y/test: not built: the paper has no rows of it",
        "z/train: not built, and you can mend it: x not there",
    ]
    assert len(list(told(notices, "not built", every=True))) == 6


def test_tasks_without_short_answers_are_tasks_and_were_not_to_be_built(tmp_path: Path) -> None:
    pass_over = ("paraphrase", "--sample", "--limit", 1, "--dry-run", "--out")
    said = m3it(*pass_over, tmp_path / "a", "--task", "coco", "--task", "vqa-v2")
    assert "coco: passed over: it has no short answers to paraphrase\n" in said.stderr
    assert "vqa-v2/test: passed over: the answers of test2015" in said.stderr
    said = m3it(*pass_over, tmp_path / "b", *(f"--task={name}" for name in ("coco", "textcap", "coco-cn", "vist")))
    assert (
        "4 tasks passed over, as they have no short answers to paraphrase (each with its reason: -v): " in said.stderr
    )
    assert "built" not in said.stderr


@pytest.mark.parametrize(
    ("templates", "calls", "words"),
    [
        (1, 1, ("1 of 1 short answer stands in a template sentence. To write it out", "about 1 call,")),
        (1, 0, ("stands in a template sentence: its paraphrase did not",)),
        (2, 2, ("2 of 2 short answers stand in template sentences. To write them out", "about 2 calls,")),
        (2, 0, ("stand in template sentences: their paraphrases did not",)),
    ],
)
def test_one_template_is_one(templates: int, calls: int, words: tuple[str, ...]) -> None:
    said = _told(Templates(templates, templates, 0, calls, None, "m"), "m3it paraphrase")
    assert all(word in said for word in words), said


def test_nothing_is_estimated_for_a_build_that_would_not_tell_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr("m3it_build.answers.estimate.count_templates", lambda *_: asked.append(1))
    for flags, wanted in ((("-q",), 0), (("-q", "--json"), 1), ((), 2)):
        m3it(*OKVQA, "--out", tmp_path, "--limit", 1, *flags)
        assert len(asked) == wanted


def test_the_last_lines_say_what_is_degraded_and_the_command_that_mends_it(tmp_path: Path) -> None:
    out = tmp_path / "my out"
    said = m3it(*OKVQA, "--out", out).stdout
    *_, before, command, cost = said.splitlines()
    assert before.startswith("16 of 16 short answers stand in template sentences.")
    assert command == f"  m3it paraphrase --task okvqa --sample --out '{out}'"
    assert cost == "  (about 16 calls, less than a US cent with gpt-4o-mini; exact with --dry-run)"
    dry = json.loads(m3it("paraphrase", "--task", "okvqa", "--sample", "--out", out, "--dry-run", "--json").stdout)
    assert [each["to_ask"] for each in dry["tasks"]] == [16]
    for answers in ("template", "original"):
        assert "template sentences" not in m3it(*OKVQA, "--out", tmp_path / answers, "--answers", answers).stdout
    assert "template sentences" not in m3it("build", "--task", "coco", "--sample", "--out", tmp_path / "coco").stdout


def test_the_last_lines_tell_of_replies_that_no_template_fits(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    asked = [("这是什么？", "羊。"), ("他会游泳吗？", "会。"), ("这是什么？", "这是一只白色的羊。")]
    records = [
        {"question_id": number, "image_id": 7, "Question": question, "Answer": answer}
        for number, (question, answer) in enumerate(asked)
    ]
    (source / "FM-IQA.json").write_text(json.dumps({"train": records, "val": []}))
    photo = source / "train2014/COCO_train2014_000000000007.jpg"
    photo.parent.mkdir()
    photo.write_bytes(jpeg(1))
    said = m3it("build", "--task", "fm-iqa", "--source", source, "--out", tmp_path / "out", "--split", "train").stdout
    assert "1 of 3 short answers stands in a template sentence, about 1 as short as they are, since no template" in said
    assert "(about 2 calls, " in said


def test_the_estimate_reads_some_rows_and_is_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_okvqa(tmp_path / "source", pictures=50, questions=3)
    build = ("build", "--task", "okvqa", "--source", source, "--json", "--workers", 1, "--out", tmp_path / "out")
    whole = json.loads(m3it(*build).stdout)["templates"]
    monkeypatch.setattr("m3it_build.answers.estimate.LOOKED_AT", 40)
    part = json.loads(m3it(*build).stdout)["templates"]
    assert (whole["calls"], part["calls"]) == (300, 300)
    assert part["dollars"] == pytest.approx(whole["dollars"], rel=0.05)
    dry = ("paraphrase", "--task", "okvqa", "--source", source, "--out", tmp_path / "out", "--dry-run", "--json")
    asked = json.loads(m3it(*dry).stdout)["tasks"][0]
    assert whole["dollars"] == pytest.approx(asked["dollars"], rel=0.01)


@pytest.mark.parametrize("text", ["", "What is on the plate?" * 9, "选项：一只猫", "né à Łódź \ud83d"])
def test_tokens_are_counted_by_letters_of_two_kinds(text: str) -> None:
    plain = sum(char.isascii() for char in text)
    assert estimate_tokens(text) == round(plain / 4 + (len(text) - plain) * 1.2)


def test_a_dry_run_that_finds_no_hub_says_nothing_of_what_was_sent(tmp_path: Path) -> None:
    m3it(*OKVQA, "--out", tmp_path, "--limit", 1)
    push = ("push-to-hub", tmp_path, "--repo-id", "me/it", "--private", "--dry-run")
    said = m3it_process(*push, check=None, HF_ENDPOINT="http://127.0.0.1:9", HF_TOKEN="hf_x", HF_HUB_OFFLINE="0").stderr
    assert "no answer from http://127.0.0.1:9" in said
    assert "kept there" not in said


def test_what_pillow_warns_of_is_told_with_the_row(tmp_path: Path) -> None:
    from PIL import Image

    source = write_okvqa(tmp_path / "source", pictures=1, questions=1)
    exif = Image.Exif()
    exif[0x010F] = "a maker whose name is cut off in the middle of the block"
    odd = jpeg(1, exif=exif.tobytes()[:30])
    (source / "train2014/COCO_train2014_000000000001.jpg").write_bytes(odd)
    m3it("build", "--task", "okvqa", "--source", source, "--out", tmp_path / "out")
    said = m3it("validate", tmp_path / "out")
    assert "UserWarning" not in said.stderr
    assert "okvqa/train/10: no fault, but odd: picture 0 (train2014/COCO_train2014_000000000001.jpg)" in said.stderr


def test_a_table_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    header = ("task", "split", "read", "rows", "filtered", "rejected", "left out", "shards", "done before")
    rows = [("image-paragraph-captioning", "validation", 25000, 2487, 0, 1, 22512, 2, 0)] * 2
    for columns, left_out in ((120, ()), (80, ()), (60, ("done before", "shards")), (50, header[:-4:-1])):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = table(header, rows, total=header[2:], spare=("done before", "shards", "left out")).splitlines()
        assert max(map(len, lines)) <= columns
        cut = next((place for place, line in enumerate(lines) if line.startswith("(")), len(lines))
        told = f"(no room for: {', '.join(left_out)}; --json has all)" if left_out else ""
        assert " ".join(lines[cut:]) == told
        del lines[cut:]
        assert "50,000" in lines[-1]
        assert lines[-1].startswith("total")
        words = {word for name in header if name not in left_out for word in name.split()}
        assert words <= set(" ".join(lines[:2]).split())


def test_a_table_breaks_words_of_texts_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    lines = table(("language", "validation"), [("incomprehensibilities", 1234567)]).splitlines()
    assert lines == ["language      validation", "incomprehensi  1,234,567", "bilities"]
    monkeypatch.setenv("COLUMNS", "10")
    assert table(("language", "validation"), [("x", 1)]).splitlines()[0] == "language validation"
    assert table(("", "test"), [("incomprehensibilities", 1)]).splitlines()[:2] == ["       test", "incomp    1"]


def test_every_list_has_the_order_of_the_registry(tmp_path: Path) -> None:
    order = [entry.task.name for entry in load_registry()]
    assert list(paper().tasks) == order
    names = ["winoground", "okvqa", "coco", "coco-cn"]
    chosen = [word for name in names for word in ("--task", name)]
    splits = json.loads(m3it("build", *chosen, "--sample", "--out", tmp_path, "--json").stdout)["splits"]
    wanted = [name for name in order if name in names]
    assert list(dict.fromkeys(each["task"] for each in splits)) == wanted
    assert list(dict.fromkeys(each["task"] for each in json.loads(m3it("stats", tmp_path, "--json").stdout))) == wanted
    from m3it_build.publish.built import read_contents

    assert [config.name for config in read_contents(tmp_path).configs] == wanted
    assert [row["task"] for row in json.loads(m3it("tasks", "--json").stdout)] == order


def test_help_is_short_and_in_the_order_of_the_work() -> None:
    said = m3it("-h").stdout
    order = [name for names in SECTIONS.values() for name in names]
    places = [said.index(f"\n  {name} ") for name in order]
    assert places == sorted(places)
    assert said.count("...") == 1  # of the usage line: no description is cut
    for name in order:
        page = m3it(name, "-h").stdout
        assert "<" not in page, page
        assert "Usage: m3it" in page
        if name != "models":
            assert f"Examples:\n    m3it {name}" in page or f"Examples:\n  m3it {name}" in page, page
    page = m3it("build", "--help").stdout
    for name in (
        "LIMIT",
        "PRESET",
        "FORMAT",
        "IMAGES",
        "ROWS_PER_SHARD",
        "ANSWERS",
        "WORKERS",
        "SEED",
        "OUT",
        "SOURCE",
    ):
        assert f"M3IT_{name.upper()}" in page
    assert "-V" in m3it("-h").stdout
    assert m3it("-V").stdout == m3it("--version").stdout


@pytest.mark.parametrize(
    ("command", "kinds"),
    [("translate", (TranslatorSettings, TranslateSettings)), ("gate", (TranslatorSettings, GateSettings))],
)
def test_flags_say_what_their_settings_say(command: str, kinds: tuple[type[BaseModel], ...]) -> None:
    page = " ".join(m3it(command, "-h").stdout.split())
    for kind in kinds:
        for name, field in kind.model_fields.items():
            described, said = page.split(f" --{name.replace('_', '-')} ")[1].split("[env var: ")[:2]
            assert str(field.description) in described
            assert said.startswith("M3IT_")
            if field.default is not None and field.default is not False:
                assert f"; default: {str(field.default).removesuffix('.0')}]" in said
    assert f"[default: {QUANTIZATION}]" in m3it("models", "fetch", "-h").stdout


def test_each_variable_in_the_help_of_paraphrase_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = m3it("paraphrase", "-h").stdout
    for name in ("MODEL", "BASE_URL", "CONCURRENCY", "MAX_COST"):
        assert f"M3IT_PARAPHRASE_{name}" in page
    monkeypatch.setenv("M3IT_PARAPHRASE_MODEL", "gpt-4o")
    said = m3it("paraphrase", *OKVQA[1:4], "--out", tmp_path, "--dry-run", "--json").stdout
    assert json.loads(said)["model"] == "gpt-4o"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_come_in_both_spellings(shell: str) -> None:
    for instruction in (f"{shell}_source", f"source_{shell}"):
        assert "_M3IT_COMPLETE" in m3it(_M3IT_COMPLETE=instruction).stdout


def test_completion_knows_commands_tasks_and_values() -> None:
    def complete(*words: str) -> list[str]:
        line = " ".join(("m3it", *words))
        done = m3it(_M3IT_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words)))
        return done.stdout.split()

    assert complete("push") == ["push-to-hub"]
    assert complete("build", "--task", "okv") == ["okvqa"]
    assert complete("build", "--format", "jsonl") == ["jsonl", "jsonl.zst"]


def test_ctrl_c_while_it_starts_is_no_traceback() -> None:
    script = (
        "import importlib.abc, os, signal, sys\n"
        "class Finder(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder()); sys.argv = ['m3it', 'tasks']\n"
        "from m3it_build.cli import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert (done.returncode, "Traceback" in done.stderr) == (130, False), done.stderr
    assert "run the same command again" in done.stderr

"""One mechanism for all settings: flag, then environment, then m3it.toml, then the default."""

import importlib
import json
import os
import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from m3it_build.answers.settings import ParaphraseSettings
from m3it_build.cli import config_flag
from m3it_build.cli.app import COMMANDS
from m3it_build.cli.settings import SECTIONS, Places, effective, read
from m3it_build.core.errors import SettingsError
from m3it_build.plan.settings import BuildSettings
from m3it_build.publish.settings import HubSettings
from m3it_build.translate.settings import GateSettings, TranslatorSettings
from tests.corpus import m3it, write_okvqa


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project" / "deep"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    config_flag.reset()
    return folder


def write(folder: Path, text: str) -> Path:
    path = folder / "m3it.toml"
    path.write_text(text)
    return path


def test_a_flag_wins_over_the_environment_that_over_the_file_that_over_the_default(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(BuildSettings, {}).limit is None
    write(here.parent, "[build]\nlimit = 3\nseed = 5\n")
    assert read(BuildSettings, {}).limit == 3
    monkeypatch.setenv("M3IT_LIMIT", "4")
    assert read(BuildSettings, {}).limit == 4
    assert read(BuildSettings, {"limit": "5"}) == BuildSettings(limit=5, seed=5)


def test_the_nearest_file_is_taken_and_nothing_of_those_above(here: Path) -> None:
    write(here.parent, "[build]\nlimit = 3\nseed = 5\n")
    write(here, "[build]\nlimit = 9\n")
    assert read(BuildSettings, {}) == BuildSettings(limit=9)


@pytest.mark.parametrize(
    ("kind", "text", "variable", "name"),
    [
        (Places, 'out = "a"', "M3IT_OUT", "out"),
        (Places, 'source = "a"', "M3IT_SOURCE", "source"),
        (ParaphraseSettings, '[paraphrase]\nmodel = "a"', "M3IT_PARAPHRASE_MODEL", "model"),
        (TranslatorSettings, '[translator]\nmodel = "a"', "M3IT_TRANSLATE_MODEL", "model"),
        (TranslatorSettings, '[translator]\ncompute_type = "a"', "M3IT_COMPUTE_TYPE", "compute_type"),
        (HubSettings, '[hub]\nrepo_id = "a"', "M3IT_REPO_ID", "repo_id"),
    ],
)
def test_every_section_has_a_table_and_variables(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Places | ParaphraseSettings | TranslatorSettings | HubSettings],
    text: str,
    variable: str,
    name: str,
) -> None:
    write(here, text)
    assert Path(getattr(read(kind, {}), name)).name == "a"
    monkeypatch.setenv(variable, "b")
    assert str(getattr(read(kind, {}), name)) == "b"


def test_paths_are_meant_from_where_the_file_lies(here: Path) -> None:
    write(here.parent, 'source = "downloads"\n[media]\ncoco2014 = "../coco"\n[paraphrase]\nprompts = "/abs"\n')
    assert read(Places, {}).source == here.parent / "downloads"
    assert read(BuildSettings, {}).media == {"coco2014": here.parent / "../coco"}
    assert read(ParaphraseSettings, {}).prompts == Path("/abs")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[build]\nlimt = 3", "line 2: [build] limt: there is no such setting. Did you mean limit?"),
        ("limit = 3", "line 1: limit: there is no such setting. Put it under [build]."),
        ("[biuld]\nlimit = 3", "line 1: [biuld]: there is no such table. Did you mean build?"),
        ("soruce = 3", "line 1: soruce: there is no such setting. Did you mean source?"),
        ("[build]\n\nlimit = 0", "line 3: [build] limit: must be at least 1, not 0."),
        ("beam = 3", "line 1: beam: there is no such setting. Put it under [translator]."),
        ("build = 3", "line 1: build: [build] must be a table, not 3."),
        ("[build", "not TOML"),
        ("a = " + "[" * 20_000, "not TOML"),
        ("build = [1]", "line 1: build: [build] must be a table, not [1]."),
        ('[media]\ncoco2014 = ""', "[media] (coco2014): must not be empty, not ''."),
        ("#" * 1_000_001, "is larger than 1,000,000 bytes"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(here: Path, text: str, said: str) -> None:
    path = write(here, text)
    with pytest.raises(SettingsError) as error:
        read(BuildSettings, {})
    assert str(error.value).startswith(f"{path}")
    assert said in str(error.value)


def test_a_variable_that_is_nearly_one_of_ours_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("M3IT_BEEM", "1")
    read(BuildSettings, {})  # of another section
    with pytest.raises(SettingsError, match="Did you mean M3IT_BEAM"):
        read(TranslatorSettings, {})


def test_what_init_writes_is_all_there_is_and_can_be_uncommented(here: Path) -> None:
    m3it("init", "m3it.toml", check=0)
    text = (here / "m3it.toml").read_text()
    plain = list(effective())
    assert {each.origin for each in plain if each.name not in ("media", "options", "prices")} == {"default"}
    bare = "\n".join(
        line.removeprefix("# ") if " = " in line and "`" not in line else line for line in text.splitlines()
    )
    content = tomllib.loads(bare)
    for section in SECTIONS:
        names = set(section.load().model_fields) - set(section.tables)
        held = content.get(section.table, {}) if section.table else content
        assert names <= set(held), section.table
    assert "is there already" in m3it("init", "m3it.toml", check=2).stderr


def test_settings_tells_each_value_and_where_it_comes_from(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(here.parent, 'out = "rows"\n[build]\nseed = 7\n')
    monkeypatch.setenv("M3IT_LIMIT", "4")
    told = json.loads(m3it("settings", "--json").stdout)
    found = {(each["table"], each["name"]): each for each in told["settings"]}
    assert told["file"] == str(path)
    assert found["build", "limit"] == {"table": "build", "name": "limit", "value": 4, "origin": "M3IT_LIMIT"}
    assert found["build", "seed"]["origin"] == f"{path}, line 3: [build] seed"
    assert found[None, "out"]["value"] == str(here.parent / "rows")
    assert found["build", "format"]["origin"] == "default"


def test_a_build_needs_no_flag_where_the_file_says_all(here: Path) -> None:
    write_okvqa(here.parent / "downloads")
    write(here.parent, 'source = "downloads"\nout = "rows"\ntask = ["okvqa"]\n[build]\nlimit = 2\n')
    done = m3it("build", check=0)
    assert "okvqa" in done.stdout
    assert (here.parent / "rows/data/kvqa/okvqa").is_dir()


def test_each_setting_says_what_it_does_and_flags_tell_its_variable_and_default() -> None:
    known: dict[str, list[object]] = {}
    for section in SECTIONS:
        for name, field in section.load().model_fields.items():
            assert field.description, f"{section.model} {name}"
            if (variable := section.variable(name)) is not None:
                known.setdefault(variable, []).append(field.get_default(call_default_factory=True))
    told = set()
    for module, _ in COMMANDS.values():
        command = get_command(importlib.import_module(module).app)
        for each in [command, *getattr(command, "commands", {}).values()]:
            helps = [getattr(parameter, "help", None) or "" for parameter in each.params]
            told |= {
                found for text in helps for found in re.findall(r"\[env var: (\w+)(?:; default: ([^\]]+))?\]", text)
            }
    assert len(told) > 20
    for variable, default in told:
        values = [value for value in known[variable] if value is not None and not isinstance(value, bool)]
        assert (
            not default
            or not values
            or default in {f"{value:g}" if isinstance(value, float) else str(value) for value in values}
        ), variable


def test_config_names_another_file_for_every_command(here: Path) -> None:
    other = here / "other.toml"
    other.write_text('out = "elsewhere"\n')
    done = m3it("stats", "--config", other, check=2)
    assert str(here / "elsewhere") in done.stderr
    assert f"{here / 'none.toml'}: cannot be read" in m3it("stats", "--config", here / "none.toml", check=2).stderr


def test_a_settings_file_is_a_file(here: Path) -> None:
    os.mkfifo(here / "pipe")
    for place in (here, here / "pipe", Path("/dev/zero")):
        assert f"{place}: is no file" in m3it("settings", "--config", place, check=2).stderr
    (here / "latin.toml").write_bytes(b'out = "\xe9"')
    assert "not TOML" in m3it("settings", "--config", here / "latin.toml", check=2).stderr


@pytest.mark.parametrize(("kind", "name"), [(Places, "out"), (Places, "cache"), (GateSettings, "flores")])
def test_no_path_of_a_file_is_empty(here: Path, kind: type[Places | GateSettings], name: str) -> None:
    table = "[gate]\n" if kind is GateSettings else ""
    for value, said in (("", "must not be empty"), ("a\\u0000b", "without NUL characters")):
        write(here, f'{table}{name} = "{value}"\n')
        with pytest.raises(SettingsError, match=said):
            read(kind, {})


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("M3IT_OUT", "")
    assert read(Places, {}) == Places()

"""The table of languages, and every name by which people call one."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m3it_build.core.errors import UnknownName
from m3it_build.translate.languages import find_language, languages, resolve


def test_counts_and_codes() -> None:
    assert len(languages()) == 103
    assert len(resolve("all")) == 101
    assert len(resolve("paper")) == 80
    for names in ("nllb", "code"):
        assert len({getattr(language, names) for language in languages()}) == 103
    assert {language.nllb for language in languages() if language.flores101 is None} == {"lij_Latn", "lim_Latn"}
    assert all(language.nllb.endswith(language.script) for language in languages())
    assert {language.code for language in languages() if language.spbleu is None} == {"ja", "ko", "tl"}
    assert {language.code: language.passes for language in languages() if language.passes is not None} == {
        "ja": False,
        "ko": True,
        "tl": True,
    }


def test_scores_are_those_that_were_published(shared: Path) -> None:
    with (shared / "reference/nllb_1.3b_distilled_scores.csv").open(encoding="utf-8") as stream:
        published = {row["nllb_code"]: row for row in csv.DictReader(stream)}
    for language in languages():
        row = published[language.nllb]
        assert (row["in_flores101"] == "1") == (language.flores101 is not None)
        assert (row["paper_code"] or None) == language.paper
        if row["note"].startswith("INVALID"):
            assert language.spbleu is None
        else:
            score = row["spbleu_flores101_devtest"] or row["spbleu_flores200_devtest"]
            assert language.spbleu == float(score), language


@given(st.sampled_from(languages()), st.data())
def test_a_language_is_found_by_each_of_its_names_in_any_case(language: object, data: st.DataObject) -> None:
    chosen = next(each for each in languages() if each == language)
    name = data.draw(st.sampled_from(sorted(chosen.aliases)))
    found = find_language(data.draw(st.sampled_from([name, name.upper(), name.title(), f" {name} "])))
    assert found is chosen or "zho" in name


@pytest.mark.parametrize(
    ("text", "nllb"),
    [
        ("zh", "zho_Hans"),
        ("zho", "zho_Hans"),
        ("zh-Hans", "zho_Hans"),
        ("zho_simpl", "zho_Hans"),
        ("zh-hant", "zho_Hant"),
        ("zho_trad", "zho_Hant"),
        ("sr-Cyrl", "srp_Cyrl"),
        ("ff", "fuv_Latn"),
        ("mon", "khk_Cyrl"),
        ("fas", "pes_Arab"),
    ],
)
def test_codes_of_other_lists(text: str, nllb: str) -> None:
    assert find_language(text).nllb == nllb


def test_what_the_paper_misprints_is_understood() -> None:
    assert find_language("hye_Armen").nllb == "hye_Armn"
    assert find_language("lao_Lao").nllb == "lao_Laoo"


def test_lists() -> None:
    assert [each.code for each in resolve("de, German,deu_Latn,zh,zh-Hant")] == ["de", "zh", "zh-Hant"]
    with pytest.raises(UnknownName, match="Did you mean sw"):
        resolve("de,swahilli")
    with pytest.raises(UnknownName, match="en: English is what is translated"):
        resolve("de,en")
    assert resolve(" Paper ") == resolve("paper")
    with pytest.raises(UnknownName, match=r"Did you mean zh \(.*\) or zh-Hant \("):
        resolve("Chinese")
    with pytest.raises(UnknownName, match="Use codes of ISO 639"):
        resolve("qqqq")
    with pytest.raises(UnknownName, match="names no language"):
        resolve(" , ")

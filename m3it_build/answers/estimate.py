"""How much of a build stands in template sentences, and what it would take to ask a chat model for the rest."""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from m3it_build.answers.outputs import NOT_ASKED, SENTENCE
from m3it_build.answers.settings import ParaphraseSettings
from m3it_build.answers.store import Recipe
from m3it_build.answers.stored import PromptMaker, StoredAnswers
from m3it_build.plan.rows import read_plan
from m3it_build.services.chat.budget import expected_tokens, prompt_tokens
from m3it_build.services.chat.client import Usage
from m3it_build.store.manifest import Summary, load
from m3it_build.store.output import OutputFolder


class Templates(NamedTuple):
    """Short answers of a build, and what it would take to write out those that stand in templates."""

    answers: int
    templates: int
    bare: int
    """Estimated: replies for which no template fits, and no paraphrase is there."""
    calls: int
    """Estimated: those that were not asked yet; others were asked, and a filter is against the answer."""
    dollars: float | None
    """Estimated; None if the model's price is not known."""
    model: str


LOOKED_AT = 2000
"""Rows from which calls and tokens are estimated, over all splits; planned rows stand in order of a hash."""


def count_templates(
    output: OutputFolder, written: Mapping[tuple[str, str], Mapping[str, int]], settings: ParaphraseSettings
) -> Templates:
    """Count from what manifests say, and estimate the rest from a few rows of each split; asks nobody.

    Args:
        output: The output folder.
        written: Rows with a short answer of each task and split, by how it was written out.
        settings: With which the rest would be asked.
    """
    recipe = Recipe(settings.model, settings.sampling, settings.templates)
    short = {key: counts for key, counts in written.items() if counts.get("template") or counts.get("original")}
    bare = calls = prompt = completion = 0.0
    for (task, split), counts in short.items():
        summary = load(output.summary(task, split), Summary)
        maker = PromptMaker(recipe, summary.languages[0])
        seen: set[str] = set()
        looked_at = found = prompts = completions = 0
        with StoredAnswers(output, summary) as answers:
            for planned in islice(read_plan(output.plan(task, split)), max(20, LOOKED_AT // len(short))):
                answer = answers.answer(planned.sample)
                looked_at += answer is not None
                if answer is None or answer.reason in (None, SENTENCE):
                    continue
                found += answer.status == "original"
                made = maker.prompt(planned.sample) if answer.reason == NOT_ASKED else None
                if made is not None and made.request.key not in seen:
                    seen.add(made.request.key)
                    prompts += prompt_tokens(made.request)
                    completions += expected_tokens(planned.sample.answer or "")
        scale = sum(counts.values()) / max(1, looked_at)
        bare, calls, prompt, completion = (
            bare + scale * found,
            calls + scale * len(seen),
            prompt + scale * prompts,
            completion + scale * completions,
        )
    return Templates(
        sum(sum(counts.values()) for counts in written.values()),
        sum(counts.get("template", 0) for counts in short.values()),
        round(bare),
        round(calls),
        settings.dollars(settings.model, Usage(round(prompt), round(completion))),
        settings.model,
    )

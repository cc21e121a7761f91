"""White space of a sample's texts: one blank where the source has a run of it, and the original in meta."""

from collections.abc import Mapping
from dataclasses import replace

from m3it_build.core.sample import Json, Sample
from m3it_build.core.text import tidy


def tidy_texts(sample: Sample) -> Sample:
    """Inputs, outputs and answer with single blanks; options are tidied where they are lettered."""
    given = {"inputs": sample.inputs, "outputs": sample.outputs, "answer": sample.answer}
    texts = {name: text for name, text in given.items() if text is not None}
    clean = {name: tidy(text) for name, text in texts.items()}
    if clean == texts:
        return sample
    changed = {name: text for name, text in texts.items() if clean[name] != text.strip()}
    meta = with_original(sample.meta, changed)
    return replace(sample, inputs=clean["inputs"], outputs=clean["outputs"], answer=clean.get("answer"), meta=meta)


def with_original(meta: Mapping[str, Json], changed: Mapping[str, Json]) -> Mapping[str, Json]:
    """A sample's meta with what its texts were before their white space changed; bare ends do not count."""
    return {**meta, "original": {**meta.get("original", {}), **changed}} if changed else meta

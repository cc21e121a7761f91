"""One text of several for the same picture: a caption of five, a question of twenty."""

from dataclasses import replace

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Sample


def choose_variant(sample: Sample, draw: Draw) -> Sample:
    """Keep one of the sample's variants, decided by hash; how many there were stays in meta.

    Samples of one unit with equally many variants draw the same place: so the two halves of a pair can be given
    opposite answers without either of them fixed in the task.
    """
    if not sample.variants:
        return sample
    place = draw.index("variant", sample.unit or sample.key, len(sample.variants))
    chosen = sample.variants[place]
    return replace(
        sample,
        inputs=chosen.inputs or sample.inputs,
        outputs=chosen.outputs,
        answer=chosen.answer,
        variants=(),
        meta={**sample.meta, **chosen.meta, "variant": {"index": place, "of": len(sample.variants)}},
    )

"""One shard: planned rows in, a data file, its rejects and its manifest out. The same bytes from any process."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from m3it_build.answers.stored import AnswersDigest, StoredAnswers
from m3it_build.core.choice import Draw
from m3it_build.core.errors import OutputError, SourceError
from m3it_build.core.instructions import RowFacts, fitting
from m3it_build.core.limits import CLIP_BYTES
from m3it_build.core.sample import Clip, Fault, Picture, Reason, Region, Reject, Sample
from m3it_build.core.schema import ROWS, SCHEMA
from m3it_build.engine.job import Moved, counted
from m3it_build.media.images import Image, encode, encode_frame
from m3it_build.plan.rows import PlannedRow, read_shard, read_spares
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder
from m3it_build.sources.pictures import Found, fetched, first_good, located
from m3it_build.stages.row_facts import row_facts
from m3it_build.store.commit import commit_shard
from m3it_build.store.manifest import Manifest, Replaces, Summary, load
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import patiently
from m3it_build.store.record import FIRST, Record, StoredImage

CACHED_BYTES = 32 << 20
"""Pictures kept while their rows are written; rows of one picture follow each other."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The pictures of a row as they are stored, and what meta says of frames."""

    images: tuple[StoredImage, ...]
    frames: tuple[dict[str, Any], ...] = ()
    left_out: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShardJob:
    """Everything a worker needs for one shard."""

    out: Path
    roots: tuple[Path, ...]
    """Where the task's media are."""
    summary: Path
    index: int
    first: int = 0
    """For a shard of replacements: the first spare to try."""
    wanted: int | None = None
    """And how many rows; None for a shard of the plan."""

    def run(self, moved: Moved) -> Manifest:
        """Write the shard and commit it; tell of its records on the way."""
        summary = load(self.summary, Summary)
        if summary.rows != ROWS:
            raise OutputError(
                f"{self.summary}: planned by m3it {summary.version}, whose rows differ. Run the build again."
            )
        output = OutputFolder(self.out)
        with StoredAnswers(output, summary) as answers:
            return ShardBuilder(output, summary, Folder(summary.task, self.roots), self, answers, moved).build()


class ShardBuilder:
    """Builds one shard of a planned split."""

    def __init__(
        self,
        output: OutputFolder,
        summary: Summary,
        folder: Folder,
        job: ShardJob,
        answers: StoredAnswers,
        moved: Moved,
    ) -> None:
        self.output = output
        self.summary = summary
        self.folder = folder
        self.job = job
        self.rejects: list[Reject] = []
        self.tried = 0
        """Spares so far."""
        self.answers = answers
        self.moved = moved
        self.digest = AnswersDigest()
        self.draw = Draw(int(summary.settings["seed"]), summary.task)
        self.needs = {need for each in summary.instructions for need in each.needs}
        self.fitting: dict[RowFacts, tuple[int, ...]] = {}
        self.cache: OrderedDict[object, Shown | Fault] = OrderedDict()
        self.cached_bytes = 0

    def build(self) -> Manifest:
        """Write it and commit it."""
        return commit_shard(
            self.output,
            self.summary,
            self.job.index,
            self.records(),
            self.rejects,
            self.digest.hexdigest,
            self.replaces,
        )

    def records(self) -> Iterator[Record]:
        """The shard's rows; what becomes none is noted as a reject."""
        first = True
        for planned in self.drawn():
            record = self.record(planned, FIRST if first else {})
            if isinstance(record, Reject):
                self.rejects.append(record)
            else:
                first = False
                yield record

    def drawn(self) -> Iterator[PlannedRow]:
        """The shard's planned rows; or spares, until there are as many rows as wanted."""
        summary = self.summary
        plan = self.output.plan(summary.task, summary.split)
        if self.job.wanted is None:
            yield from counted(read_shard(plan, self.job.index), f"{summary.task}/{summary.split}", self.moved)
            return
        for spare in read_spares(plan, self.job.first):
            if self.tried - len(self.rejects) == self.job.wanted:
                return
            self.tried += 1
            yield spare

    def replaces(self) -> Replaces | None:
        """What a shard of replacements was made of."""
        job = self.job
        return None if job.wanted is None else Replaces(first=job.first, wanted=job.wanted, tried=self.tried)

    def record(self, planned: PlannedRow, mark: dict[str, Any]) -> Record | Reject:
        """One row with its pictures read, drawn on and checked."""
        sample, summary = planned.sample, self.summary
        answer = self.answers.answer(sample)
        self.digest.add(sample, answer)
        shown = self.show(sample)
        if isinstance(shown, Fault):
            return Reject(sample.key, "media", shown.reason, shown.detail)
        meta: dict[str, Any] = {
            "schema": SCHEMA,
            "id": f"{summary.task}/{summary.split}/{sample.key}",
            "task": summary.task,
            "split": summary.split,
            "source": {"file": planned.origin.file, "record": planned.origin.record},
            "license": summary.license,
            "images": [image.facts for image in shown.images],
            **_with_ids_as_text(sample.meta),
        }
        outputs = sample.outputs
        if answer is not None:
            outputs = answer.text
            meta |= {"answer": sample.answer, "paraphrase": answer.facts}
        if sample.traits:
            meta["traits"] = list(sample.traits)
        if sample.regions:
            meta["regions"] = [
                {"label": region.label, "colour": region.colour, "xyxy": _rounded(region.box), "image": region.image}
                for region in sample.regions
            ]
        if shown.frames:
            meta["frames"] = list(shown.frames)
        if shown.left_out:
            meta["images_left_out"] = list(shown.left_out)
        meta["instruction_index"] = place = self.instruction(sample.key, row_facts(outputs, meta, self.needs))
        instruction = summary.instructions[place].text
        return Record(instruction, sample.inputs, shown.images, outputs, meta | mark)

    def instruction(self, key: str, facts: RowFacts) -> int:
        """The place in the pool of a row's instruction, drawn among those that fit it."""
        places = self.fitting.get(facts)
        if places is None:
            places = self.fitting[facts] = fitting(self.summary.instructions, facts)
        return places[self.draw.index("instruction", key, len(places))]

    def show(self, sample: Sample) -> Shown | Fault:
        """All pictures of a row, in order; a missing or broken one rejects the row, unless it is optional."""
        images: list[StoredImage] = []
        frames: list[dict[str, Any]] = []
        faults: list[Fault] = []
        for place, media in enumerate(sample.images):
            regions = tuple(region for region in sample.regions if region.image == place)
            shown = self.cached(media, regions)
            if isinstance(shown, Fault):
                if not (isinstance(media, Picture) and media.optional):
                    return shown
                faults.append(shown)
                continue
            images += shown.images
            frames += shown.frames
        if faults and not images:
            return faults[0]
        if not frames and is_one_picture(images):
            return Fault(Reason.ONE_PICTURE, f"{images[0].name} is the same picture as {images[-1].name}")
        left_out = ({"reason": fault.reason.value, "detail": fault.detail} for fault in faults)
        return Shown(tuple(images), tuple(frames), tuple(left_out))

    def cached(self, media: Picture | Clip, regions: tuple[Region, ...]) -> Shown | Fault:
        """A picture or clip as it is stored; read and encoded once while its rows pass by."""
        key = (media, tuple((region.box, region.colour) for region in regions))
        if key in self.cache:
            return self.cache[key]
        shown = self.read_clip(media) if isinstance(media, Clip) else self.read_picture(media, regions)
        self.cache[key] = shown
        if isinstance(shown, Shown):
            self.cached_bytes += sum(len(image.data) for image in shown.images)
        while self.cached_bytes > CACHED_BYTES and len(self.cache) > 1:
            _, old = self.cache.popitem(last=False)
            self.cached_bytes -= sum(len(image.data) for image in old.images) if isinstance(old, Shown) else 0
        return shown

    def read_picture(self, picture: Picture, regions: tuple[Region, ...]) -> Shown | Fault:
        """Fetch, check and draw; a candidate that is no picture gives way to the next."""
        return first_good(self.drawn_on(found, picture, regions) for found in fetched(self.folder, picture))

    def drawn_on(self, found: Found | Fault, picture: Picture, regions: tuple[Region, ...]) -> Shown | Fault:
        """A picture's bytes as they are stored."""
        if isinstance(found, Fault):
            return found
        image = patiently(found.name, lambda: encode(found.data, regions, size=picture.size))
        if isinstance(image, Fault):
            return Fault(image.reason, f"{found.name}: {image.detail}")
        source = "" if image.data == found.data else _hash(found.data)
        return Shown((_stored(image, found.name, picture.origin, source),))

    def read_clip(self, clip: Clip) -> Shown | Fault:
        """Sample a clip's frames; a candidate that is no clip gives way to the next."""
        return first_good(frames_of(file, clip) for file in located(self.folder, clip))


def frames_of(file: File | Fault, clip: Clip) -> Shown | Fault:
    """A clip's frames as they are stored."""
    from m3it_build.media.video import sample_frames

    if isinstance(file, Fault):
        return file
    try:
        with file.seekable(CLIP_BYTES) as stream:
            frames = patiently(file.where(), lambda: sample_frames(stream, clip))
    except SourceError as error:
        return Fault(Reason.BAD_VIDEO, file.told(error))
    if isinstance(frames, Fault):
        return Fault(frames.reason, f"{file.name}: {frames.detail}")
    return Shown(
        tuple(_stored(encode_frame(frame.picture), f"{file.name}#{frame.index}", clip.origin) for frame in frames),
        tuple({"index": frame.index, "seconds": round(frame.seconds, 3)} for frame in frames),
    )


def is_one_picture(images: Sequence[StoredImage]) -> bool:
    """Whether pictures of several names are all the same bytes, as where a server sends one for all that are gone."""
    return len({image.name for image in images}) > 1 and len({image.of_source for image in images}) == 1


def _with_ids_as_text(meta: Mapping[str, Any]) -> dict[str, Any]:
    """A task's own meta; ids are numbers in one source and text in another, and are to be compared over tasks."""
    return {
        name: str(value) if name.endswith("_id") and isinstance(value, int)
        else [str(each) for each in value] if name.endswith("_ids") and isinstance(value, list)
        else value
        for name, value in meta.items()
    }  # fmt: skip


def _rounded(box: tuple[float, ...]) -> list[float]:
    """Corners in pixels to three places: sums of a source's two are not exact."""
    return [round(value, 3) for value in box]


def _stored(image: Image, name: str, origin: str, source_sha256: str = "") -> StoredImage:
    return StoredImage(
        image.data, name, _hash(image.data), image.width, image.height, image.format, origin, source_sha256
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

"""Two JSON lists that belong together by an id, never by position."""

from typing import Any

from m3it_build.core.sample import Origin, Reason, Reject, Row, Rows
from m3it_build.sources.json_files import Records
from m3it_build.sources.rows import record_id, without_id


def join_rows(questions: Records, annotations: Records, key: str, **more: Any) -> Rows:
    """One row for each question, with fields `question`, `annotation` and `more`; what has no partner is rejected."""
    places: dict[str, int] = {}
    twice: list[tuple[str, int]] = []
    for place, picked in enumerate(annotations.pick(key)):
        name = record_id(picked.get(key))
        if name is None:
            yield without_id(annotations.file, place, key)
        elif name in places:
            twice.append((name, place))
        else:
            places[name] = place
    asked = set()
    for place, question in enumerate(questions):
        name = record_id(question.get(key)) if isinstance(question, dict) else None
        if name is None:
            yield without_id(questions.file, place, key)
            continue
        asked.add(name)
        if name not in places:
            yield Reject(name, "source", Reason.NO_ANNOTATION, f"not in {annotations.file.name}")
            continue
        fields = {"question": question, "annotation": annotations[places[name]], **more}
        yield Row(name, fields, Origin(questions.file.name, name))
    for name in places:
        if name not in asked:
            yield Reject(name, "source", Reason.NO_QUESTION, f"not in {questions.file.name}")
    for name, place in twice:
        yield Reject(
            f"{name}#{place}", "source", Reason.DUPLICATE_ID, f"{annotations.file.name}: {key} {name} stands twice"
        )

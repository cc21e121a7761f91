"""Each promise names tests that are there."""

import re

from tests.corpus import ROOT

PAGE = ROOT / "docs/promises.md"


def test_every_promise_names_tests_that_exist() -> None:
    for promise in PAGE.read_text("utf-8").split("\n## ")[1:-1]:
        title = promise.splitlines()[0]
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        assert named, f"{title}: no test holds it"
        for module, test in named:
            assert f"def {test}(" in (ROOT / module).read_text("utf-8"), f"{title}: {module} has no {test}"
        for part in ("- **Holds against**", "- **Does not hold against**"):
            assert part in promise, f"{title}: {part} is not said"

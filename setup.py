"""Which folders are which package, and a build folder of its own for each build; all else is in pyproject.toml.

Setuptools builds in `build/` and never empties it, so a module that was deleted since the last build in this checkout
would go into the wheel again, and be a task again.
"""

import tempfile

from setuptools import find_packages, setup

ELSEWHERE = {f"m3it_build.{folder}": folder for folder in ("configs", "instructions", "tasks")}

with tempfile.TemporaryDirectory() as scratch:
    setup(
        packages=[*find_packages(include=["m3it_build", "m3it_build.*"]), *ELSEWHERE],
        package_dir=ELSEWHERE,
        options={"build": {"build_base": scratch}},
    )

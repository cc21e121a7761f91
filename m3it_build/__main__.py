"""Run as `python -m m3it_build`."""

from m3it_build.cli import main

main()

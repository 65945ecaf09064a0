"""`python -P -m kizuki` is the console script `kizuki`."""

from kizuki.cli import main

main()

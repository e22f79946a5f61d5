"""`python -m apbot`."""

from apbot.cli import main

main()

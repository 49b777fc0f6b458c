#!/usr/bin/env python
"""The command line of Zanjar. `manage.py help` lists what it can do."""

import sys

from config.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))

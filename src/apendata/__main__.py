"""`python -m apendata`."""

import sys

from apendata.cli import main

sys.exit(main())

"""``python -m huikuan.cli``, for where the `huikuan` script is not on the path."""

import sys

from huikuan.cli.entry import main

sys.exit(main())

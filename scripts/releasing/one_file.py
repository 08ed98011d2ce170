"""The host tool in one file, of the packages that are found first: run with PYTHONPATH=TREE/src, in its own process.

`python -P one_file.py FOLDER` writes FOLDER/codered-host.pyz, as headquarters does before it reaches a host.
"""

import sys
from pathlib import Path

from codered.model.errors import CodeRedError
from codered_hq.shipping.host_file import build_host_file

if __name__ == "__main__":
    try:
        build_host_file(Path(sys.argv[1]))
    except CodeRedError as error:
        sys.exit(str(error))

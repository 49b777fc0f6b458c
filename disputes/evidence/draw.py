"""Draws a file (on stdin, its format as the argument) as a PNG on stdout. Runs alone, with bounds; knows no Django."""

import resource
import sys
import tempfile
from pathlib import Path

import typst

MEMORY, SECONDS, FILE = 2 << 30, 15, 64 << 20
SIDE, DENSITY = "480pt", 144.0
PAGE = """
#set page(width: auto, height: auto, margin: 0pt, fill: white)
#let file = image(read("/file", encoding: none), format: "FORMAT")
#context {
  let size = measure(file)
  let scale = calc.min(1, SIDE / size.width, SIDE / size.height)
  let width = calc.max(size.width * scale, 1pt)
  let height = calc.max(size.height * scale, 1pt)
  image(read("/file", encoding: none), format: "FORMAT", width: width, height: height)
}
"""


def main() -> None:
    """One picture."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, FILE),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    page = PAGE.replace("FORMAT", sys.argv[1]).replace("SIDE", SIDE)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file").write_bytes(sys.stdin.buffer.read())
        (Path(folder) / "page.typ").write_text(page)
        made = typst.compile(Path(folder) / "page.typ", root=Path(folder), format="png", ppi=DENSITY)
    sys.stdout.buffer.write(made if isinstance(made, bytes) else made[0])


if __name__ == "__main__":
    main()

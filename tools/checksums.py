"""Checksums of the data that lies in the repository, in the form that `sha256sum --check` reads.

The list lies beside the shop, not in it: the shop's folder opens as a data set, and holds nothing else. The mini
weights are in the list too.

    python tools/checksums.py data             compare the files with data/SHA256SUMS
    python tools/checksums.py --write data     write data/SHA256SUMS anew
"""

import argparse
import hashlib
import sys
from pathlib import Path

LIST = "SHA256SUMS"
LISTED = ("cornershop", "weights")


def checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of the shop and the weights below `folder`, by name, in the order of the names."""
    below = [path for name in LISTED for path in (folder / name).rglob("*")]
    files = sorted(path for path in below if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def write(folder: Path) -> None:
    """Write the list into the folder."""
    lines = [f"{digest}  {name}\n" for name, digest in checksums(folder).items()]
    (folder / LIST).write_text("".join(lines), encoding="utf-8", newline="\n")
    print(f"{folder / LIST}: {len(lines)} files")


def differences(folder: Path) -> list[str]:
    """A sentence for every file that is missing, changed or not in the list."""
    lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = checksums(folder)
    sentences = [f"{name} is missing" for name in listed.keys() - found.keys()]
    sentences += [f"{name} is not in {LIST}" for name in found.keys() - listed.keys()]
    sentences += [f"{name} has changed" for name in listed.keys() & found.keys() if listed[name] != found[name]]
    return sorted(sentences)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="write the list instead of comparing")
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.folder)
    else:
        sys.exit("\n".join(differences(arguments.folder)) or 0)

"""Which packages are installed, and whether torch, torchvision and torchaudio belong together. Loads none of them."""

import platform
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

#: Release lines of torch, torchvision and torchaudio that were built for each other, one row per release we have tried.
TORCH_TRIOS = (("2.11", "0.26", "2.11"),)
TRIO = ("torch", "torchvision", "torchaudio")
#: The build that a wheel without a tag (2.11.0 rather than 2.11.0+cpu) is; elsewhere it is not known and not compared.
UNTAGGED_BUILDS = {("linux", "x86_64"): "cu130", ("win32", "AMD64"): "cpu"}
#: The version of an installed package. Reading it takes milliseconds, so it is remembered; that one is missing is not.
installed_version = cache(version)


def check_torch_trio(installed: Mapping[str, str] | None = None) -> dict[str, str]:
    """Check, before any of them is imported, that torch, torchvision and torchaudio belong together.

    Versions that were not built for each other fail at import with `operator torchvision::nms does not exist` or a
    missing CUDA library, and nothing in that text points at the cause. This check reads the installed versions only.

    Args:
        installed: the version of each of the three; None looks them up.

    Returns:
        The three versions by package name.

    Raises:
        ImportError: one is missing, or they do not belong together; says which and how to mend it.
    """
    found = {name: installed_version(name) for name in TRIO if _has(name)} if installed is None else dict(installed)
    named = ", ".join(f"{name} {found.get(name, 'missing')}" for name in TRIO)
    pins = " ".join(f"{name}=={line}.*" for name, line in zip(TRIO, TORCH_TRIOS[0], strict=True))
    mend = f"Install the three together: `make lab` does, or `pip install {pins}`."
    if len(found) < len(TRIO):
        raise ImportError(f"Found {named}. {mend}")
    lines = tuple(".".join(re.findall(r"\d+", found[name])[:2]) for name in TRIO)
    if lines not in TORCH_TRIOS:
        fitting = "; ".join(" / ".join(trio) for trio in TORCH_TRIOS)
        raise ImportError(f"{named} were not built for each other; these lines were: {fitting}. {mend}")
    builds = sorted({_build(found[name]) for name in TRIO} - {""})
    if len(builds) > 1:
        raise ImportError(f"{named} are different builds ({', '.join(builds)}); all three must be the same. {mend}")
    return found


def _has(package: str) -> bool:
    try:
        installed_version(package)
    except PackageNotFoundError:
        return False
    return True


def _build(package_version: str) -> str:
    """The build a version was made for, as in 2.11.0+cu130; "" when it does not say and the system does not tell."""
    _, _, tag = package_version.partition("+")
    return tag or UNTAGGED_BUILDS.get((sys.platform, platform.machine()), "")

"""What this machine has: versions that fit together, a device to compute on, a font for Chinese."""

import platform
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# Fonts with Chinese characters on Linux, macOS and Windows; those drawn for simplified Chinese first.
CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Heiti SC",
    "STHeiti",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK JP",
    "Arial Unicode MS",
)

#: Release lines of torch, torchvision and torchaudio that were built for each other, one row per release we have tried.
TORCH_TRIOS = (("2.11", "0.26", "2.11"),)
TRIO = ("torch", "torchvision", "torchaudio")
#: The build that a wheel without a tag (2.11.0 rather than 2.11.0+cpu) is; elsewhere it is not known and not compared.
UNTAGGED_BUILDS = {("linux", "x86_64"): "cu130", ("win32", "AMD64"): "cpu"}
#: The version of an installed package. Reading it takes milliseconds, so it is remembered; that one is missing is not.
installed_version = cache(version)
DEVICES = ("cuda", "mps", "cpu")
#: Packages that `versions` lists, with what each is for.
PACKAGES = {
    "torch": "tensors and training",
    "torchvision": "picture encoders",
    "torchaudio": "sound features",
    "transformers": "text encoders",
    "gensim": "Word2Vec",
    "numpy": "arrays",
    "pandas": "tables",
    "scikit-learn": "simple models",
    "matplotlib": "figures",
    "jupyterlab": "the lessons",
}


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


def pick_device(name: str | None = None) -> "torch.device":
    """The device to compute on: the one named, else a CUDA GPU, else Apple's GPU, else the CPU.

    Args:
        name: "cuda", "mps" or "cpu"; None picks the fastest that is there.

    Raises:
        ValueError: the name is not one of the three, or this machine has no such device.
    """
    check_torch_trio()
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name is None:
        name = next(device for device in DEVICES if there[device])
    if not there.get(name, False):
        raise ValueError(
            f"Device {name!r} was asked for; this machine has: {', '.join(d for d in DEVICES if there[d])}."
        )
    return torch.device(name)


def versions() -> dict[str, str]:
    """Versions, device, free memory and the font for Chinese of this machine, by name, as short texts."""
    import psutil

    table = {
        "mmr-toolkit": installed_version("mmr-toolkit"),
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    table |= {name: version(name) if _has(name) else "missing" for name in PACKAGES}
    table["device"] = _describe(pick_device())
    table["free memory"] = f"{psutil.virtual_memory().available / 2**30:.1f} GiB"
    table["font for Chinese"] = cjk_font() or "none found: figures leave Chinese out; install Noto Sans CJK to see it"
    return table


def _describe(device: "torch.device") -> str:
    """The device's name with, for a GPU, its memory; for the CPU, the threads torch uses."""
    import torch

    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"cuda ({properties.name}, {properties.total_memory / 2**30:.0f} GiB)"
    return f"{device.type} ({torch.get_num_threads()} threads)"


def show_versions() -> None:
    """Print `versions()` as a table: put it into every question about an installation."""
    for name, value in versions().items():
        role = f"  ({PACKAGES[name]})" if name in PACKAGES else ""
        print(f"{name:16} {value}{role}")


@cache
def cjk_font() -> str | None:
    """The family name of an installed font with Chinese characters that matplotlib can use, or None.

    Looked up once: after installing a font, start Python anew.
    """
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    installed = {font.name: font.fname for font in font_manager.fontManager.ttflist}
    for name in CJK_FONTS:
        if name in installed:
            return name
    for name, path in sorted(installed.items()):
        if FT2Font(path).get_char_index(ord("红")):
            return name
    return None

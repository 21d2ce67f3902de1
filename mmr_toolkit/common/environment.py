"""What this machine has: versions that fit together, a device to compute on, a font for Chinese."""

import platform
from functools import cache
from importlib.metadata import version

import psutil
import torch
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from mmr_toolkit.common.installed import _has, check_torch_trio, installed_version

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


def pick_device(name: str | None = None) -> torch.device:
    """The device to compute on: the one named, else a CUDA GPU, else Apple's GPU, else the CPU.

    Args:
        name: "cuda", "mps" or "cpu"; None picks the fastest that is there.

    Raises:
        ValueError: the name is not one of the three, or this machine has no such device.
    """
    check_torch_trio()
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


def _describe(device: torch.device) -> str:
    """The device's name with, for a GPU, its memory; for the CPU, the threads torch uses."""
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
    installed = {font.name: font.fname for font in font_manager.fontManager.ttflist}
    for name in CJK_FONTS:
        if name in installed:
            return name
    for name, path in sorted(installed.items()):
        if FT2Font(path).get_char_index(ord("红")):
            return name
    return None

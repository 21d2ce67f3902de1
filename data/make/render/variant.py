"""Which of Mitsuba's back ends renders the pictures: the one place where this is decided.

`scalar_rgb` needs nothing but the wheel. `llvm_ad_rgb` is about twice as fast, and needs LLVM 16 or newer. Dr.Jit would
pick a library by itself, and some versions abort the whole process on some processors, which Python cannot catch. So
LLVM is used only where DRJIT_LIBLLVM_PATH names the library, and only after a trial in a process of its own.
"""

import functools
import os
import subprocess
import sys
from types import ModuleType

VARIANT_VARIABLE = "MMR_MITSUBA_VARIANT"
_TRIAL = "import mitsuba as mi; mi.set_variant('llvm_ad_rgb'); mi.render(mi.load_dict(mi.cornell_box()), spp=1).numpy()"


def llvm_works() -> bool:
    """Whether the LLVM library that DRJIT_LIBLLVM_PATH names renders a small scene."""
    if not os.environ.get("DRJIT_LIBLLVM_PATH"):
        return False
    return subprocess.run([sys.executable, "-c", _TRIAL], capture_output=True, check=False).returncode == 0


def choose_variant() -> str:
    """The variant in MMR_MITSUBA_VARIANT, or else the fastest that works, kept there for child processes."""
    if VARIANT_VARIABLE not in os.environ:
        os.environ[VARIANT_VARIABLE] = "llvm_ad_rgb" if llvm_works() else "scalar_rgb"
    return os.environ[VARIANT_VARIABLE]


@functools.cache
def load_mitsuba() -> ModuleType:
    """Mitsuba with its variant set, on one thread: the pictures run side by side in processes instead."""
    import drjit
    import mitsuba

    mitsuba.set_variant(choose_variant())
    drjit.set_thread_count(1)
    return mitsuba

"""The sounds of the built-in shop: 16 classes, made with numpy and scipy from the physics of what is heard.

    record("tap_glass", np.random.default_rng(0))      one second at 16 kHz

filters.py holds the building blocks; impacts.py, liquids.py, bites.py and cloth.py make clean sounds; room.py
records them.

References: Minnaert 1933, On musical air-bubbles and the sounds of running water. Vickers & Bourne 1976, A
psychoacoustical theory of crispness. Moorer 1979, About this reverberation business. Wildes & Richards 1988,
Recovering material properties from sound. Cook 1997, Physically informed sonic modeling. van den Doel & Pai
1998, The sounds of physical shapes. Fletcher & Rossing 1998, The physics of musical instruments. Klatzky, Pai &
Krotkov 2000, Perception of material from contact sounds. Cabe & Pittenger 2000, Human sensitivity to acoustic
information from vessel filling. Akay 2002, Acoustics of friction. Cook 2002, Modeling Bill's gait. van den Doel
2005, Physically based models for liquid sounds. An, James & Marschner 2012, Motion-driven concatenative
synthesis of cloth sounds.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .bites import crunch, squish
from .cloth import pull_zip, stroking
from .filters import CLIP_SAMPLES, RATE, Signal, to_peak
from .impacts import leather_steps, rubber_steps, tapping
from .liquids import pour_sparkling, pour_still
from .room import capture

#: Every sound class: a function that makes one clean second of it, float64 (16000,).
SOUNDS: dict[str, Callable[[np.random.Generator], Signal]] = {
    "tap_glass": tapping("glass"),
    "tap_metal": tapping("metal"),
    "tap_ceramic": tapping("ceramic"),
    "tap_plastic": tapping("plastic"),
    "tap_wood": tapping("wood"),
    "tap_cardboard": tapping("cardboard"),
    "pour_still": pour_still,
    "pour_sparkling": pour_sparkling,
    "crunch": crunch,
    "squish": squish,
    "cloth_silk": stroking("silk"),
    "cloth_denim": stroking("denim"),
    "cloth_wool": stroking("wool"),
    "zip": pull_zip,
    "foot_leather": leather_steps,
    "foot_rubber": rubber_steps,
}


def record(sound: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """One recording of a sound class: gesture, room, microphone and background noise are drawn anew.

    Args:
        sound: a key of SOUNDS.
        rng: the only source of chance; the same state gives the same recording.

    Returns:
        float32 (16000,): one second at 16 kHz, mono, peak below 1.

    Raises:
        ValueError: for an unknown sound class.
    """
    if sound not in SOUNDS:
        raise ValueError(f"unknown sound class {sound!r}; expected one of {', '.join(SOUNDS)}")
    return capture(to_peak(SOUNDS[sound](rng)), rng).astype(np.float32)


__all__ = ["CLIP_SAMPLES", "RATE", "SOUNDS", "record"]

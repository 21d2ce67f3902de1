"""The clothing department: who builds which type, and how it is photographed."""

from collections.abc import Callable

import numpy as np

from render.bottoms import shorts, socks, trousers
from render.geometry import Mesh
from render.headwear import beanie, scarf
from render.look import Look
from render.shoe import shoe
from render.studio import Staging
from render.tops import dress, jacket, tshirt

Builder = Callable[[Look, np.random.Generator], list[Mesh]]

FLAT_LAY = Staging("flat_lay")
CLOTHING: dict[str, tuple[Builder, Staging]] = {
    "tshirt": (tshirt, FLAT_LAY),
    "dress": (dress, FLAT_LAY),
    "trousers": (trousers, FLAT_LAY),
    "socks": (socks, FLAT_LAY),
    "scarf": (scarf, FLAT_LAY),
    "shoe": (shoe, Staging(elevation=(18, 34), azimuth=16)),
    "jacket": (jacket, FLAT_LAY),
    "shorts": (shorts, FLAT_LAY),
    "beanie": (beanie, Staging()),
}

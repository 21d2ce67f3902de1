"""Colours and surfaces. Each surface takes a colour name, hex code, sRGB triple, texture (h, w, 3) or VERTEX_COLOUR."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from render.geometry import Array, Material
from render.variant import load_mitsuba

PALETTE = {
    # the colours of the products, chosen to be told apart on a thumbnail
    "red": "#c4201f",
    "yellow": "#f2c91f",
    "green": "#2f8f43",
    "blue": "#2456b4",
    "purple": "#6f369c",
    "pink": "#ef86b4",
    "black": "#222226",
    "white": "#efeeea",
    "orange": "#f07a14",
    "brown": "#6b3f22",
    # the colours of everything else
    "cream": "#f3e6c8",
    "navy": "#22305e",
    "grey": "#9a9da1",
    "teal": "#2a8f8f",
}
#: The colour that a mesh carries at its vertices.
VERTEX_COLOUR: Material = {"type": "mesh_attribute", "name": "vertex_color"}

Colour = ArrayLike | str | Material


def rgb(colour: ArrayLike | str) -> Array:
    """A colour name, "#rrggbb" or triple as sRGB (3,) in 0..1."""
    if not isinstance(colour, str):
        return np.asarray(colour, float)
    code = PALETTE.get(colour, colour)
    if not (code.startswith("#") and len(code) == 7):
        raise ValueError(f"unknown colour {colour!r}: expected '#rrggbb' or one of {', '.join(PALETTE)}")
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def linear(srgb: ArrayLike) -> Array:
    """sRGB values in 0..1 as linear light (IEC 61966-2-1)."""
    srgb = np.asarray(srgb, float)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def shade(colour: ArrayLike | str, factor: float) -> Array:
    """The colour made darker (factor below 1) or lighter: sRGB (3,)."""
    return np.clip(rgb(colour) * factor, 0, 1)


def reflectance(colour: Colour) -> Material:
    """The Mitsuba texture of a colour, image or VERTEX_COLOUR."""
    if isinstance(colour, dict):
        return colour
    if isinstance(colour, np.ndarray) and colour.ndim == 3:
        pixels = np.ascontiguousarray(linear(np.clip(colour, 0, 1)), dtype=np.float32)
        return {"type": "bitmap", "bitmap": load_mitsuba().Bitmap(pixels), "raw": True, "wrap_mode": "clamp"}
    return {"type": "rgb", "value": linear(rgb(colour)).tolist()}


def principled(colour: Colour, **parameters: Any) -> Material:
    """The principled surface of Burley (2012) with its parameters by name."""
    return {"type": "principled", "base_color": reflectance(colour), **parameters}


def glossy(colour: Colour, roughness: float = 0.08) -> Material:
    """Glazed ceramic, coated paper, wet sauce."""
    return {
        "type": "roughplastic",
        "distribution": "ggx",
        "diffuse_reflectance": reflectance(colour),
        "alpha": roughness,
        "nonlinear": True,
    }


def plastic(colour: Colour) -> Material:
    """A smooth clear coat over colour: opaque drinks and jams behind glass."""
    return {"type": "plastic", "diffuse_reflectance": reflectance(colour), "int_ior": 1.5, "nonlinear": True}


def matte(colour: Colour) -> Material:
    """Paper, chalk, wall."""
    return {"type": "diffuse", "reflectance": reflectance(colour)}


def metal(roughness: float = 0.15, kind: str = "Al") -> Material:
    """Bare metal: Al, Cu, Au..."""
    return {"type": "roughconductor", "material": kind, "alpha": roughness, "distribution": "ggx"}


def painted_metal(colour: Colour, roughness: float = 0.3, metallic: float = 0.55) -> Material:
    """Lacquered metal or metallised foil."""
    return principled(colour, metallic=metallic, roughness=roughness, specular=0.6)


def glass(tint: ArrayLike = (1.0, 1.0, 1.0), refraction: float = 1.5) -> Material:
    """A solid clear body; the linear tint counts each time that light enters or leaves, so choose it light."""
    value = np.broadcast_to(np.asarray(tint, float), (3,)).tolist()
    return {
        "type": "dielectric",
        "int_ior": refraction,
        "ext_ior": 1.0,
        "specular_transmittance": {"type": "rgb", "value": value},
    }


def clear_liquid(colour: ArrayLike | str) -> Material:
    """A clear drink of a colour (name, hex or sRGB triple)."""
    return glass(linear(rgb(colour)), refraction=1.33)


def thin_glass(tint: ArrayLike = (0.97, 0.985, 0.98)) -> Material:
    """The wall of a bottle as one surface without thickness; linear tint."""
    value = np.broadcast_to(np.asarray(tint, float), (3,)).tolist()
    return {"type": "thindielectric", "int_ior": 1.5, "specular_transmittance": {"type": "rgb", "value": value}}


def fabric(colour: Colour, roughness: float = 0.85, sheen: float = 0.6, specular: float = 0.2) -> Material:
    """Cloth with a soft sheen along its edges."""
    return principled(colour, roughness=roughness, specular=specular, sheen=sheen, sheen_tint=0.6)


def skin(colour: Colour, roughness: float = 0.35, specular: float = 0.5, coat: float = 0.0) -> Material:
    """Fruit peel, crust, wood; `coat` adds a layer of wax."""
    return principled(colour, roughness=roughness, specular=specular, clearcoat=coat, clearcoat_gloss=0.85)


def two_sided(material: Material) -> Material:
    """The same surface on both sides, for open sheets; without it the back of a sheet is black."""
    return {"type": "twosided", "bsdf": material}

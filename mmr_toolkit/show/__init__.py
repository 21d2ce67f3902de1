"""Everything a person looks at in a notebook.

Read palette.py and plots.py (figures), rankings.py (rankings beside the truth), cards.py (hits and items as cards),
embed.py (pictures and sounds inside a page), share_bar.py (shares below a hit), heat_map.py, maps.py and
hover_map.py (vectors on a plane), why.py (what counted in a hit).
"""

from mmr_toolkit.show.cards import show_hits, show_items
from mmr_toolkit.show.embed import document
from mmr_toolkit.show.heat_map import show_heat_map
from mmr_toolkit.show.maps import show_map, show_panels, show_query
from mmr_toolkit.show.palette import MODALITY_COLOURS, PALETTE
from mmr_toolkit.show.plots import (
    caption,
    font_properties,
    show_k_occurrence,
    show_norms,
    show_pictures,
    show_spectrogram,
    show_waveform,
)
from mmr_toolkit.show.rankings import show_rankings
from mmr_toolkit.show.share_bar import part_name
from mmr_toolkit.show.why import show_occlusion, show_regions

__all__ = [
    "MODALITY_COLOURS",
    "PALETTE",
    "caption",
    "document",
    "font_properties",
    "part_name",
    "show_heat_map",
    "show_hits",
    "show_items",
    "show_k_occurrence",
    "show_map",
    "show_norms",
    "show_occlusion",
    "show_panels",
    "show_pictures",
    "show_query",
    "show_rankings",
    "show_regions",
    "show_spectrogram",
    "show_waveform",
]

"""The photo studio of the built-in shop: geometry, materials, light and camera, and one builder per product type."""

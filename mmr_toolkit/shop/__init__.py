"""CornerShop, the built-in collection."""

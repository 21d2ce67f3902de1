"""Encoders of pictures.

Read values.py (what they take), pictures.py, colour_texture.py (by hand), cnn.py (learned), then
torchvision_network.py and resnet.py (deep).
"""

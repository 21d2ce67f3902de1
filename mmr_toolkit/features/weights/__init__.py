"""Weights of networks, published and mini.

Read tier.py, folder.py (model.safetensors and config.json), network.py, then pretrained.py and load_errors.py.
"""

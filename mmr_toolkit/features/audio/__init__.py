"""Encoders of sound.

Read waveform.py, log_mel.py, frame_statistics.py, then mfcc.py and mel.py (by hand), last mel_cnn.py (learned).
"""

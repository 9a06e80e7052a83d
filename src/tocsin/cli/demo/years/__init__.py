"""Scenes of the days that decide whether anyone can rely on a line.

A cable that stays cut, a stolen key, a burnt disk, a member that leaves.
"""

"""Channels to outside platforms: one contract for all, and what each platform has besides."""

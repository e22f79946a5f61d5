"""Telegram: a bot that posts cards with inline keyboards, and hears taps and words."""

"""The roster in and out."""

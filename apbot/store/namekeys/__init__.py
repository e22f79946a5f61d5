"""What is encrypted at rest where APBOT_NAMES_KEY_FILE names a key: the key file, the cipher, and changing keys."""

"""HTTP: the built-in web chat, signing in to it, and the one app that everything else hangs on."""

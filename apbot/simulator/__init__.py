"""A rehearsal: the production composition on a virtual clock, scripted people, and the promises held against it."""

"""What a process of apbot does for as long as it runs: one module for each thing, `service.py` puts them together."""

"""PostgreSQL proper: several processes at once, connections that are lost, a server that is restarted."""

"""What is kept: the tables, the transactions, and the queries of each part of the work."""

"""What `/ap today`, `status`, `where` and `missing` answer, and to whom."""

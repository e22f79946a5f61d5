"""Email: messages as letters, with signed links to the page where their buttons are."""

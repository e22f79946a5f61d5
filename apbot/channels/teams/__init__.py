"""Microsoft Teams: adaptive cards in personal chats, group chats and channels."""

"""What people do on Telegram: questions and answers, commands, groups, and updates as they may come."""

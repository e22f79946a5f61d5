"""What people do on Slack besides pressing and typing plainly."""

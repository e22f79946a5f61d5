"""GOV.UK Notify: text messages and e-mail, free to state schools within an allowance."""

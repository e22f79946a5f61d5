"""Days on which something is otherwise than usual: each of them once lost an alert, or could have."""

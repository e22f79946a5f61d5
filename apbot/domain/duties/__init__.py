"""What a school owes a placed pupil beyond the day. One module for each duty; `registry` lists them."""

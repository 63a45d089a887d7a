"""What meets SIP servers: the gate inside Kamailio, and calls of the past replayed."""

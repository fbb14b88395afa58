"""What may start now, and why the rest waits. Pure: no I/O, no clock."""

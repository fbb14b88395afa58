"""What a running attempt needs: its output shipped and its end judged."""

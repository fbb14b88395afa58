"""`python -m foundations_server` is `atlas-server`."""

from foundations_server.command import run

if __name__ == "__main__":
    run()

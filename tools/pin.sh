#!/usr/bin/env bash
# Writes requirements.txt (what runs) and requirements_dev.txt (that and the tools), pinned with hashes.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/uv pip compile pyproject.toml "$@" \
    --generate-hashes --python-version 3.11 --no-header --quiet
}
compile --extra server --extra worker --output-file requirements.txt
compile --all-extras --group dev --output-file requirements_dev.txt

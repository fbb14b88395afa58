"""Which peers are installed, and how a program of theirs is run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.running import Program

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / ".peers"
_HERE = Path(__file__).resolve().parent
_NO_NETWORK = {"DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


@dataclass(frozen=True)
class Peer:
    """Another tracker: its environment, and the variables that keep it at home."""

    name: str
    package: str
    variables: Callable[[Path], dict[str, str]]

    @property
    def python(self) -> Path:
        return FOLDER / self.name / "bin" / "python"

    @property
    def is_installed(self) -> bool:
        return (FOLDER / self.name / "installed.json").exists()

    @property
    def title(self) -> str:
        """Return name and version as the table shows them."""
        pins = json.loads((FOLDER / self.name / "installed.json").read_text())
        version = str(pins[0]).partition("==")[2]
        return f"{self.package} {version}"

    def program(self, home: Path) -> Program:
        """Return its program, which keeps what it stores below `home`."""
        home.mkdir(parents=True, exist_ok=True)
        environment = {"HOME": str(home), **_NO_NETWORK, **self.variables(home)}
        return Program(self.python, _HERE / f"with_{self.name}.py", environment)


TRACKIO = Peer("trackio", "trackio", lambda home: {"TRACKIO_DIR": str(home / "trackio")})
MLFLOW = Peer(
    "mlflow",
    "MLflow",
    lambda home: {
        "MLFLOW_TRACKING_URI": f"sqlite:///{home}/mlflow.db",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "GIT_PYTHON_REFRESH": "quiet",
        # Without its job runner and with one worker the server is at its lightest and fastest.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    },
)
WANDB = Peer(
    "wandb",
    "wandb",
    lambda _: {
        "WANDB_MODE": "offline",
        "WANDB_SILENT": "true",
        "WANDB_ERROR_REPORTING": "false",
    },
)
TENSORBOARDX = Peer("tensorboardx", "tensorboardX", lambda _: {})
AIM = Peer("aim", "Aim", lambda _: {"AIM_ANALYTICS": "0"})
CLEARML = Peer(
    "clearml",
    "ClearML",
    lambda home: {"CLEARML_OFFLINE_MODE": "1", "CLEARML_CACHE_DIR": str(home / "cache")},
)

PEERS = (TRACKIO, TENSORBOARDX, WANDB, AIM, CLEARML, MLFLOW)

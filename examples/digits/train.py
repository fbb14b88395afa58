"""Train a small network on scikit-learn's digits; parameters come from the search."""

import time
from pathlib import Path

import joblib
import matplotlib as mpl
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

import foundations

mpl.use("Agg")  # no display inside a job

DEFAULTS = {"learning_rate": 0.01, "hidden": 32, "alpha": 1e-4, "epochs": 15, "batch_size": 64}
CLASSES = np.arange(10)


def main():
    parameters = {**DEFAULTS, **foundations.load_parameters(log_parameters=False)}
    foundations.log_params(parameters)
    train, test = split_digits()
    model = make_model(parameters)
    for epoch in range(parameters["epochs"]):
        started = time.perf_counter()
        train_one_epoch(model, *train, parameters["batch_size"], seed=epoch)
        accuracy = model.score(*test)
        foundations.log_metrics(
            {
                "train/loss": model.loss_,
                "test/loss": log_loss(test[1], model.predict_proba(test[0]), labels=CLASSES),
                "accuracy": accuracy,
            },
            step=epoch,
        )
        seconds = time.perf_counter() - started
        print(f"epoch {epoch + 1:2}  accuracy {accuracy:.4f}  ({seconds:.2f} s)")
    save_confusion_matrix(model, *test)
    save_model(model)


def split_digits():
    """Return (x, y) to train on and (x, y) to test on, scaled by the training part."""
    digits = load_digits()
    x_train, x_test, y_train, y_test = train_test_split(
        digits.data, digits.target, test_size=0.25, random_state=0, stratify=digits.target
    )
    scaler = StandardScaler().fit(x_train)
    return (scaler.transform(x_train), y_train), (scaler.transform(x_test), y_test)


def make_model(parameters):
    return MLPClassifier(
        hidden_layer_sizes=(parameters["hidden"],),
        learning_rate_init=parameters["learning_rate"],
        alpha=parameters["alpha"],
        random_state=0,
    )


def train_one_epoch(model, x, y, batch_size, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    for start in range(0, len(x), batch_size):
        batch = order[start : start + batch_size]
        model.partial_fit(x[batch], y[batch], classes=CLASSES)


def save_confusion_matrix(model, x, y):
    display = ConfusionMatrixDisplay.from_estimator(model, x, y, cmap="Blues", colorbar=False)
    display.ax_.set_title("Digits: true against predicted")
    display.figure_.savefig("confusion_matrix.png", dpi=110, bbox_inches="tight")
    foundations.save_artifact("confusion_matrix.png", "confusion matrix")


def save_model(model):
    path = Path("model.joblib")
    joblib.dump(model, path)
    foundations.save_artifact(path, "model")


if __name__ == "__main__":
    main()
